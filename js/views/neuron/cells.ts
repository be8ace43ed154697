/** What a row of numbers says, on screen and in a figure. */

import { divergingCss } from "../../draw/scales";
import type { AppState } from "../../state/app_state";
import { exactness } from "../../trace/exactness";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

export interface Cells {
  /** A mask hides the key. */
  isHidden: boolean;
  /** Empty where there is none, as for a sink; the colour is null for no colour. */
  score: { text: string; colour: string | null };
  logit: string;
  softmax: { text: string; share: number };
  /** What the pieces of a word get together, at its last. */
  sum: string;
}

/** Scores are text on colour: never so strong that it cannot be read. */
const SCORE_SHADE = 1.8;

/** One beyond the largest, which is set aside, is coloured as the largest: it is written there. */
export function scoreCss(score: number, largest: number, dark: boolean): string {
  const shown = Math.max(-largest, Math.min(largest, score)); // NaN stays NaN
  return divergingCss(shown, largest * SCORE_SHADE, dark);
}

/** Null while the row is not here. */
export function cellsOf(data: NeuronData, state: AppState, index: number): Cells | null {
  const { say, numbers, dark } = state;
  const row = data.row.value;
  if (!row) return null;
  const isSink = data.isSink(index);
  const isHidden = row.logit?.[index] === Number.NEGATIVE_INFINITY;
  const written = (values: ArrayLike<number> | null) =>
    values && !isSink ? numbers.glance(values[index] ?? Number.NaN, exactness().score) : "";
  const isColoured = row.score && !isSink && !isHidden;
  const score = row.score?.[index] ?? 0;
  const weight = (isSink ? row.sink : row.attention[index]) ?? Number.NaN;
  const shareOf = (value: number) => numbers.share(value, row.errorOf(value));
  const sum = data.wordSum(index);
  return {
    isHidden,
    score: {
      text: written(row.score),
      colour: isColoured ? scoreCss(score, row.largest, dark.value) : null,
    },
    logit: isHidden && !isSink ? "−∞" : written(row.logit),
    softmax: {
      text: isHidden ? say(NEURON.masked) : shareOf(weight),
      share: Math.min(1, Math.max(0, weight || 0)),
    },
    sum: sum === null ? "" : `Σ ${shareOf(sum)}`,
  };
}
