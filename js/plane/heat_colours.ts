/** The colours of any numbers in a heat map: from 0 up, or to both sides of it; NaN is grey. */

import type { Rgb } from "../draw/colour";
import { css } from "../draw/colour";
import { groundOf, type Ramp, weightRampOf } from "../draw/colour_maps";
import type { LegendItem } from "../draw/legend";
import { type Range, rangeAboutZero, rangeFromZero } from "../draw/range";
import { beyondInWords } from "../draw/scale_words";
import { divergingWithin } from "../draw/scales";
import type { AppState } from "../state/app_state";

export interface HeatColours {
  /** What is drawn with the same name looks the same. */
  readonly name: string;
  readonly range: Range;
  of(value: number): Rgb;
  readonly legend: LegendItem[];
  /** Whether NaN stands for nothing, and is hatched. */
  readonly isEmptyNaN: boolean;
}

export interface HeatScale {
  /** What the numbers are. */
  label: string;
  /** How far they may be from the model's. */
  error?: number;
  /** A fixed end of the scale, for numbers that have one. */
  limit?: number;
  about?: string;
  /** Few numbers far from 0 are set aside, where they would leave no colour to the others. */
  setsAside?: boolean;
  /** Whether NaN stands for nothing, which is hatched on the ground; else it is grey. */
  isEmptyNaN?: boolean;
}

const SHADES = 17;
const MISSING: Rgb = [0.5, 0.5, 0.5];

/** From 0 up, or in blue from 0 down, where all have one sign; else blue below 0 and orange above. */
export function heatColours(
  state: Pick<AppState, "dark" | "numbers" | "say">,
  data: ArrayLike<number>,
  { label, error = 0, limit, about, setsAside = false, isEmptyNaN = false }: HeatScale,
): HeatColours {
  const dark = state.dark.value;
  const isSigned = has(data, (value) => value < 0);
  const isBelow = isSigned && !has(data, (value) => value > 0);
  const none = { count: 0, value: Number.NaN };
  const fixed = (low: number, high: number): Range => ({
    low,
    high,
    below: none,
    above: none,
    flat: false,
  });
  const range =
    limit !== undefined
      ? fixed(isSigned ? -limit : 0, limit)
      : isSigned
        ? (setsAside && withoutFew(data)) || rangeAboutZero(data)
        : rangeFromZero([data]);
  const from = range.low;
  const to = isBelow ? 0 : range.high;
  const missing = isEmptyNaN ? groundOf(dark) : MISSING;
  const { high } = range;
  const ramp: Ramp = weightRampOf("auto", dark);
  const of = (value: number): Rgb => {
    if (Number.isNaN(value)) return missing;
    if (isSigned || value > high) return divergingWithin(value, high, dark);
    return ramp(high > 0 ? value / high : 0);
  };
  const { numbers, say } = state;
  const scale: LegendItem = {
    ramp: Array.from({ length: SHADES }, (_, step) => {
      const share = step / (SHADES - 1);
      return css(of(from + share * (to - from)));
    }),
    low: numbers.glance(from, error),
    high: `${isSigned && !isBelow ? "+" : ""}${numbers.glance(to, error)}`,
    label,
    beyond: beyondInWords(say, range, (value) => numbers.end(value, error)),
    ...(about && { about }),
  };
  const name = [dark, isSigned, range.low, high, isEmptyNaN].join();
  return { name, range, of, legend: [scale], isEmptyNaN };
}

/** Of so many numbers one may be set aside, if it lies so many times farther than the others. */
const FEW = 0.005;
const FAR = 3;

/** As far to both sides as all but a few lie; null where none lies far beyond. */
function withoutFew(data: ArrayLike<number>): Range | null {
  const sizes = Float64Array.from(data, Math.abs).filter(Number.isFinite).sort();
  const high = sizes[Math.floor((1 - FEW) * (sizes.length - 1))] ?? 0;
  const most = sizes[sizes.length - 1] ?? 0;
  if (!(high > 0) || most < FAR * high) return null;
  const [below, above] = [
    { count: 0, value: 0 },
    { count: 0, value: 0 },
  ];
  for (let index = 0; index < data.length; index++) {
    const value = data[index] ?? 0;
    if (!(Math.abs(value) > high)) continue;
    const side = value < 0 ? below : above;
    side.count += 1;
    if (Math.abs(value) > Math.abs(side.value)) side.value = value;
  }
  return { low: -high, high, below, above, flat: false };
}

function has(data: ArrayLike<number>, wanted: (value: number) => boolean): boolean {
  for (let index = 0; index < data.length; index++) if (wanted(data[index] ?? 0)) return true;
  return false;
}
