/**
 * Two kinds of state. SYNCED lives in Python as traits of the same names: what a person would
 * want to read, set or save. The rest (what the mouse is over, what follows from the synced)
 * lives and dies in the browser.
 */

import {
  batch,
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
} from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { guarded } from "../browser/guard";
import { followingNumbers, type Numbers, numbersIn } from "../language/numbers";
import {
  inLanguage,
  type Language,
  languageOf,
  type Say,
  type Text,
  type Values,
} from "../language/say";
import type { ComparisonMeta, LayerMeta, State } from "../trace/contract";
import { jsonOf } from "../trace/edits";
import type { LayerHead } from "../trace/layer_head";
import type { ShownMeasure } from "../trace/measures";
import { OPTION_NAMES, type Options, type ViewName } from "../trace/options";
import { layersOf, rowIn, type Sides, sidesOf, windowOf } from "../trace/sides";
import { withSuggestions } from "../trace/suggestions";
import { type Rows, type Unit, unitOfToken, unitsOf } from "../trace/units";
import { type Host, listen } from "../transport/host";
import { shownSide } from "./shown_side";

/** Set by Python alone; the browser asks for another text with a message. */
const RESULTS = ["text", "text_pair", "busy", "meta"] as const satisfies readonly (keyof State)[];

/** What the widget reads off the page that it stands in. */
export interface Page {
  dark: ReadonlySignal<boolean>;
  language: ReadonlySignal<string>;
}

export type Chosen = { readonly [K in keyof Options]: Signal<Options[K]> };
export type Results = { readonly [K in (typeof RESULTS)[number]]: ReadonlySignal<State[K]> };

export interface Hover {
  /** Its row in that list of the attention. */
  token: number;
  /** Over a token as the one that attends, or as one that is attended to. */
  as: "query" | "key";
}

/** What views need of a signal that they set. */
export interface Settable<T> {
  value: T;
  peek(): T;
}

/** What fills the window: one view alone, or all of the widget. */
export type Stage = ViewName | "all";

export interface ChangeScale {
  readonly top: number;
  /** Whether some may lie beyond it. */
  readonly isOpen: boolean;
}

interface Local {
  readonly stage: Settable<Stage | null>;
  /** How tall a picture can be that fills the window alone; null elsewhere. */
  readonly room: Settable<number | null>;
  readonly hovered: Settable<Hover | null>;
  readonly dark: ReadonlySignal<boolean>;
  readonly layers: ReadonlySignal<readonly (LayerMeta | null)[]>;
  /** Of the selected layer. */
  readonly layerMeta: ReadonlySignal<LayerMeta | null>;
  /** The tokens that the attention joins. Views count them by row, the text by index. */
  readonly sides: ReadonlySignal<Sides>;
  /** Words or tokens of the text that the queries are of, as `words` says. */
  readonly units: ReadonlySignal<Unit[]>;
  /** What makes a row: passages, words or tokens. */
  readonly rows: ReadonlySignal<Rows>;
  readonly unitOfToken: ReadonlySignal<number[]>;
  /** Row of the selected query token, and of the selected key token. */
  readonly selected: ReadonlySignal<number | null>;
  readonly selectedKey: ReadonlySignal<number | null>;
  /** Row of the token whose attention is looked at: under the mouse, else selected. */
  readonly query: ReadonlySignal<number | null>;
  /** Selected heads that the layer has. */
  readonly activeHeads: ReadonlySignal<number[]>;
  /**
   * Heads of several layers, which lines and matrix show side by side; empty where they show heads
   * of one.
   */
  readonly pairs: ReadonlySignal<readonly LayerHead[]>;
  /** The one head of views that show one: the first. */
  readonly focusHead: ReadonlySignal<number | null>;
  readonly language: ReadonlySignal<Language>;
  /** A text in the language of the widget; `{name}` in it stands for a value. */
  readonly say: Say;
  /** How it writes numbers. */
  readonly numbers: Numbers;
  /** For keys of tensors: the edits of what is shown, null for the pass without. */
  readonly pass: ReadonlySignal<string | null>;
  /** Where the colours of differences end, on both sides of 0. */
  readonly changeScale: Settable<ChangeScale>;
  /** Two passes that are compared, of which one or the difference is shown; null elsewhere. */
  readonly comparison: ReadonlySignal<ComparisonMeta | null>;
  /** Whether what is shown is that pass minus the one without edits. */
  readonly isDifference: ReadonlySignal<boolean>;
  /** Whether the numbers that stand for weights may lie below 0. */
  readonly isSigned: ReadonlySignal<boolean>;
  /** What is shown in the place of attention, null for attention; measured_state.ts. */
  readonly measure_shown: ReadonlySignal<ShownMeasure | null>;
}

const ATTENTION: ReadonlySignal<ShownMeasure | null> = signal(null);

export type AppState = Chosen & Results & Local;

export function connectState(host: Host, page: Page, abort: AbortSignal): AppState {
  const sent = (name: keyof Chosen | keyof Results) =>
    name === "meta" ? withSuggestions(host.get(name)) : host.get(name);
  const synced = Object.fromEntries(
    [...OPTION_NAMES, ...RESULTS].map((name) => [name, signal(sent(name))]),
  ) as unknown as Chosen & { [K in keyof Results]: Signal<State[K]> };

  const hovered = signal<Hover | null>(null);
  let pushing = false; // a host says "changed" after each set, when the rest is not yet set

  // All at once: a new text changes several traits, and views must not see half of it.
  const pull = () =>
    pushing ||
    batch(() => {
      if (synced.meta.value.run !== host.get("meta").run) hovered.value = null;
      for (const name of [...OPTION_NAMES, ...RESULTS]) {
        (synced[name] as Signal<unknown>).value = sent(name);
      }
    });
  for (const name of [...OPTION_NAMES, ...RESULTS]) listen(host, `change:${name}`, pull, abort);

  watch(abort, () => {
    const changed = OPTION_NAMES.filter((name) => synced[name].value !== host.get(name));
    if (!changed.length) return;
    pushing = true;
    try {
      for (const name of changed) host.set(name, synced[name].value as never);
    } finally {
      pushing = false;
    }
    host.save_changes();
  });

  const comparison = computed(() => synced.meta.value.comparison ?? null);
  const shown = shownSide(synced, comparison);
  const layers = computed(() => layersOf(shown.meta.value, synced.attention_kind.value));
  const layerMeta = computed(() => layers.value[synced.layer.value] ?? null);
  const window = computed(() => windowOf(shown.meta.value, shown.token.value));
  const rows = computed(
    (): Rows => (synced.passage_rows.value ? "passages" : synced.words.value ? "words" : "tokens"),
  );
  const sides = computed(() =>
    sidesOf(shown.meta.value, synced.attention_kind.value, window.value, {
      units: rows.value,
      special: synced.special_tokens.value,
    }),
  );
  watch(abort, () => {
    void sides.value; // rows of other lists
    hovered.value = null;
  });
  const queryTokens = computed(() => sides.value.queryText.tokens); // the same in every window
  const units = computed(() => unitsOf(queryTokens.value, rows.value));
  const activeHeads = computed(() => {
    const count = layerMeta.value?.n_heads ?? 0;
    return synced.heads.value.filter((head) => head < count);
  });
  const pairs = computed(() =>
    synced.head_pairs.value
      .map(([layer, head]) => ({ layer, head }))
      .filter(({ layer, head }) => head < (layers.value[layer]?.n_heads ?? 0)),
  );
  const selected = computed(() => rowIn(sides.value.queries, shown.token.value));
  const selectedKey = computed(() => rowIn(sides.value.keys, shown.key_token.value));
  const language = computed(() => {
    const { value: locale } = synced.locale;
    return languageOf(locale === "auto" ? page.language.value : locale);
  });
  const isDifference = computed(
    () => shown.edits.value.length > 0 && synced.shown_pass.value === "difference",
  );
  function say(text: Text, values?: Values): string {
    const { value: found } = comparison;
    const [one = "", other = ""] = found?.names ?? [];
    const said = (found && text.compared) || text;
    const named = found ? { one, other, ...values } : values;
    return inLanguage(language.value, said, named, synced.number_format.value);
  }
  return {
    ...synced,
    ...shown,
    comparison,
    stage: signal<Stage | null>(null),
    room: signal<number | null>(null),
    hovered,
    dark: computed(() => {
      const { value: theme } = synced.theme;
      return theme === "auto" ? page.dark.value : theme === "dark";
    }),
    layers,
    layerMeta,
    sides,
    rows,
    units,
    unitOfToken: computed(() => unitOfToken(units.value)),
    selected,
    selectedKey,
    language,
    say,
    numbers: followingNumbers(() => numbersIn(language.value, synced.number_format.value)),
    query: computed(() => {
      const { value: over } = hovered;
      const isRow = over?.as === "query" && over.token < sides.value.queries.tokens.length;
      return isRow ? over.token : selected.value;
    }),
    activeHeads,
    pairs,
    pass: computed(() => {
      const { value: edits } = shown.edits;
      return edits.length && synced.shown_pass.value !== "before" ? jsonOf(edits) : null;
    }),
    changeScale: signal<ChangeScale>({ top: 1, isOpen: false }),
    isDifference,
    isSigned: isDifference,
    measure_shown: ATTENTION,
    focusHead: computed(() => activeHeads.value[0] ?? null),
  };
}

/** Runs now and whenever a signal it read changes, until aborted. */
export function watch(abort: AbortSignal, run: () => void): void {
  if (abort.aborted) return;
  const dispose = effect(guarded(abort, run));
  if (abort.aborted) dispose();
  else onAbort(abort, dispose);
}
