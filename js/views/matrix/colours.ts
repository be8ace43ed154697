/** Colours of the cells of a map: of its weights, and of 0 and NaN those of their own. */

import { css, type Rgb, rgbIn } from "../../draw/colour";
import type { WeightColours } from "../../draw/weight_colours";

const STEPS = 255;

/** No ramp has them. */
const ZERO = { light: rgbIn("#dfe2e7"), dark: rgbIn("#363b45") };
const NOT_A_NUMBER: Rgb = [0.9, 0.45, 0];
/** Of tokens that stand alone: nothing is there. */
const NOBODY = { light: rgbIn("#b9bec8"), dark: rgbIn("#4a515e") };

export type Colours = ReturnType<typeof coloursOf>;

export function coloursOf(
  { name, top, share, ramp, isSigned = false }: WeightColours,
  dark: boolean,
  isNobody = false,
) {
  const lost = isNobody ? NOBODY[dark ? "dark" : "light"] : NOT_A_NUMBER;
  const ofSide = (side: number) =>
    Array.from({ length: STEPS + 1 }, (_, step) => ramp((side * step) / STEPS));
  const colours = ofSide(1);
  const below = isSigned ? ofSide(-1) : colours;
  // What did not change has the colour that is in the middle of the scale.
  const zero = isSigned ? ramp(0) : ZERO[dark ? "dark" : "light"];
  return {
    name,
    top,
    share,
    isSigned,
    zero: css(zero),
    nan: css(lost),
    /** For bars and such. */
    strong: (value: number) => css(ramp(value < 0 && isSigned ? -0.8 : 0.8)),
    of(value: number): Rgb {
      if (Number.isNaN(value)) return lost;
      if (value === 0) return zero;
      const of = share(value);
      return (of < 0 ? below : colours)[Math.round(Math.abs(of) * STEPS)] ?? zero;
    },
  };
}
