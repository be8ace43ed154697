/** What the options are at first. Written by tools/write_options.py. */

import type { Options } from "../../../js/trace/options";

export const DEFAULTS: Options = {
  attention_kind: "encoder",
  layer: 0,
  heads: [],
  head_pairs: [],
  combine: "overlay",
  edits: [],
  shown_pass: "before",
  token: null,
  key_token: null,
  pinned: [],
  pin_mode: "each",
  views: ["lines", "grid", "text"],
  measure: "norm",
  space: "hidden_states",
  colour_map: "auto",
  words: false,
  special_tokens: "show",
  segments: "all",
  top_p: 0.95,
  threshold: 0.0,
  direction: "vertical",
  summary: "none",
  sort_heads: false,
  normalise_rows: false,
  log_colour: false,
  number_format: "standard",
  theme: "auto",
  locale: "auto",
};
