/** Colours of the cells of a map: of its weights, and of 0 and NaN those of their own. */

import { css, type Rgb, rgbIn } from "../../draw/colour";
import type { WeightColours } from "../../draw/weight_colours";

const STEPS = 255;

/** No ramp has them. */
const ZERO = { light: rgbIn("#dfe2e7"), dark: rgbIn("#363b45") };
const NOT_A_NUMBER: Rgb = [0.9, 0.45, 0];

export type Colours = ReturnType<typeof coloursOf>;

export function coloursOf({ name, share, ramp }: WeightColours, dark: boolean) {
  const colours = Array.from({ length: STEPS + 1 }, (_, step) => ramp(step / STEPS));
  const zero = ZERO[dark ? "dark" : "light"];
  return {
    name,
    share,
    zero: css(zero),
    nan: css(NOT_A_NUMBER),
    /** For bars and such. */
    strong: css(ramp(0.8)),
    of(value: number): Rgb {
      if (Number.isNaN(value)) return NOT_A_NUMBER;
      return value === 0 ? zero : (colours[Math.round(share(value) * STEPS)] ?? zero);
    },
  };
}
