/** Steps and colours of scores, shared by all views. */

import { css, mix, type Rgb } from "./colour";
import { STEPS } from "./weight_scale";

// ---- sequential ------------------------------------------------------------------------------

/** Number of background classes `aw-heat-0` to `aw-heat-31` in draw/scores.css. */
export const HEAT_CLASSES = STEPS;

/** Step of a score between two limits; -1 for no score. Where they are equal it is the middle. */
export function heatStep(
  score: number,
  [low, high]: readonly [number, number],
  steps = HEAT_CLASSES,
): number {
  if (Number.isNaN(score)) return -1;
  const share = high > low ? (score - low) / (high - low) : 0.5;
  return Math.round(Math.min(1, Math.max(0, share)) * (steps - 1));
}

/** Class of a step. */
export const heatClass = (step: number): string => `aw-heat-${step}`;

// ---- diverging -------------------------------------------------------------------------------

/** Blue and orange: apart for every kind of eye; lighter on dark paper. */
const ENDS = {
  light: { paper: [0.97, 0.97, 0.97], negative: [0.13, 0.4, 0.67], positive: [0.85, 0.38, 0.05] },
  dark: {
    paper: [0.13, 0.13, 0.13],
    negative: [0.1625, 0.5, 0.8375],
    positive: [1, 0.475, 0.0625],
  },
} as const;

/** Of what is set aside beyond the scale: as far from paper as the theme goes. */
const BEYOND = {
  light: { negative: [0.02, 0.08, 0.2], positive: [0.26, 0.06, 0] },
  dark: { negative: [0.8, 0.92, 1], positive: [1, 0.93, 0.78] },
} as const;

/** Blue for negative, paper for 0, orange for positive, over -limit..limit; grey for NaN. */
export function diverging(value: number, limit: number, dark: boolean): Rgb {
  if (Number.isNaN(value)) return [0.5, 0.5, 0.5];
  const share = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
  const { paper, negative, positive } = ENDS[dark ? "dark" : "light"];
  return mix(paper, value < 0 ? negative : positive, share);
}

/** The same, but what lies beyond the limits has colours of its own. */
export const divergingWithin = (value: number, limit: number, dark: boolean): Rgb =>
  limit > 0 && Math.abs(value) > limit
    ? BEYOND[dark ? "dark" : "light"][value < 0 ? "negative" : "positive"]
    : diverging(value, limit, dark);

export const divergingCss = (value: number, limit: number, dark: boolean): string =>
  css(diverging(value, limit, dark));
