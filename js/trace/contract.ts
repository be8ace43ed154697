/**
 * What the browser and Python agree on, in types alone. The other half of this contract is
 * `widget/` (traits, messages) and `protocol/` (descriptions, keys, bytes); names are the same on
 * both sides.
 */

import type { AttentionKind, Meta } from "./description";
import type { Dtype } from "./messages";

export * from "./description";
export * from "./messages";

export const VIEWS = ["lines", "grid", "neuron", "matrix", "tokens", "text"] as const;
export type ViewName = (typeof VIEWS)[number];

export const MEASURES = [
  "norm",
  "previous_cosine",
  "pinned_cosine",
  "attention_from",
  "attention_received",
] as const;
export type MeasureName = (typeof MEASURES)[number];

export const SPACES = ["embeddings", "hidden_states"] as const;
export type SpaceName = (typeof SPACES)[number];

export const THEMES = ["auto", "light", "dark"] as const;
export type ThemeName = (typeof THEMES)[number];

/** Language of what the widget says; "auto" is the page's. */
export const LOCALES = ["auto", "en", "vi", "ru"] as const;
export type LocaleName = (typeof LOCALES)[number];

/** How several heads are shown: over each other, side by side, or as one picture of them all. */
export const COMBINATIONS = ["overlay", "columns", "mean", "maximum"] as const;
export type Combination = (typeof COMBINATIONS)[number];

/** Renormalised: what is left of a row is divided by its sum. */
export const SPECIAL_TOKENS = ["show", "hide", "renormalise"] as const;
export type SpecialTokens = (typeof SPECIAL_TOKENS)[number];

/** Which attention between the segments of a pair is drawn: from the first letter's to the second's. */
export const SEGMENTS = ["all", "a_a", "a_b", "b_a", "b_b"] as const;
export type Segments = (typeof SEGMENTS)[number];

export const DIRECTIONS = ["vertical", "horizontal"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Head summaries, see measures.py. */
export const SUMMARIES = [
  "none",
  "entropy",
  "distance",
  "previous",
  "next",
  "self",
  "first",
  "special",
  "sink",
] as const;
export type SummaryName = (typeof SUMMARIES)[number];

/** Several pinned: each colours what is nearest to it, or cosines are taken to their mean. */
export const PIN_MODES = ["each", "mean"] as const;
export type PinMode = (typeof PIN_MODES)[number];

export const COLOUR_MAPS = ["purple", "viridis", "cividis", "grey", "diverging"] as const;
export type ColourMap = (typeof COLOUR_MAPS)[number];

/** The synced traits. */
export interface State {
  text: string;
  text_pair: string | null;
  attention_kind: AttentionKind;
  layer: number;
  heads: number[];
  combine: Combination;
  /**
   * Selected query token: an index in the tokens of the target, where there is one and the
   * attention is not the encoder's, else in those of the (whole) text.
   */
  token: number | null;
  /** Selected key token: an index in the text of the keys. */
  key_token: number | null;
  /** Cosine targets, counted as `token` is; with `words` their whole words. */
  pinned: number[];
  pin_mode: PinMode;
  views: ViewName[];
  measure: MeasureName;
  space: SpaceName;
  colour_map: ColourMap;
  /** Tokens of a word are one in every view. */
  words: boolean;
  special_tokens: SpecialTokens;
  segments: Segments;
  /** Lines are drawn for the strongest keys of each query, up to this share of its attention ... */
  top_p: number;
  /** ... and for weights of at least this. */
  threshold: number;
  direction: Direction;
  summary: SummaryName;
  sort_heads: boolean;
  /** Each row of the matrix is coloured relative to its largest weight. */
  normalise_rows: boolean;
  log_colour: boolean;
  theme: ThemeName;
  locale: LocaleName;
  /** A forward pass is under way. */
  busy: boolean;
  meta: Meta;
  /** Empty in Python: the browser adds to it what a saved notebook keeps. */
  kept: Kept;
}

export interface Kept {
  archive?: KeptTensors;
}

export interface KeptTensors {
  format: number;
  run: number;
  tensors: Record<string, KeptTensor>;
}

export interface KeptTensor {
  dtype: Dtype;
  shape: number[];
  /** base64 */
  data: string;
}
