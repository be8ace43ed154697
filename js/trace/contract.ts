/**
 * What the browser and Python agree on, in types alone. The other half of this contract is
 * `widget/` (traits, messages) and `protocol/tensors.py` (bytes); names are the same on both sides.
 */

export const VIEWS = ["lines", "grid", "neuron", "matrix", "tokens", "text", "heads"] as const;
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
export type NumberName = Exclude<SummaryName, "none">;
/** Rows of a `summaries` tensor. */
export const NUMBERS = SUMMARIES.slice(1) as NumberName[];

/** Several pinned: each colours what is nearest to it, or cosines are taken to their mean. */
export const PIN_MODES = ["each", "mean"] as const;
export type PinMode = (typeof PIN_MODES)[number];

export const COLOUR_MAPS = ["purple", "viridis", "cividis", "grey", "diverging"] as const;
export type ColourMap = (typeof COLOUR_MAPS)[number];

/**
 * Which attention is looked at: self-attention of the encoder or the decoder, or cross-attention
 * from the decoder's tokens to the encoder's. A model of one stack has one of the first two.
 */
export const ATTENTION_KINDS = ["encoder", "decoder", "cross"] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

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
  special: boolean;
  segment: number | null;
  step: number | null;
  probability: number | NotFinite | null;
  /** left, top, right, bottom in the image */
  box: number[] | null;
  /** start and end in seconds */
  time: number[] | null;
}

export const READ_ONLY = ["trace", "chat", "no_text", "page"] as const;
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
  n_kv_heads: number;
  /** Of a head's queries and keys; null where only the attention is known. */
  dim: number | null;
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
  /** The model chose the tokens. */
  generated: boolean;
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

/** All there is to know of a trace before a tensor is asked for. */
export interface Meta {
  /** Counts the forward passes; a tensor belongs to one of them. */
  run: number;
  model_name: string;
  /** Of the encoder, where there are two stacks. */
  tokens: TokenMeta[];
  has_hidden_states: boolean;
  target: TargetMeta | null;
  /** At least one. */
  attention: AttentionMeta[];
  /** Empty for a text that was read at once. */
  windows: WindowMeta[];
  /** Of the segments of a chat. */
  roles: string[];
  /** Height and width of what the boxes of tokens lie in. */
  image: number[] | null;
  /** Why the text box cannot run another text; null where it can. */
  read_only: ReadOnly | null;
}

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
  tensors: Record<TensorKey, KeptTensor>;
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

/** The first word of a front end, once for each model: the widget can be shown. */
export interface ReadyRequest {
  id: number;
  kind: "ready";
}

export interface TensorRequest {
  id: number;
  kind: "tensor";
  run: number;
  key: TensorKey;
}

/** Run the model on another text. On success the traits change before the reply comes. */
export interface RunRequest {
  id: number;
  kind: "run";
  text: string;
  text_pair: string | null;
}

export type Request = ReadyRequest | TensorRequest | RunRequest;

export type Dtype = "float32" | "int32" | "uint8";

/** One buffer, little-endian and C-ordered, comes with it. */
export interface TensorHeader {
  id: number;
  dtype: Dtype;
  shape: number[];
}

export interface Done {
  id: number;
}

export interface Failure {
  id: number;
  error: string;
}

export type Reply = TensorHeader | Done | Failure;
