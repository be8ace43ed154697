/**
 * Scores of the text heatmap. Cosines are computed here, not in Python, so that a click on a
 * word answers at once. NaN is "no score".
 */

import { at, shapeAt, type Tensor } from "./tensor";
import type { Unit } from "./units";

/** The vector of a unit is the mean of its tokens' vectors. (unit, hidden) */
export function unitVectors(hidden: Tensor, units: readonly Unit[]): Float64Array[] {
  const size = shapeAt(hidden, 1);
  return units.map((unit) => {
    const mean = new Float64Array(size);
    for (const token of unit.tokens) {
      const row = at(hidden, token);
      for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (row[i] ?? 0) / unit.tokens.length;
    }
    return mean;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** NaN for a zero vector: 0/0. */
export function cosine(a: Float64Array, b: Float64Array): number {
  return dot(a, b) / (Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b)));
}

/** L2 norms. */
export function norms(vectors: readonly Float64Array[]): number[] {
  return vectors.map((vector) => Math.sqrt(dot(vector, vector)));
}

/** Cosine of each unit to the one before it in the text; special tokens are not text. */
export function previousCosines(
  vectors: readonly Float64Array[],
  units: readonly Unit[],
): number[] {
  let previous: Float64Array | undefined;
  return vectors.map((vector, index) => {
    if (units[index]?.special) return Number.NaN;
    const score = previous ? cosine(vector, previous) : Number.NaN;
    previous = vector;
    return score;
  });
}

export function cosinesTo(vectors: readonly Float64Array[], target: number): number[] {
  const goal = vectors[target];
  return vectors.map((vector) => (goal ? cosine(vector, goal) : Number.NaN));
}

/** Mean over heads of (head, key) attention, summed over the key rows of each unit
 * (Clark et al. 2019); a unit without rows has no score. */
export function perUnit(
  attention: readonly ArrayLike<number>[],
  units: readonly (readonly number[])[],
): number[] {
  return units.map((rows) => {
    if (!rows.length || !attention.length) return Number.NaN;
    let sum = 0;
    for (const weights of attention) for (const row of rows) sum += weights[row] ?? 0;
    return sum / attention.length;
  });
}

/** Smallest and largest score that is a number; null if there is none. */
export function extent(scores: readonly number[]): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (!Number.isFinite(score)) continue;
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  return low <= high ? [low, high] : null;
}
