/** Opacity, colours of scores, and number formats: one of each, shared by all views. */

import { decimalsOf, exactness } from "./exactness";
import { css, type Rgb } from "./palette";

// ---- opacity ---------------------------------------------------------------------------------

/** Lines are drawn in at most this many batches of one opacity each. */
export const OPACITY_LEVELS = 16;

/**
 * Level of a weight in 0..1, finer for small weights, where most are; 0 is not to be seen. Levels
 * are rounded, so that many faint lines do not add up to a haze that no weight stands for.
 */
export function opacityLevel(weight: number): number {
  return Math.min(OPACITY_LEVELS, Math.round(Math.sqrt(weight) * OPACITY_LEVELS));
}

/** Opacity of a level: in proportion to the weight. */
export const opacityOf = (level: number): number => (level / OPACITY_LEVELS) ** 2;

// ---- sequential ------------------------------------------------------------------------------

/** Number of background classes `aw-heat-0` to `aw-heat-31` in scores.css. */
export const HEAT_CLASSES = 32;

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

const NEGATIVE: Rgb = [0.13, 0.4, 0.67]; // blue and orange: apart for every kind of eye
const POSITIVE: Rgb = [0.85, 0.38, 0.05];

/** Of what is set aside beyond the scale: as far from paper as the theme goes. */
const BEYOND = {
  light: { negative: [0.02, 0.08, 0.2], positive: [0.26, 0.06, 0] },
  dark: { negative: [0.8, 0.92, 1], positive: [1, 0.93, 0.78] },
} as const;

/** Blue for negative, paper for 0, orange for positive, over -limit..limit; grey for NaN. */
export function diverging(value: number, limit: number, dark: boolean): Rgb {
  if (Number.isNaN(value)) return [0.5, 0.5, 0.5];
  const paper = dark ? 0.13 : 0.97;
  const share = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
  const end = value < 0 ? NEGATIVE : POSITIVE;
  const lift = dark ? 1.25 : 1;
  const mix = (channel: number) =>
    Math.min(1, paper + (Math.min(1, channel * lift) - paper) * share);
  return [mix(end[0]), mix(end[1]), mix(end[2])];
}

/** The same, but what lies beyond the limits has colours of its own. */
export const divergingWithin = (value: number, limit: number, dark: boolean): Rgb =>
  limit > 0 && Math.abs(value) > limit
    ? BEYOND[dark ? "dark" : "light"][value < 0 ? "negative" : "positive"]
    : diverging(value, limit, dark);

export const divergingCss = (value: number, limit: number, dark: boolean): string =>
  css(diverging(value, limit, dark));

// ---- numbers ---------------------------------------------------------------------------------

const minus = (text: string) => text.replaceAll("-", "−");

/** A probability as every view shows it: four decimals, or as many as it has. */
export const formatWeight = (weight: number): string => formatShare(weight, exactness().weight);

/** The same, where another error is known. */
export function formatShare(weight: number, error: number): string {
  if (Number.isNaN(weight)) return "NaN";
  const decimals = Math.min(4, decimalsOf(error));
  const least = 10 ** -decimals;
  if (error > 0 && weight > 0 && weight < least) return `<${least.toFixed(decimals)}`;
  return weight.toFixed(decimals);
}

/** Any other number, at a glance; `error` is how far it may be from the model's. */
export function formatNumber(value: number, error = 0): string {
  if (!Number.isFinite(value)) return minus(String(value));
  const size = Math.abs(value);
  const isShort = error <= size * 5e-3; // three digits are there
  if (size !== 0 && isShort && (size < 1e-3 || size >= 1e5)) return minus(value.toExponential(2));
  return fixed(value, Math.min(size < 10 ? 3 : size < 1000 ? 2 : 0, decimalsOf(error)));
}

/** An end of a scale: three digits at least, so that two of them differ where they can. */
export function formatEnd(value: number, error = 0): string {
  const size = Math.abs(value);
  const isShort = error <= size * 5e-3; // three digits are there
  const isSmall = size >= 1e-3 && size < 0.1;
  return isSmall && isShort ? minus(value.toPrecision(3)) : formatNumber(value, error);
}

/** What the last digit stands for of a number of this size as it is printed there. */
export function lastPlace(size: number): number {
  if (!(size > 0)) return 0;
  if (size < 0.1 || size >= 1e5) return 10 ** (Math.floor(Math.log10(size)) - 2);
  return size < 10 ? 1e-3 : size < 1000 ? 1e-2 : 1;
}

/** A float32 in full, for the reader who points at it, or as many digits as it has. */
export function formatExact(value: number, error = 0): string {
  const whole = minus(String(Number(value.toPrecision(7))));
  if (!(error > 0) || !Number.isFinite(value)) return whole;
  const short = fixed(value, Math.min(20, decimalsOf(error)));
  return short.length < whole.length ? short : whole;
}

function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}
