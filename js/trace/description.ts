/** What the browser knows of a trace before it asks for a tensor; protocol/description.py makes it. */

import type { AttentionKind } from "./options";

/** A number that JSON lacks, as `Number()` reads it. */
export type NotFinite = "NaN" | "Infinity" | "-Infinity";

/** See `Token` in trace/token.py. */
export interface TokenMeta {
  id: number | null;
  label: string;
  text: string;
  lead: string;
  trail: string;
  /** Characters of `text` in its segment, from the first up to the second. */
  start: number | null;
  end: number | null;
  word: number | null;
  /** The name of the passage that it is in. */
  passage: string | null;
  special: boolean;
  segment: number | null;
  step: number | null;
  probability: number | NotFinite | null;
  /** left, top, right, bottom in the image */
  box: number[] | null;
  /** start and end in seconds */
  time: number[] | null;
  /** What the tokenizer's vocabulary has for it; null where that is the label, or not known. */
  piece: string | null;
  /** Whether it only fills the row of a batch. */
  padding: boolean;
}

export const READ_ONLY = ["trace", "chat", "no_text", "page", "comparison", "atlas"] as const;
export type ReadOnly = (typeof READ_ONLY)[number];

export const MASK_PATTERNS = [
  "full",
  "causal",
  "window",
  "prefix",
  "chunk",
  "none",
  "other",
] as const;
export type MaskPattern = (typeof MASK_PATTERNS)[number];

/** Which keys a query sees, see `Pattern` in trace/mask_pattern.py. */
export interface MaskMeta {
  name: MaskPattern;
  before: number | null;
  after: number | null;
  size: number | null;
  /** Keys that no query sees: stretches from their first up to their second number. */
  hidden: number[][];
  /** Queries that see nothing. */
  blind: number[][];
  /** No query sees a key that comes after it. */
  causal: boolean;
  /** Of all pairs, how many are seen. */
  share: number;
}

/** Shape of one layer's attention. */
export interface LayerMeta {
  n_heads: number;
  /** null where it is not known. */
  n_kv_heads: number | null;
  /** Of a head's queries and keys; null where only the attention is known. */
  dim: number | null;
  has_values: boolean;
  /** Whether a sink takes part of the attention. */
  sinks: boolean;
  /** One for all heads, or one for each; none where the mask is not known. */
  masks: MaskMeta[];
  /** Heads that a saved page carries, in order; null where that is all of them. */
  held: number[] | null;
}

export interface AttentionMeta {
  kind: AttentionKind;
  /** null for a layer without this attention */
  layers: (LayerMeta | null)[];
}

/** What the decoder beside an encoder read. */
export interface TargetMeta {
  tokens: TokenMeta[];
  has_hidden_states: boolean;
  has_word_embeddings: boolean;
  /** The model chose the tokens. */
  generated: boolean;
  /** The text that it was read from; null where the model made it. */
  given: string | null;
  /** Whether the model can read another one. */
  replaceable: boolean;
}

/** A stretch of a long text that was read by a pass of its own, with attention of its own. */
export interface WindowMeta {
  /** For each of its tokens the index in the whole text; null for a special one. */
  positions: (number | null)[];
  /** Its tokens of position null, in order. */
  specials: TokenMeta[];
  /** From the first, up to the second: tokens of the whole text that are looked at here. */
  own: number[];
}

/** A head worth seeing first, see measures/specificity.py. */
export interface Suggestion {
  kind: AttentionKind;
  layer: number;
  head: number;
  /** Indices of tokens in the texts of the queries and of the keys. */
  query: number;
  key: number;
  /** The attention that the query pays to the key. */
  weight: number;
  /** What the heads are ranked by. */
  specificity: number;
  /** What the head does where a detector is sure, with its score; else empty. */
  label: string;
  score: number;
}

/** All there is to know of a trace before a tensor is asked for. */
export interface Meta {
  /** Counts the forward passes; a tensor belongs to one of them. */
  run: number;
  model_name: string;
  /** Of the encoder, where there are two stacks. */
  tokens: TokenMeta[];
  has_hidden_states: boolean;
  has_word_embeddings: boolean;
  target: TargetMeta | null;
  /** At least one. */
  attention: AttentionMeta[];
  /** The best first; empty where no head stands out, or where nothing was looked for. */
  suggestions: Suggestion[];
  /** Empty for a text that was read at once. */
  windows: WindowMeta[];
  /** Of the segments of a chat. */
  roles: string[];
  /** Height and width of what the boxes of tokens lie in. */
  image: number[] | null;
  /** Why the text box cannot run another text; null where it can. */
  read_only: ReadOnly | null;
  /** Of the difference of two passes that are compared; null elsewhere. */
  comparison: ComparisonMeta | null;
  /** How layers tell positions apart; empty where it is not known. */
  positions: PositionsMeta[];
}

export const ENCODINGS = [
  "learned",
  "sinusoidal",
  "rotary",
  "relative",
  "relative_table",
  "relative_sinusoidal",
  "alibi",
  "none",
  "other",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** See `Positions` in trace/positions.py. */
export interface PositionsMeta {
  kind: AttentionKind;
  encoding: Encoding;
  layers: number[];
  source: string;
  /** Dimensions of a table, or pairs that are turned. */
  width: number | null;
  /** Of a bias. */
  n_heads: number | null;
  /** Dimensions of a head that are turned, and that it has. */
  turned: number;
  dim: number;
  /** What sines and cosines are multiplied by. */
  scaling: number;
  /** Rotary: the token at position 0. */
  first: number;
}

/** Two passes that are compared; an index is null in the text where a token has no partner. */
export interface ComparisonMeta {
  names: string[];
  slots: (number | null)[][];
  /** Of the texts that decoders read beside encoders. */
  target_slots: (number | null)[][] | null;
  /** Of both, whose numbers of passes are their own. */
  sides: Meta[];
  /** Both sides can say what they predict. */
  has_models: boolean;
}
