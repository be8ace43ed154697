/** Predictions of a small model, as Python answers them. */

import type { Compared, Predictions } from "../../../js/trace/questions";

/** Of "a small novel idea" the next token, three candidates each; the text's own are ids 1 to 3. */
export function predicted(change: Partial<Predictions> = {}): Predictions {
  return {
    predicts: "next token",
    positions: [0, 1, 2, 3],
    ids: [
      [1, 8, 9],
      [7, 2, 9],
      [6, 7, 8],
      [5, 6, 7],
    ],
    tokens: [
      [" small", " b", "<b>"],
      [" good", " novel", "<b>"],
      [" end", " good", " b"],
      [".", " end", " good"],
    ],
    labels: [
      ["small", "b", "<b>"],
      ["good", "novel", "<b>"],
      ["end", "good", "b"],
      [".", "end", "good"],
    ],
    probabilities: [
      [0.5, 0.25, 0.125],
      [0.625, 0.25, 0.03125],
      [0.75, 0.125, 0.0625],
      [0.875, 0.0625, 0.03125],
    ],
    actual_ids: [1, 2, 3, -1],
    actual: [" small", " novel", " idea", ""],
    log_probability: [Math.log(0.5), Math.log(0.25), Math.log(0.0004), "NaN"],
    rank: [1, 2, 1234, 0],
    entropy: [1, 1, 1, 1],
    mask_id: null,
    ...change,
  };
}

/** Of a pass with edits, which leaves so much to each candidate, at some of the positions. */
export function compared(kept: number[][], positions: number[] = [0, 1, 2, 3]): Compared {
  const every = predicted();
  const at = <T>(rows: T[]): T[] => rows.filter((_, position) => positions.includes(position));
  return {
    ...every,
    positions,
    ids: at(every.ids),
    tokens: at(every.tokens),
    labels: at(every.labels),
    probabilities: at(every.probabilities),
    kept,
    first: at(every.labels).map(([first = ""]) => first),
    before: at(every.probabilities).map(([first = 0]) => first),
  };
}
