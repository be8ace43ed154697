/** The logit lens at many positions: the other half is widget/lens_plane.py. */

import type { NotFinite } from "./description";
import type { Edit } from "./edits";

/**
 * What each layer's hidden state says at the last positions, or at all of them; with edits, in the
 * pass that has them.
 */
export interface LensPlaneQuestion {
  readonly name: "lens_plane";
  /** How many positions, from the end; null for all. */
  readonly last: number | null;
  readonly edits?: readonly Edit[];
}

type Num = number | NotFinite;

/** A partial answer has the same form: the last layers come first. */
export interface LensPlane {
  predicts: "next token" | "token";
  n_layers: number;
  /** Those that were read, in ascending order: rows of what follows. */
  layers: number[];
  /** Of tokens: of the decoder where there is one. */
  positions: number[];
  /** What tokens are called, each once. */
  labels: string[];
  /** The most likely token of each layer and position, in `labels`, and its probability. */
  best: number[][];
  probabilities: Num[][];
  /** What the model predicts at each position without edits, in `labels`. */
  answers: number[];
  /** Of it, by layer and position. */
  answer_probabilities: Num[][];
  ranks: number[][];
}

/** Longer texts are read whole only when somebody asks for it. */
export const SHORT = 64;

export const lensPlaneOf = (
  last: number | null,
  edits: readonly Edit[] = [],
): LensPlaneQuestion => ({ name: "lens_plane", last, ...(edits.length && { edits }) });

/** What the plane has of one layer and position. */
export interface PlaneCell {
  best: string;
  p: number;
  answer: string;
  isAnswer: boolean;
  answerP: number;
  rank: number;
}

/** Null where the layer was not read. `column` counts the positions. */
export function cellOf(plane: LensPlane, layer: number, column: number): PlaneCell | null {
  const row = plane.layers.indexOf(layer);
  const [best, answer] = [plane.best[row]?.[column], plane.answers[column]];
  if (best === undefined || answer === undefined) return null;
  return {
    best: plane.labels[best] ?? "",
    p: Number(plane.probabilities[row]?.[column]),
    answer: plane.labels[answer] ?? "",
    isAnswer: best === answer,
    answerP: Number(plane.answer_probabilities[row]?.[column]),
    rank: plane.ranks[row]?.[column] ?? 0,
  };
}
