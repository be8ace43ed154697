/** How far the numbers at hand may be from the model's: nothing, but in a page that rounds them. */

import { isInfluence } from "./influence";
import type { Measure } from "./options";

export interface Exactness {
  /** Of an attention weight, and of sums and means of a row. */
  weight: number;
  cosine: number;
  /** Of a norm, as a share of it. */
  norm: number;
  /** Of a score, and of what enters the softmax. */
  score: number;
  /** Of an element of a query or key, as a share of the largest in its head. */
  element: number;
}

const EXACT: Exactness = { weight: 0, cosine: 0, norm: 0, score: 0, element: 0 };

let known = EXACT;

export const exactness = (): Exactness => known;

/** A page says so once, before anything is drawn. Returns what undoes it. */
export function declareRounding(by: Partial<Exactness>): () => void {
  known = { ...EXACT, ...by };
  return () => {
    known = EXACT;
  };
}

/** Decimals that a number has: its last digit may be off by one and a half, no more. */
export const decimalsOf = (error: number): number =>
  error > 0 ? Math.max(0, Math.floor(1e-9 - Math.log10(error))) : Number.POSITIVE_INFINITY;

/** Of a weight that is a softmax of scores. */
export const errorOfSoftmax = (weight: number): number =>
  2 * known.score * (weight * (1 - weight) || 0);

/** Of a weight as a share of the largest in its row, which sums to `sum`: a row is as exact as its
 * sum is small, and the sums of heads are within twice as much of each other. */
export const errorOfShare = (share: number, most: number, sum: number): number =>
  most > 0 ? known.weight * ((Math.min(1, sum) * (1 + share)) / most + 2 * share) : 0;

/** The vector of a word or passage is the mean of its tokens': its norm follows from their cosines. */
export function errorOfScore(measure: Measure, isMean: boolean, score: number): number {
  if (isInfluence(measure)) return 0;
  if (measure === "norm") return (isMean ? 2 * known.cosine : known.norm) * Math.abs(score);
  return measure === "attention_from" || measure === "attention_received"
    ? known.weight
    : known.cosine;
}
