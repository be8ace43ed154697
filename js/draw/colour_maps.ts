/** Palettes of weights and scores: from what lies near the paper to what stands out from it. */

import type { ColourMap } from "../trace/options";
import { css, inkOn, mix, mixOf, PAPERS, type Rgb, rgbIn } from "./colour";
import { diverging, HEAT_CLASSES } from "./scales";

/** Every sixteenth of Matplotlib's tables: van der Walt and Smith 2015 ... */
const VIRIDIS =
  "#440154 #48186a #472d7b #424086 #3b528b #33638d #2c728e #26828e #21918c #1f9f88 #27ad81 #3dbc74 #5cc863 #81d34d #aadc32 #d5e21a #fde725";
/** ... and Nuñez, Anderton and Renslow 2018. */
const CIVIDIS =
  "#00224e #002e6a #1a386f #32436d #434e6c #535a6d #61656f #6f7073 #7d7c78 #8b8778 #9a9376 #aaa073 #bbad6d #ccba64 #ddc858 #efd748 #fee838";
const TABLES = {
  viridis: VIRIDIS.split(" ").map(rgbIn),
  cividis: CIVIDIS.split(" ").map(rgbIn),
};

/** The strongest of each, on light paper and on dark. */
const STRONGEST = {
  purple: { light: rgbIn("#7038c4"), dark: rgbIn("#c4a1ff") },
  red: { light: rgbIn("#a50f22"), dark: rgbIn("#ff8f85") },
  grey: { light: rgbIn("#2b2e35"), dark: rgbIn("#dfe2e8") },
};

/** Where nothing is, in every view: paper, but to be seen on it. */
const GROUNDS = {
  light: mix(PAPERS.light, rgbIn("#e9ecf2"), 0.4),
  dark: mix(PAPERS.dark, rgbIn("#2b303a"), 0.4),
};

export const groundOf = (dark: boolean): Rgb => GROUNDS[dark ? "dark" : "light"];

/** The colour of a share of it, 0 to 1. */
export type Ramp = (share: number) => Rgb;

/** @param own what is automatic grows to this colour, else to purple. */
export function rampOf(map: ColourMap, dark: boolean, own: string | null = null): Ramp {
  const theme = dark ? "dark" : "light";
  if (map === "diverging") return (share) => diverging(share, 1, dark);
  if (map === "viridis" || map === "cividis") {
    // Its strong end is the one that stands out from the paper.
    return (share) => mixOf(TABLES[map], dark ? share : 1 - share);
  }
  const strongest = map === "auto" && own ? rgbIn(own) : STRONGEST[map === "auto" ? "purple" : map];
  const end = "light" in strongest ? strongest[theme] : strongest;
  const ground = groundOf(dark);
  return (share) => mix(ground, end, share);
}

/** From paper to one colour, of which there is more and more. */
export const isFading = (map: ColourMap): boolean =>
  map !== "viridis" && map !== "cividis" && map !== "diverging";

/** By this share of theirs they have their own colours. */
const FADE = 0.15;

/** Of weights: all begin with no colour at all; a diverging one at both sides of 0. */
export function weightRampOf(map: ColourMap, dark: boolean, own: string | null = null): Ramp {
  const ramp = rampOf(map, dark, own);
  if (isFading(map)) return ramp;
  return (share) => mix(groundOf(dark), ramp(share), Math.min(1, Math.abs(share) / FADE));
}

/** How weights are coloured, or differences of them. */
export interface WeightColours {
  /** What is drawn with the same name looks the same. */
  readonly name: string;
  /** The weight that has all of the colour: 1, but where a view says otherwise. */
  readonly top: number;
  /** Whether they are of differences, which lie on both sides of 0. */
  readonly isSigned?: boolean;
  /** Of 0 ... 1, and of NaN none: NaN too. Of a difference -1 ... 1. */
  share(weight: number): number;
  /** The colour of a share. */
  ramp: Ramp;
  /** Of a weight that is a number. */
  of(weight: number): Rgb;
  css(weight: number): string;
}

export interface Step {
  /** Of the background. */
  colour: string;
  /** Of the text on it. */
  ink: string;
}

/** Limits of the scale lie as far from 0 on both sides. */
export const isDiverging = (map: ColourMap): boolean => map === "diverging";

/** How many steps scores have: an odd number where 0 has one of its own. */
export const stepsOf = (map: ColourMap): number =>
  isDiverging(map) ? HEAT_CLASSES - 1 : HEAT_CLASSES;

/** Colours from the lowest score to the highest. */
export function colourSteps(map: ColourMap, dark: boolean): Step[] {
  const count = stepsOf(map);
  const ramp = isDiverging(map)
    ? (share: number) => diverging(2 * share - 1, 1, dark)
    : rampOf(map, dark);
  return stepsAlong(ramp, dark, count);
}

export const stepsAlong = (ramp: Ramp, dark: boolean, count = HEAT_CLASSES): Step[] =>
  Array.from({ length: count }, (_, step) => {
    const colour = ramp(step / (count - 1));
    return { colour: css(colour), ink: css(inkOn(colour, dark)) };
  });
