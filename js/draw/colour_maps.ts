/** Colour maps of scores. Purple is that of the style sheet; the others stand here. */

import type { ColourMap } from "../trace/options";
import { css, inkOn, mixOf, type Rgb, rgbIn } from "./colour";
import { mixInOklab } from "./oklab";
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

/** Colours from the lowest score to the highest; those of purple lie between two of the theme's. */
export function colourSteps(
  map: ColourMap,
  dark: boolean,
  purple: readonly [low: string, high: string],
): Step[] {
  const count = stepsOf(map);
  const colourAt = coloursOf(map, dark, purple);
  return Array.from({ length: count }, (_, step) => {
    const colour = colourAt(step / (count - 1));
    return { colour: css(colour), ink: css(inkOn(colour, dark)) };
  });
}

function coloursOf(
  map: ColourMap,
  dark: boolean,
  [low, high]: readonly [string, string],
): (share: number) => Rgb {
  if (map === "diverging") return (share) => diverging(2 * share - 1, 1, dark);
  if (map === "purple") {
    const ends = [rgbIn(low), rgbIn(high)] as const;
    return (share) => mixInOklab(...ends, share);
  }
  const grey = GREY[dark ? "dark" : "light"];
  const stops = { viridis: VIRIDIS, cividis: CIVIDIS, grey }[map].split(" ").map(rgbIn);
  return (share) => mixOf(stops, share);
}
