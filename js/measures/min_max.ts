/** Scores as parts of the way from the smallest to the largest of the text; see measures/vectors.py. */

export interface Limits {
  readonly low: number;
  readonly high: number;
}

/** The smallest and the largest finite score of what `counts`; null if there is none. */
export function limitsOf(
  scores: ArrayLike<number>,
  counts: (index: number) => boolean,
): Limits | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? Number.NaN;
    if (!Number.isFinite(score) || !counts(index)) continue;
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  return low <= high ? { low, high } : null;
}

/** 0 for the smallest, 1 for the largest; NaN for what has no score or does not count. */
export function minMax(scores: ArrayLike<number>, special: readonly boolean[]): Float64Array {
  const counts = (index: number) => !special[index];
  const limits = limitsOf(scores, counts);
  return Float64Array.from(scores, (score, index) => {
    if (!limits || !counts(index) || !Number.isFinite(score)) return Number.NaN;
    const { low, high } = limits;
    return high > low ? (score - low) / (high - low) : 0;
  });
}
