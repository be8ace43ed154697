/**
 * Scores of the text heatmap. Cosines are computed here, not in Python, so that a click on a
 * word answers at once. NaN is "no score".
 */

import { shapeAt, type Tensor } from "../trace/tensor";
import type { Unit } from "../trace/units";

/** Vectors of units, one after the other, and their L2 norms. */
export interface Vectors {
  readonly count: number;
  readonly size: number;
  readonly data: Float32Array; // (unit, hidden)
  readonly norms: Float64Array; // (unit)
}

/** The vector of a unit is the mean of its tokens' vectors (token, hidden). */
export function wordVectors(hidden: Tensor, units: readonly Unit[]): Vectors {
  const size = shapeAt(hidden, 1);
  const { length: count } = units;
  const single = count === shapeAt(hidden, 0) && units.every(({ tokens }) => tokens.length === 1);
  const given = hidden.data;
  const data = single && given instanceof Float32Array ? given : means(given, size, units);
  const norms = new Float64Array(count);
  for (let unit = 0; unit < count; unit++)
    norms[unit] = Math.sqrt(dot(data, unit, data, unit, size));
  return { count, size, data, norms };
}

function means(data: Tensor["data"], size: number, units: readonly Unit[]): Float32Array {
  const found = new Float32Array(units.length * size);
  const mean = new Float64Array(size);
  units.forEach(({ tokens }, unit) => {
    mean.fill(0);
    for (const token of tokens) {
      for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (data[token * size + i] ?? 0);
    }
    for (let i = 0; i < size; i++) found[unit * size + i] = (mean[i] ?? 0) / tokens.length;
  });
  return found;
}

/** Of row `i` of `a` and row `j` of `b`; four sums at a time keep a processor busy. */
function dot(
  a: Float32Array,
  i: number,
  b: Float32Array | Float64Array,
  j: number,
  size: number,
): number {
  const [left, right] = [i * size, j * size];
  const even = size - (size % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0; k < even; k += 4) {
    s0 += (a[left + k] as number) * (b[right + k] as number);
    s1 += (a[left + k + 1] as number) * (b[right + k + 1] as number);
    s2 += (a[left + k + 2] as number) * (b[right + k + 2] as number);
    s3 += (a[left + k + 3] as number) * (b[right + k + 3] as number);
  }
  for (let k = even; k < size; k++) s0 += (a[left + k] as number) * (b[right + k] as number);
  return s0 + s1 + s2 + s3;
}

/** Cosine of each unit to the one before it in the text; special tokens are not text. */
export function previousCosine(vectors: Vectors, units: readonly Unit[]): Float64Array {
  const { data, size, norms } = vectors;
  let previous = -1;
  return Float64Array.from(units, ({ special }, unit) => {
    if (special) return Number.NaN;
    const before = previous;
    previous = unit;
    if (before < 0) return Number.NaN;
    // NaN for a zero vector: 0/0.
    return dot(data, unit, data, before, size) / ((norms[unit] ?? 0) * (norms[before] ?? 0));
  });
}

/** Cosine of each unit to the mean of the vectors of the targets, one unit or several. */
export function cosineToMean(vectors: Vectors, targets: readonly number[]): Float64Array {
  const { data, size, count, norms } = vectors;
  const goal = new Float64Array(size);
  const known = targets.every((unit) => unit >= 0 && unit < count);
  if (!targets.length || !known) return new Float64Array(count).fill(Number.NaN);
  for (const unit of targets) {
    for (let i = 0; i < size; i++) {
      goal[i] = (goal[i] ?? 0) + (data[unit * size + i] ?? 0) / targets.length;
    }
  }
  const length = Math.sqrt(goal.reduce((sum, x) => sum + x * x, 0));
  const found = new Float64Array(count);
  for (let unit = 0; unit < count; unit++) {
    found[unit] = dot(data, unit, goal, 0, size) / ((norms[unit] ?? 0) * length);
  }
  return found;
}

/** Of what enters it; of nothing but −∞ it is 0, as in block.py. */
export function softmax(logits: ArrayLike<number>): Float32Array {
  const most = Array.from(logits).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = new Float32Array(logits.length);
  if (most === Number.NEGATIVE_INFINITY) return weights;
  const parts = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = parts.reduce((a, b) => a + b, 0);
  return weights.map((_, key) => (parts[key] ?? 0) / sum);
}

/** Nothing is nearest. */
export const NO_PIN = 255;

/** For each unit the largest of its cosines, and which of the targets it is to. */
export function nearestOf(cosines: readonly Float64Array[]): {
  scores: Float64Array;
  nearest: Uint8Array;
} {
  const count = cosines[0]?.length ?? 0;
  const scores = new Float64Array(count).fill(Number.NaN);
  const nearest = new Uint8Array(count).fill(NO_PIN);
  cosines.forEach((of, target) => {
    for (let unit = 0; unit < count; unit++) {
      const score = of[unit] ?? Number.NaN;
      if (Number.isNaN(score) || score <= (scores[unit] ?? 0)) continue;
      scores[unit] = score;
      nearest[unit] = target;
    }
  });
  return { scores, nearest };
}

/** Mean over heads of (head, key) attention, summed over the key rows of each unit
 * (Clark et al. 2019); a unit without rows has no score. */
export function perUnit(
  attention: readonly ArrayLike<number>[],
  units: readonly (readonly number[])[],
): Float64Array {
  return Float64Array.from(units, (rows) => {
    if (!rows.length || !attention.length) return Number.NaN;
    let sum = 0;
    for (const weights of attention) for (const row of rows) sum += weights[row] ?? 0;
    return sum / attention.length;
  });
}
