/** Scores of a query: q·k·scale of the kept vectors, and what enters the softmax. */

import { at, type Numbers, shapeAt, type Tensor } from "../trace/tensor";

/** (2, key) */
export function scoreTensor(
  query: Numbers,
  keys: Tensor,
  scale: number,
  logits: (scores: Float32Array) => Numbers,
): Tensor {
  const count = shapeAt(keys, 0);
  const scores = new Float32Array(count);
  for (let key = 0; key < count; key++) {
    const vector = at(keys, key);
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += (query[i] ?? 0) * (vector[i] ?? 0);
    scores[key] = sum * scale;
  }
  const data = new Float32Array(2 * count);
  data.set(scores);
  data.set(logits(scores), count);
  return { shape: [2, count], data };
}

/** The scores where a query sees the key, -∞ elsewhere; runs are (run, 4): head, query, start, stop. */
export function masked(scores: Float32Array, runs: Tensor, head: number, query: number): Numbers {
  const logits = new Float32Array(scores.length).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < shapeAt(runs, 0); i++) {
    const [of = 0, row = 0, start = 0, stop = 0] = at(runs, i);
    if ((of === -1 || of === head) && row === query) {
      logits.set(scores.subarray(start, stop), start);
    }
  }
  return logits;
}
