/** Small states of the widget, as Python would send them. */

import { signal } from "@preact/signals-core";
import { type AppState, connectState, type Page } from "../../../js/state/app_state";
import type {
  LayerMeta,
  MaskMeta,
  MaskPattern,
  Meta,
  State,
  TokenMeta,
} from "../../../js/trace/contract";
import type { AttentionKind } from "../../../js/trace/options";
import { DEFAULTS } from "./defaults";
import { NotebookHost } from "./host";

export function token(text: string, change: Partial<TokenMeta> = {}): TokenMeta {
  return {
    id: null,
    label: text,
    text,
    lead: "",
    trail: "",
    start: null,
    end: null,
    word: null,
    passage: null,
    special: false,
    segment: 0,
    step: null,
    probability: null,
    box: null,
    time: null,
    piece: null,
    padding: false,
    ...change,
  };
}

export const special = (label: string): TokenMeta =>
  token("", { label, special: true, segment: null });

/** `[CLS] … [SEP]`; blanks part words, `|` parts the tokens of a word. */
export function tokensOf(text: string): TokenMeta[] {
  const words = text.split(" ");
  const inner = words.flatMap((word, index) =>
    word
      .split("|")
      .map((piece, place) =>
        token(piece, { word: index, lead: place === 0 && index > 0 ? " " : "" }),
      ),
  );
  return [special("[CLS]"), ...inner, special("[SEP]")];
}

export function layerOf(n_heads: number, dim = 4, n_kv_heads = n_heads): LayerMeta {
  return {
    n_heads,
    n_kv_heads,
    dim,
    has_values: true,
    sinks: false,
    masks: [maskOf("full")],
    held: null,
  };
}

export function maskOf(name: MaskPattern, change: Partial<MaskMeta> = {}): MaskMeta {
  return {
    name,
    before: null,
    after: null,
    size: null,
    hidden: [],
    blind: [],
    causal: false,
    share: 1,
    ...change,
  };
}

export const attentionOf = (layers: (LayerMeta | null)[], kind: AttentionKind = "encoder") => [
  { kind, layers },
];

export function metaOf(text: string | TokenMeta[], change: Partial<Meta> = {}): Meta {
  return {
    run: 1,
    model_name: "tiny",
    tokens: typeof text === "string" ? tokensOf(text) : text,
    has_hidden_states: true,
    has_word_embeddings: true,
    target: null,
    attention: attentionOf([layerOf(3), layerOf(3)]),
    suggestions: [],
    windows: [],
    roles: [],
    image: null,
    read_only: null,
    comparison: null,
    positions: [],
    ...change,
  };
}

export function stateOf(change: Partial<State> = {}): State {
  const meta = change.meta ?? metaOf("a small no|vel .");
  return {
    text: "a small novel .",
    text_pair: null,
    ...DEFAULTS,
    heads: [0, 1, 2],
    views: ["lines", "neuron", "text"],
    theme: "light",
    locale: "en",
    busy: false,
    kept: {},
    ...change,
    meta,
  };
}

/** Light, and in English. */
export const PAGE: Page = { dark: signal(false), language: signal("en") };

export interface Connected {
  host: NotebookHost;
  state: AppState;
  controller: AbortController;
}

export function connected(change: Partial<State> = {}): Connected {
  const host = new NotebookHost(stateOf(change));
  const controller = new AbortController();
  return { host, state: connectState(host, PAGE, controller.signal), controller };
}
