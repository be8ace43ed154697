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

/**
 * Keys of tensors, float32 where nothing else is said:
 *
 *     attention/{kind}/{layer}                     (head, query, key)
 *     attention_row/{kind}/{layer}/{token,...}     (head, key)     mean over these query tokens
 *     attention_received/{kind}/{layer}            (head, key)     mean over the queries
 *     count_nan/{kind}/{layer}                     (head)          int32: weights that are NaN
 *     edges/{kind}/{layer}/{combine}/{head,...}/{top_p}/{threshold}/{segments}  (edge, 4)
 *     thumbnails/{kind}/{layer}                    (head, y, x)    uint8: 254·√weight, 255 for NaN
 *     summaries/{kind}/{layer}                     (summary, head) SUMMARIES but "none", in order
 *     map_tile/{kind}/{layer}/{together}/{head,...}/{scale}/{pooling}/{row}/{column} (y, x)
 *     map_margins/{kind}/{layer}/{together}/{head,...} (margin, 4) sum, least, least above 0, most
 *     query/{kind}/{layer}/{head}                  (query, dim)
 *     key/{kind}/{layer}/{head}                    (key, dim)
 *     scores/{kind}/{layer}/{head}/{token}         (2, key)        q·k·scale; what enters the softmax
 *     mask/{kind}/{layer}                          (run, 4)       int32: head, query, start, stop
 *     hidden_states/{stack}/{index}                (token, hidden) 0: token embeddings
 *     image                                        (height, width, 3) uint8
 *
 * Edges are head, query, key and weight of what measures/edges.py calls worth a line, in that order;
 * combined ("mean", "maximum", not "each") their head is -1. The first row tells of all together:
 * the attention that the queries have to give, and of the edges left out how many millions, how
 * many more, and the sum of their weights.
 *
 * Thumbnails and summaries of a longer text are made from SAMPLED_QUERIES of its queries, evenly
 * spaced. A run is an unbroken stretch of keys that a query sees, from start up to stop, in order
 * of head and query; the head is -1 where all share the mask, and of attention known by its weights
 * alone the runs are those above 0 in any head. A map is that of the heads together, as their
 * "mean" or "maximum": its tiles of 512 × 512 numbers hold the largest of pooling × pooling weights
 * each, of scale "weight", or "share" of the largest weight in their row; its margins are those of
 * each query, then of each key.
 *
 * `window/{window}/` stands before the key of a tensor of one window of a long text, whose tokens
 * count from 0 there; hidden states are those of the whole text.
 * `grouped/{units}/{special}/` stands before the key of a tensor of
 * attention whose rows are words (units "words", else "tokens"), or without special tokens
 * (special "hide" or "renormalise", else "show").
 */
export type TensorKey = string;

export const SAMPLED_QUERIES = 512;
