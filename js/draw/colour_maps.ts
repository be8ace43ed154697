/** Colour maps of scores. Purple is that of the style sheet; the others stand here. */

import type { ColourMap } from "../trace/options";
import { contrast, css, hexRgb, type Rgb } from "./palette";
import { diverging, HEAT_CLASSES } from "./scales";

/** Every sixteenth of Matplotlib's tables: van der Walt and Smith 2015 ... */
const VIRIDIS =
  "#440154 #48186a #472d7b #424086 #3b528b #33638d #2c728e #26828e #21918c #1f9f88 #27ad81 #3dbc74 #5cc863 #81d34d #aadc32 #d5e21a #fde725";
/** ... and Nuñez, Anderton and Renslow 2018. */
const CIVIDIS =
  "#00224e #002e6a #1a386f #32436d #434e6c #535a6d #61656f #6f7073 #7d7c78 #8b8778 #9a9376 #aaa073 #bbad6d #ccba64 #ddc858 #efd748 #fee838";
/** From paper to the grey that ink still stands out on. */
const GREY = { light: "#f7f7f7 #8f8f8f", dark: "#1c1c1c #6b6b6b" };

export interface Step {
  /** Of the background. */
  colour: string;
  /** Of the text on it. */
  ink: string;
}

/** Limits of the scale lie as far from 0 on both sides. */
export const isDiverging = (map: ColourMap): boolean => map === "diverging";

/** How many steps a map has: an odd number where 0 has one of its own. */
export const stepsOf = (map: ColourMap): number =>
  isDiverging(map) ? HEAT_CLASSES - 1 : HEAT_CLASSES;

/** Colours from the lowest score to the highest; null for those of the style sheet. */
export function colourSteps(map: ColourMap, dark: boolean): Step[] | null {
  if (map === "purple") return null;
  const count = stepsOf(map);
  const shares = Array.from({ length: count }, (_, step) => step / (count - 1));
  const colourAt = isDiverging(map)
    ? (share: number) => diverging(2 * share - 1, 1, dark)
    : between(stopsOf(map, dark));
  return shares.map((share) => {
    const colour = colourAt(share);
    return { colour: css(colour), ink: css(inkOn(colour, dark)) };
  });
}

function stopsOf(map: ColourMap, dark: boolean): Rgb[] {
  const stops =
    map === "viridis" ? VIRIDIS : map === "cividis" ? CIVIDIS : GREY[dark ? "dark" : "light"];
  return stops.split(" ").map(hexRgb);
}

function between(stops: readonly Rgb[]): (share: number) => Rgb {
  const last = stops.length - 1;
  return (share) => {
    const place = share * last;
    const below = Math.min(last - 1, Math.floor(place));
    const [a, b] = [stops[below] ?? BLACK, stops[below + 1] ?? BLACK];
    const mix = (channel: 0 | 1 | 2) => a[channel] + (b[channel] - a[channel]) * (place - below);
    return [mix(0), mix(1), mix(2)];
  };
}

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [1, 1, 1];
const INKS = { light: hexRgb("#16181d"), dark: hexRgb("#eceef2") };

/** WCAG 2.2, 1.4.3. */
const READABLE = 4.5;

/** The ink of the theme where it can be read, else black or white: one of them always can. */
function inkOn(colour: Rgb, dark: boolean): Rgb {
  const inks = [dark ? INKS.dark : INKS.light, dark ? BLACK : WHITE];
  const found = inks.find((ink) => contrast(ink, colour) >= READABLE);
  return found ?? (dark ? WHITE : BLACK);
}
