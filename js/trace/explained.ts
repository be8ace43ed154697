/**
 * What wrote a logit, and what wrote a score: the other half is widget/explained.py. Both are sums
 * of what was written into the residual stream.
 */

import type { NotFinite } from "./description";
import type { AttentionKind } from "./options";

type Num = number | NotFinite;

/** What wrote the logit of the likeliest token at a token, null for the last. */
export interface AttributedQuestion {
  readonly name: "attributed";
  readonly token: number | null;
  /** Of the attention whose queries the token is of. */
  readonly kind: AttentionKind;
  /** A token of the vocabulary, whose logit is taken away from it. */
  readonly other?: string | number;
}

/** What wrote the score that a head gives to a query and a key. */
export interface ExplainedQuestion {
  readonly name: "explained";
  readonly layer: number;
  readonly head: number;
  readonly query: number;
  readonly key: number;
  readonly kind: AttentionKind;
}

/** One that writes into the residual stream, and how much. */
export interface Term {
  what: "embeddings" | "head" | "attention bias" | "MLP" | "layer" | "bias";
  layer: number | null;
  head: number | null;
  kind: AttentionKind | null;
  value: Num;
}

export interface WritingHead {
  kind: AttentionKind;
  layer: number;
  head: number;
}

/** The logit without a head less the logit with it. */
export interface Effect extends WritingHead {
  effect: Num;
  /**
   * What makes up for the head: the logit hardly changes, or the other way than by what the head
   * writes; experiments/backup.py has the rule.
   */
  backup: "small" | "opposite" | null;
}

export interface Attributed {
  predicts: "next token" | "token" | "class of token";
  position: number;
  /** The likeliest tokens there; the logit is of the first. */
  ids: number[];
  labels: string[];
  /** Null where it is the likeliest itself. */
  other: number | null;
  other_label: string;
  logit: Num;
  /** Of all terms; another than the logit where the model caps it. */
  sum: Num;
  capped: boolean;
  /** Whether the first token keeps what a head that is switched off gives it. */
  leaves_first: boolean;
  /** The largest first. */
  terms: Term[];
  /** Heads that are switched off. */
  tried: WritingHead[];
  /** Of those that were; none in what comes first. */
  effects: Effect[];
}

/** What is not sent each by itself. */
export interface Others {
  count: number;
  value: Num;
}

export interface Side {
  terms: Term[];
  others: Others;
}

export interface Explained {
  /** q·k × scale, the sum of each side and of all pairs. */
  score: Num;
  dot: Num;
  scale: Num;
  /** What enters the softmax: after soft cap, bias and mask. */
  entered: Num;
  weight: Num;
  query_side: Side;
  key_side: Side;
  /** Both have the value of the pair. */
  pairs: { pairs: { query: Term; key: Term }[]; others: Others };
}
