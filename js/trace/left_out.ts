/** What comes of leaving each passage out: the other half is widget/left_out.py. */

import type { NotFinite } from "./description";

export interface LeftOutQuestion {
  readonly name: "left_out";
  /** Of a token whose prediction is asked about; null for the answer. */
  readonly position: number | null;
}

/** A partial answer has the same form: what was not tried is NaN. */
export interface LeftOut {
  /** What is measured: the answer that stands in the text, a prediction, or final states. */
  of: "text" | "next token" | "token" | "class of token" | "class" | "states";
  /** Where it is predicted; null for the whole input, for an answer and for states. */
  position: number | null;
  /** Of the prediction; empty for an answer and for states. */
  label: string;
  /** Of an answer in the text. */
  n_tokens: number;
  unit: string;
  before: number | NotFinite;
  /** Of the passages, in the order of the text. */
  names: string[];
  /** What is measured without each, minus `before`; NaN where the answer stands in it. */
  effects: (number | NotFinite)[];
  /** How much worse that is. */
  losses: (number | NotFinite)[];
  /** The smallest effect that matters, in the unit. */
  matters_from: number;
}
