import { lastPlace, numbersIn } from "../language/numbers";

/** To compare them: the sign is the same for all. */
const formatEnd = (value: number) => numbersIn("en").end(value);

/** What lies beyond one end. */
export interface Beyond {
  count: number;
  /** The farthest; NaN for none. */
  value: number;
}

export interface Range {
  low: number;
  high: number;
  below: Beyond;
  above: Beyond;
  /** The values differ by less than is printed. */
  flat: boolean;
}

/** An outlier is at least this many times the spread of the others away from them. */
const FAR = 9;
/** Of so many values one may be an outlier; of fewer than LEAST none. */
const RARE = 8;
const LEAST = 4;

const NONE: Beyond = { count: 0, value: Number.NaN };

/** Of shares of a whole, whatever is there. */
export const UNIT_RANGE: Range = { low: 0, high: 1, below: NONE, above: NONE, flat: false };

const mostOutliers = (count: number) => (count < LEAST ? 0 : Math.max(1, Math.floor(count / RARE)));

/** Whether two ends are the same number, to the precision in which they are shown. */
export const isFlat = (
  low: number,
  high: number,
  format: (value: number) => string = formatEnd,
): boolean =>
  format(low) === format(high) || high - low < lastPlace(Math.max(Math.abs(low), Math.abs(high)));

/** From the smallest to the largest, whatever lies far out. */
export const endsRange = (
  low: number,
  high: number,
  format: (value: number) => string = formatEnd,
): Range => ({ low, high, below: NONE, above: NONE, flat: isFlat(low, high, format) });

/** Weights below it are next to nothing: no scale of shares of attention ends there. */
export const LEAST_SHARE = 0.01;

/** Of the finite values that count, null if there is none; `least` is the least that may end it,
 * `format` how an end of it is printed. */
export function rangeOf(
  values: ArrayLike<number>,
  counts: (index: number) => boolean = () => true,
  least = 0,
  format: (value: number) => string = formatEnd,
): Range | null {
  const kept: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isFinite(value) && counts(index)) kept.push(value);
  }
  const n = kept.length;
  if (!n) return null;
  const sorted = Float64Array.from(kept).sort();
  const at = (index: number) => sorted[index] ?? 0;
  const middle = at(n >> 1);
  const isFar = (gap: number, spread: number) => gap > 0 && gap >= FAR * spread;
  const gapBelow = (cut: number) => at(cut) - at(cut - 1);
  const gapAbove = (cut: number) => at(n - cut) - at(n - 1 - cut);
  const [lower, upper] = [[0], [0]];
  for (let cut = 1; cut <= mostOutliers(n); cut++) {
    if (isFar(gapBelow(cut), middle - at(cut))) lower.push(cut);
    if (isFar(gapAbove(cut), at(n - 1 - cut) - middle)) upper.push(cut);
  }
  let [first, last] = [0, 0];
  for (const below of lower) {
    for (const above of upper) {
      const [low, high] = [at(below), at(n - 1 - above)];
      const fits =
        below + above <= mostOutliers(n) &&
        (!below || isFar(gapBelow(below), high - low)) &&
        (!above || isFar(gapAbove(above), high - low)) &&
        Math.max(Math.abs(low), Math.abs(high)) >= least &&
        !isFlat(low, high, format);
      if (fits && below + above > first + last) [first, last] = [below, above];
    }
  }
  const [low, high] = [at(first), at(n - 1 - last)];
  return {
    low,
    high,
    below: first ? { count: first, value: at(0) } : NONE,
    above: last ? { count: last, value: at(n - 1) } : NONE,
    flat: isFlat(low, high, format),
  };
}

/** Numbers whose bits agree so far differ by less than an eighth. */
const BIN_SHIFT = 20;
const BINS = 2 ** (31 - BIN_SHIFT);

/** The same of magnitudes, from 0 on, which `end` ends at the least. There may be millions: they are
 * not sorted. */
export function rangeFromZero(arrays: readonly ArrayLike<number>[], end = 0): Range {
  const counts = new Uint32Array(BINS);
  const least = new Float64Array(BINS).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(BINS);
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  let n = 0;
  for (const values of arrays) {
    for (let index = 0; index < values.length; index++) {
      const size = Math.abs(values[index] ?? Number.NaN);
      if (!(size < Number.POSITIVE_INFINITY)) continue;
      single[0] = size;
      const bin = (bits[0] ?? 0) >>> BIN_SHIFT;
      counts[bin] = (counts[bin] ?? 0) + 1;
      if (size < (least[bin] ?? 0)) least[bin] = size;
      if (size > (most[bin] ?? 0)) most[bin] = size;
      n += 1;
    }
  }
  let [high, farthest, passed, set] = [0, 0, 0, 0];
  let above: number | null = null; // the least of those passed
  for (let bin = BINS - 1; bin >= 0 && passed <= mostOutliers(n); bin--) {
    if (!counts[bin]) continue;
    const size = most[bin] ?? 0;
    if (above === null) [high, farthest] = [size, size];
    else if (size > 0 && size >= end && above - size >= FAR * size) [high, set] = [size, passed];
    passed += counts[bin] ?? 0;
    above = least[bin] ?? 0;
  }
  const beyond = set ? { count: set, value: farthest } : NONE;
  return { low: 0, high, below: NONE, above: beyond, flat: false };
}

/** As far to both sides of 0. */
export function rangeAboutZero(...arrays: readonly ArrayLike<number>[]): Range {
  const { high, above: beyond } = rangeFromZero(arrays);
  const [below, above] = [{ ...NONE }, { ...NONE }];
  for (const values of beyond.count ? arrays : []) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? Number.NaN;
      if (!(Math.abs(value) > high && Math.abs(value) < Number.POSITIVE_INFINITY)) continue;
      const side = value < 0 ? below : above;
      side.count += 1;
      if (!(Math.abs(side.value) >= Math.abs(value))) side.value = value;
    }
  }
  return { low: -high, high, below, above, flat: false };
}

/** Where a value lies that is set aside. */
export function sideOf(
  value: number,
  { low, high, below, above }: Range,
): "above" | "below" | null {
  if (above.count && value > high) return "above";
  return below.count && value < low ? "below" : null;
}

/** The largest magnitude of all values, those set aside too. */
export const farthest = ({ low, high, below, above }: Range): number =>
  Math.max(...[low, high, below.value, above.value].map((value) => Math.abs(value) || 0));
