/**
 * What the browser and Python agree on, in types alone. The other half of this contract is
 * `widget.py` (traits, messages) and `tensors.py` (bytes); names are the same on both sides.
 */

export const VIEWS = ["lines", "neuron", "text"] as const;
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

/** See `Token` in trace.py. */
export interface TokenMeta {
  label: string;
  text: string;
  lead: string;
  trail: string;
  word: number | null;
  special: boolean;
  segment: number | null;
}

/** Head counts of one layer; null in `Meta.layers` for a layer without attention. */
export interface LayerMeta {
  n_heads: number;
  n_kv_heads: number;
  dim: number;
}

/** All there is to know of a trace before a tensor is asked for. */
export interface Meta {
  /** Counts the forward passes; a tensor belongs to one of them. */
  run: number;
  model_name: string;
  tokens: TokenMeta[];
  layers: (LayerMeta | null)[];
  /** Whether the kernel still has a model to run another text through. */
  can_run: boolean;
}

/** The synced traits. */
export interface State {
  text: string;
  text_pair: string | null;
  layer: number;
  heads: number[];
  /** Draw the mean of the selected heads instead of each. */
  average: boolean;
  /** Selected query token. */
  token: number | null;
  /** Cosine target; with `words` its whole word. */
  pinned: number | null;
  views: ViewName[];
  measure: MeasureName;
  space: SpaceName;
  words: boolean;
  theme: ThemeName;
  /** A forward pass is under way. */
  busy: boolean;
  meta: Meta;
}

/**
 * Keys of tensors, all float32:
 *
 *     attention/{layer}                     (head, query, key)
 *     attention_row/{layer}/{token,...}     (head, key)     mean over these query tokens
 *     attention_received/{layer}            (head, key)     mean over the queries
 *     edges/{layer}                         (edge, 4)       head, query, key, weight
 *     edges_mean/{layer}/{head,...}         (edge, 4)       of the mean of these heads; head is -1
 *     query/{layer}/{head}                  (query, dim)
 *     key/{layer}/{head}                    (key, dim)
 *     scores/{layer}/{head}/{token}         (2, key)        q·k·scale; what enters the softmax
 *     hidden_states/{index}                 (token, hidden) 0: token embeddings
 *
 * Edges are the strongest of each head, strongest first.
 */
export type TensorKey = string;

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

export type Request = TensorRequest | RunRequest;

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
