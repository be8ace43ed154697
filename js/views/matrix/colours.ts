/** Colours of weights: a ramp by lightness, and colours of their own for 0 and for NaN. */

import { css, mixOf, type Rgb } from "../../draw/colour";

const STEPS = 256;

/** Light to dark on paper, dark to light on black: lightness alone tells them apart. */
const RAMPS: Record<"light" | "dark", readonly Rgb[]> = {
  light: [
    [0.975, 0.965, 0.992],
    [0.82, 0.73, 0.94],
    [0.61, 0.41, 0.85],
    [0.38, 0.17, 0.62],
    [0.14, 0.02, 0.29],
  ],
  dark: [
    [0.11, 0.085, 0.17],
    [0.28, 0.16, 0.48],
    [0.51, 0.33, 0.8],
    [0.76, 0.63, 0.96],
    [0.99, 0.97, 1],
  ],
};
const ZERO = { light: [0.885, 0.895, 0.91], dark: [0.215, 0.23, 0.26] } as const;
/** Most weights are small: of the ramp they have the larger part. */
const BEND = 0.6;
/** Green: on no ramp here, and apart from the orange of NaN by lightness too. */
const BEYOND = { light: [0, 0.27, 0.2], dark: [0.62, 0.98, 0.84] } as const;
const NOT_A_NUMBER: Rgb = [0.9, 0.45, 0];

/** Which numbers the ends of the ramp stand for. */
export interface Domain {
  low: number;
  high: number;
  log: boolean;
  /** Shares of the largest weight in their row, not weights. */
  relative: boolean;
  /** What is above `high` has a colour of its own. */
  beyond?: boolean;
}

export type Colours = ReturnType<typeof coloursOf>;

/** A logarithmic scale of more decades would tell all that is not the largest alike. */
const DECADES = 5;

/** @param least of those above 0; 0 where there is none */
export function domainOf(least: number, most: number, log: boolean, relative: boolean): Domain {
  const high = most > 0 ? most : 1;
  if (!log) return { low: 0, high, log, relative };
  const low = Math.max(least, high * 10 ** -DECADES);
  return { low: low < high ? low : high / 10, high, log, relative };
}

export function coloursOf(domain: Domain, dark: boolean) {
  const theme = dark ? "dark" : "light";
  const bend = domain.log ? 1 : BEND;
  const ramp = Array.from({ length: STEPS }, (_, step) =>
    mixOf(RAMPS[theme], (step / (STEPS - 1)) ** bend),
  );
  const zero = ZERO[theme];
  const { low, high, log, beyond = false } = domain;
  const start = log ? Math.log(low) : low;
  const width = (log ? Math.log(high) : high) - start;
  const step = (value: number) => {
    const share = ((log ? Math.log(value) : value) - start) / width;
    return Math.min(STEPS - 1, Math.max(0, Math.round(share * (STEPS - 1))));
  };
  const of = (value: number): Rgb =>
    Number.isNaN(value)
      ? NOT_A_NUMBER
      : value === 0
        ? zero
        : beyond && value > high
          ? BEYOND[theme]
          : (ramp[step(value)] ?? zero);
  return {
    domain,
    ramp: Array.from({ length: 32 }, (_, part) => css(ramp[Math.round((part * 255) / 31)] ?? zero)),
    zero: css(zero),
    nan: css(NOT_A_NUMBER),
    /** Of what lies above the scale. */
    beyond: css(BEYOND[theme]),
    /** For bars and such. */
    strong: css(mixOf(RAMPS[theme], 0.55)),
    of,
  };
}
