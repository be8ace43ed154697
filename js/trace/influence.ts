/**
 * What each word has to do with a prediction: the other half is widget/influence.py.
 */

import type { NotFinite } from "./description";
import type { AttentionKind, Options } from "./options";

type Rows = "tokens" | "words" | "passages";
type Num = number | NotFinite;

export const INFLUENCES = ["removal", "integrated_gradients"] as const;
export type InfluenceMeasure = (typeof INFLUENCES)[number];

export const isInfluence = (measure: string): measure is InfluenceMeasure =>
  (INFLUENCES as readonly string[]).includes(measure);

export interface InfluenceQuestion {
  readonly name: "influence";
  readonly measure: InfluenceMeasure;
  /** Whose prediction, of the queries; null for the end of the text, or the first masked token. */
  readonly token: number | null;
  /** Of the attention whose queries the token is of, and whose keys the words are. */
  readonly kind: AttentionKind;
  readonly rows: Rows;
  /** Another candidate, whose logit is taken away. */
  readonly other?: string | number;
}

/** A partial answer has the same form. */
export interface Influence {
  measure: InfluenceMeasure;
  of: "next token" | "token" | "class of token" | "class" | "states";
  /** Null for the whole input, or for the states of all tokens. */
  position: number | null;
  metric: "logit" | "log_probability" | "difference" | "states";
  /** Of the candidate, and of the one whose logit is taken away. */
  label: string;
  other_label: string;
  /** The same in Python's words, and its unit. */
  name: string;
  unit: string;
  /** The smallest change that matters, in the unit. */
  matters_from: number;
  before: Num;
  /** Where no word is there; null for removal, and before it is known. */
  baseline: Num | null;
  /** What the shares miss of `before` minus `baseline`, as a share of it. */
  gap: Num | null;
  steps: number;
  kind: AttentionKind;
  rows: Rows;
  /** The tokens that each value is of. */
  groups: number[][];
  /** Groups that say little by themselves: the first token of a causal model. */
  apart: number[];
  /** Null for what is not known yet. */
  values: (Num | null)[];
  done: number;
  total: number;
}

type Chosen = Pick<Options, "token" | "attention_kind" | "compared_with"> & { rows: Rows };

/** As `influencing` in widget/influence.py has it. */
export const influenceQuestion = (
  measure: InfluenceMeasure,
  { token, attention_kind, compared_with: other, rows }: Chosen,
): InfluenceQuestion => ({
  name: "influence",
  measure,
  token,
  kind: attention_kind,
  rows,
  ...(other !== null && { other }),
});
