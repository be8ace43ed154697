/** The options of the widget. Written by tools/write_options.py. */

import type { Edit } from "./edits";

export const ATTENTION_KINDS = ["encoder", "decoder", "cross"] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

export const COMBINES = ["overlay", "columns", "mean", "maximum"] as const;
export type Combine = (typeof COMBINES)[number];

export const WEIGHTS = [
  "attention",
  "value_weighted",
  "norm",
  "norm_residual",
  "rollout",
  "alti",
  "gradient_attention",
  "chefer",
] as const;
export type Weights = (typeof WEIGHTS)[number];

export const SHOWN_PASS = ["before", "after", "difference"] as const;
export type ShownPass = (typeof SHOWN_PASS)[number];

export const PIN_MODES = ["each", "mean"] as const;
export type PinMode = (typeof PIN_MODES)[number];

export const VIEWS = [
  "lines",
  "grid",
  "neuron",
  "matrix",
  "tokens",
  "text",
  "heads",
  "predictions",
  "attribution",
  "passages",
  "positions",
  "calculation",
  "atlas",
] as const;
export type ViewName = (typeof VIEWS)[number];

export const COLOUR_MAPS = [
  "auto",
  "purple",
  "red",
  "viridis",
  "cividis",
  "grey",
  "diverging",
] as const;
export type ColourMap = (typeof COLOUR_MAPS)[number];

export const SPECIAL_TOKENS = ["show", "hide", "renormalise"] as const;
export type SpecialTokens = (typeof SPECIAL_TOKENS)[number];

export const NUMBER_FORMATS = ["short", "standard", "full"] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const LOCALES = ["auto", "en", "vi", "ru"] as const;
export type Locale = (typeof LOCALES)[number];

export const MEASURES = [
  "norm",
  "previous_cosine",
  "pinned_cosine",
  "attention_from",
  "attention_received",
  "removal",
  "integrated_gradients",
] as const;
export type Measure = (typeof MEASURES)[number];

export const SPACES = ["word_embeddings", "embeddings", "hidden_states"] as const;
export type Space = (typeof SPACES)[number];

export const SEGMENTS = ["all", "a_a", "a_b", "b_a", "b_b"] as const;
export type Segments = (typeof SEGMENTS)[number];

export const DIRECTIONS = ["vertical", "horizontal"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const SUMMARIES = [
  "none",
  "entropy",
  "distance",
  "distance_variance",
  "previous",
  "next",
  "self",
  "duplicate",
  "induction",
  "same_word",
  "first",
  "delimiter",
  "special",
  "sink",
  "effect",
  "divergence",
] as const;
export type Summary = (typeof SUMMARIES)[number];

export const EFFECT_OFS = ["logit", "difference", "loss"] as const;
export type EffectOf = (typeof EFFECT_OFS)[number];

export const HEAD_LABELS = [
  "all",
  "none",
  "previous",
  "next",
  "self",
  "duplicate",
  "induction",
  "same_word",
  "first",
  "delimiter",
  "special",
  "sink",
] as const;
export type HeadLabel = (typeof HEAD_LABELS)[number];

export const NEURON_STEPS = ["scores", "values"] as const;
export type NeuronStep = (typeof NEURON_STEPS)[number];

export const CALCULATION_STEPS = [
  "hidden",
  "input",
  "w_q",
  "b_q",
  "q",
  "q_normed",
  "q_scaled",
  "q_rotated",
  "key_input",
  "w_k",
  "b_k",
  "k",
  "k_normed",
  "k_scaled",
  "k_rotated",
  "value_input",
  "w_v",
  "b_v",
  "v",
  "v_normed",
  "v_scaled",
  "scores",
  "scaled",
  "bias",
  "masked",
  "sink",
  "weights",
  "sunk",
  "output",
  "edited",
  "w_o",
  "written",
  "b_o",
  "block",
] as const;
export type CalculationStep = (typeof CALCULATION_STEPS)[number];

export const ATLAS_LABELS = [
  "all",
  "previous",
  "next",
  "self",
  "duplicate",
  "induction",
  "same_word",
  "first",
  "delimiter",
  "special",
  "sink",
] as const;
export type AtlasLabel = (typeof ATLAS_LABELS)[number];

export const SHARE_OFS = ["answer", "token"] as const;
export type ShareOf = (typeof SHARE_OFS)[number];

export const THRESHOLD_STOPS = [
  0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5,
] as const;

/** Set by either side, as synced traits of the same names. */
export interface Options {
  /**
   * Which attention of an encoder-decoder: self-attention of its encoder or decoder, or from the
   * decoder's tokens to the encoder's.
   */
  attention_kind: AttentionKind;
  /** The layer that is shown, counted from 0. */
  layer: number;
  /**
   * The heads of the layer that are shown, one or several. A view that shows one head shows the
   * first of them.
   */
  heads: number[];
  /**
   * Heads of several layers, which lines and matrix show side by side in place of `heads`: at most
   * 8 pairs (layer, head). Views that show one head go on with `layer` and `heads`.
   */
  head_pairs: [number, number][];
  /** How several heads are shown: overlaid, side by side, or as their mean or maximum. */
  combine: Combine;
  /**
   * Which measure lines, matrix, grid and text show of a query and a key, and passages have shares
   * of: attention, or another of `attention_widget.experiments.MEASURES`. Those with a gradient are
   * of what the model predicts at `token` (with None at the end), less `compared_with` if that is
   * named. Setting it computes it for the layer that is shown.
   */
  weights: Weights;
  /**
   * What is changed in a second pass of the model: heads switched off, scaled or given another
   * text's values, edges blocked (`HeadOff`, `HeadScale`, `HeadPatch`, `EdgeOff` of
   * `attention_widget.experiments`, or their dicts). Setting it runs the model.
   */
  edits: Edit[];
  /**
   * Where there are edits: whether the views show the pass before them, the one after them, or
   * after minus before. Of a comparison: the first side, the second, or their difference.
   */
  shown_pass: ShownPass;
  /**
   * Where two passes are compared: which of their tokens go together, as pairs of indices; with
   * None those of the same text.
   */
  alignment: [number, number][] | null;
  /**
   * The selected query token, by its index or its word: of several the first, of a word in several
   * tokens the last of them (`trace.index`). The queries of decoder and cross-attention are the
   * target's tokens.
   */
  token: number | null;
  /**
   * The selected key token, by its index or its word. Without a query token the views show who
   * attends to it.
   */
  key_token: number | null;
  /**
   * Tokens to which the text view takes cosines, one or several, by index or by word (all tokens of
   * it); with `words` their whole words.
   */
  pinned: number[];
  /** Colour by the nearest of the pinned tokens, or by their mean. */
  pin_mode: PinMode;
  /**
   * The views that are shown, in this order; of an image alone at first the image (the view `text`)
   * and the grid.
   */
  views: ViewName[];
  /**
   * The colours of weights and scores in every view and figure. Automatic: weights of one head in
   * the colour of the head, all else purple. The diverging ones meet at 0.
   */
  colour_map: ColourMap;
  /** Show the tokens of a word as one, in every view. */
  words: boolean;
  /**
   * Show the tokens of each passage as one row, in every view; all else stays tokens, also with
   * `words`. It needs a text with `passages`.
   */
  passage_rows: boolean;
  /** Show special tokens, hide them, or also divide what is left of each row by its sum. */
  special_tokens: SpecialTokens;
  /**
   * Colour weights by their logarithm, from 0.0001 on, to tell small ones apart; else by their
   * square root. Both scales are fixed, from 0 to 1, and the same in every view; over an image
   * alone weights count as parts of the largest one shown.
   */
  log_colour: boolean;
  /** Decimals of numbers: two, three, or as many as the model computed. */
  number_format: NumberFormat;
  /** Light or dark; automatic is that of the notebook. */
  theme: Theme;
  /** The language of the widget; automatic is that of the page. */
  locale: Locale;
  /**
   * What colours the text: norms or cosines of its vectors, attention, or what each word has to do
   * with the prediction at the selected token: `removal` (exact) or `integrated_gradients` (an
   * estimate, which needs captum).
   */
  measure: Measure;
  /**
   * The vectors of the text view: rows of the model's table of word embeddings; token embeddings,
   * which enter the first layer; or the output of the layer.
   */
  space: Space;
  /**
   * Colour norms and cosines from the smallest to the largest of the text (`measures.min_max`),
   * without a limit for outliers. The first word, which has none before it, is left out.
   */
  min_max: boolean;
  /** Which lines are drawn of a pair of texts: from the first letter's text to the second's. */
  segments: Segments;
  /** Lines go to the strongest keys of each query, up to this share of its attention. */
  top_p: number;
  /** Lines are drawn for weights of at least this. */
  threshold: number;
  /** Whether the tokens that the lines join are listed down or across. */
  direction: Direction;
  /**
   * What colours the grid of heads, see `measures.head_summaries`; with none of them their
   * attention. Effect: how the model's prediction changes without the head, exact; it runs the
   * model for each head, in steps that can be stopped. Divergence: how far a head's attention in
   * one pass is from that in another (`compare`).
   */
  summary: Summary;
  /**
   * The token whose prediction effects are of, by index or word; with None that of the last, or of
   * the first one that is masked. Models that predict nothing: the token whose final state is
   * compared, with None all.
   */
  effect_position: number | null;
  /**
   * What effects are on: the logit of a prediction, how far it lies above that of another, or the
   * loss of the text. Models that predict nothing: how far the final states turn.
   */
  effect_of: EffectOf;
  /**
   * The prediction whose logit effects are on, as the predictions show it or by its id; with None
   * the most likely one.
   */
  effect_token: string | number | null;
  /**
   * With `effect_of="difference"` the prediction whose logit is taken away; with None the most
   * likely other one.
   */
  effect_other: string | number | null;
  /**
   * Whether grid and table label the heads with what they do, where a detector is sure
   * (`measures.DETECTORS`); with the name of one label the other heads are left out.
   */
  head_label: HeadLabel;
  /**
   * What `experiments.detect_heads(model)` found: grid and table then label the heads by that
   * probe; with None by what they do on this text.
   */
  head_labels: [AttentionKind, number, number, HeadLabel, number][] | null;
  /** Put the heads of the grid in the order of the summary. */
  sort_heads: boolean;
  /**
   * What the view `neuron` shows of a head: how queries and keys make its weights, or what it gives
   * out: values, weights times values, and their sum.
   */
  neuron_step: NeuronStep;
  /**
   * The step that the view `calculation` shows large, by its name in `trace.calculation`; where a
   * head has no such step the next one.
   */
  calculation_step: CalculationStep;
  /**
   * The summary that colours the heads in the view `atlas`, by its name in `atlas.names`; with None
   * the first of them that tells heads apart.
   */
  atlas_summary: string | null;
  /**
   * Put the heads of each layer of the plane in the view `atlas` in the order of the summary, the
   * largest first.
   */
  atlas_sort: boolean;
  /** Which heads the view `atlas` shows: all, or those that do this over the corpus. */
  atlas_label: AtlasLabel;
  /**
   * The summary that the scatter of heads in the view `atlas` has across; with None `previous`,
   * else the first.
   */
  atlas_across: string | null;
  /**
   * The summary that the scatter of heads in the view `atlas` has upwards; with None `induction`,
   * else the second.
   */
  atlas_up: string | null;
  /**
   * The prediction that the most likely one is compared with in the view `attribution`, as the
   * predictions show it or by its id; with None, and where it is that one, nothing.
   */
  compared_with: string | number | null;
  /**
   * Whose attention the view `passages` shares out: of the tokens at which the answer was predicted
   * (what the model wrote, the assistant's last message, else the end of the text), or of the
   * selected token.
   */
  share_of: ShareOf;
  /** Colour each row of the matrix relative to its largest weight. */
  normalise_rows: boolean;
}

/**
 * Where the control of each stands, and how a link writes it. In this order: each is
 * checked against those before it.
 */
export const OPTIONS = {
  attention_kind: { place: "picker", link: "kind", values: ATTENTION_KINDS },
  layer: { place: "picker", link: "layer" },
  heads: { place: "picker", link: "heads" },
  head_pairs: { place: "picker", link: "pairs" },
  combine: { place: "picker", link: "name", values: COMBINES },
  weights: { place: "heads", link: "name", values: WEIGHTS },
  edits: { place: "views", link: "edits" },
  shown_pass: { place: "views", link: "name", values: SHOWN_PASS },
  alignment: { place: "views", link: "aligned" },
  token: { place: "views", link: "query" },
  key_token: { place: "views", link: "key" },
  pinned: { place: "views", link: "queries" },
  pin_mode: { place: "pins", link: "name", values: PIN_MODES },
  views: { place: "picker", link: "names", values: VIEWS },
  colour_map: { place: "settings", link: "name", values: COLOUR_MAPS },
  words: { place: "rows", link: "flag" },
  passage_rows: { place: "rows", link: "flag" },
  special_tokens: { place: "rows", link: "name", values: SPECIAL_TOKENS },
  log_colour: { place: "settings", link: "flag" },
  number_format: { place: "settings", link: "name", values: NUMBER_FORMATS },
  theme: { place: "settings", link: "name", values: THEMES },
  locale: { place: "settings", link: "name", values: LOCALES },
  measure: { place: "text", link: "name", values: MEASURES },
  space: { place: "text", link: "name", values: SPACES },
  min_max: { place: "text", link: "flag" },
  segments: { place: "lines", link: "name", values: SEGMENTS },
  top_p: { place: "lines", link: "share" },
  threshold: { place: "lines", link: "share", stops: THRESHOLD_STOPS },
  direction: { place: "lines", link: "name", values: DIRECTIONS },
  summary: { place: "grid", link: "name", values: SUMMARIES },
  effect_position: { place: "grid", link: "position" },
  effect_of: { place: "grid", link: "name", values: EFFECT_OFS },
  effect_token: { place: "grid", link: "candidate" },
  effect_other: { place: "grid", link: "candidate" },
  head_label: { place: "grid", link: "name", values: HEAD_LABELS },
  head_labels: { place: "grid", link: "labels" },
  sort_heads: { place: "grid", link: "flag" },
  neuron_step: { place: "neuron", link: "name", values: NEURON_STEPS },
  calculation_step: { place: "calculation", link: "name", values: CALCULATION_STEPS },
  atlas_summary: { place: "atlas", link: "summary" },
  atlas_sort: { place: "atlas", link: "flag" },
  atlas_label: { place: "atlas", link: "name", values: ATLAS_LABELS },
  atlas_across: { place: "atlas", link: "summary" },
  atlas_up: { place: "atlas", link: "summary" },
  compared_with: { place: "attribution", link: "candidate" },
  share_of: { place: "passages", link: "name", values: SHARE_OFS },
  normalise_rows: { place: "matrix", link: "flag" },
} as const satisfies Record<keyof Options, object>;

export const OPTION_NAMES = Object.keys(OPTIONS) as (keyof Options)[];
