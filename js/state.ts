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
import type { State } from "./contract";
import { type Host, listen } from "./host";
import { type Unit, unitOfToken, unitsOf } from "./units";

/** Set by either side. */
const SELECTIONS = [
  "layer",
  "heads",
  "average",
  "token",
  "pinned",
  "views",
  "measure",
  "space",
  "words",
  "theme",
] as const satisfies readonly (keyof State)[];

/** Set by Python alone; the browser asks for another text with a message. */
const RESULTS = ["text", "text_pair", "busy", "meta"] as const satisfies readonly (keyof State)[];

type Selections = { readonly [K in (typeof SELECTIONS)[number]]: Signal<State[K]> };
type Results = { readonly [K in (typeof RESULTS)[number]]: ReadonlySignal<State[K]> };

export interface Hover {
  token: number;
  /** Over a token as the one that attends, or as one that is attended to. */
  as: "query" | "key";
}

interface Local {
  readonly hovered: Signal<Hover | null>;
  readonly dark: ReadonlySignal<boolean>;
  /** Words or tokens of the text, as `words` says. */
  readonly units: ReadonlySignal<Unit[]>;
  readonly unitOfToken: ReadonlySignal<number[]>;
  /** The token whose attention is looked at: under the mouse, else selected. */
  readonly query: ReadonlySignal<number | null>;
  /** Selected heads that the layer has. */
  readonly activeHeads: ReadonlySignal<number[]>;
  /** The one head of views that show one. */
  readonly focusHead: ReadonlySignal<number | null>;
  readonly lastHead: Signal<number | null>;
}

export type AppState = Selections & Results & Local;

export function connectState(
  host: Host,
  hostIsDark: ReadonlySignal<boolean>,
  abort: AbortSignal,
): AppState {
  const synced = Object.fromEntries(
    [...SELECTIONS, ...RESULTS].map((name) => [name, signal(host.get(name))]),
  ) as unknown as Selections & { [K in keyof Results]: Signal<State[K]> };

  const hovered = signal<Hover | null>(null);
  let pushing = false; // a host says "changed" after each set, when the rest is not yet set

  // All at once: a new text changes several traits, and views must not see half of it.
  const pull = () =>
    pushing ||
    batch(() => {
      if (synced.meta.value.run !== host.get("meta").run) hovered.value = null;
      for (const name of [...SELECTIONS, ...RESULTS]) {
        (synced[name] as Signal<unknown>).value = host.get(name);
      }
    });
  for (const name of [...SELECTIONS, ...RESULTS]) listen(host, `change:${name}`, pull, abort);

  const dispose = effect(() => {
    const changed = SELECTIONS.filter((name) => synced[name].value !== host.get(name));
    if (!changed.length) return;
    pushing = true;
    try {
      for (const name of changed) host.set(name, synced[name].value as never);
    } finally {
      pushing = false;
    }
    host.save_changes();
  });
  abort.addEventListener("abort", dispose, { once: true });

  const lastHead = signal<number | null>(null);
  const units = computed(() => unitsOf(synced.meta.value.tokens, synced.words.value));
  const activeHeads = computed(() => {
    const count = synced.meta.value.layers[synced.layer.value]?.n_heads ?? 0;
    return synced.heads.value.filter((head) => head < count);
  });
  return {
    ...synced,
    hovered,
    dark: computed(() => {
      const { value: theme } = synced.theme;
      return theme === "auto" ? hostIsDark.value : theme === "dark";
    }),
    lastHead,
    units,
    unitOfToken: computed(() => unitOfToken(units.value)),
    query: computed(() =>
      hovered.value?.as === "query" ? hovered.value.token : synced.token.value,
    ),
    activeHeads,
    focusHead: computed(() => {
      const last = lastHead.value;
      if (last !== null && activeHeads.value.includes(last)) return last;
      return activeHeads.value[0] ?? null;
    }),
  };
}

/** The click that every view shares: select a token, or let go of it. */
export function toggleToken(state: AppState, token: number): void {
  state.token.value = state.token.value === token ? null : token;
}

/** Runs now and whenever a signal it read changes, until aborted. */
export function watch(abort: AbortSignal, run: () => void): void {
  if (abort.aborted) return;
  abort.addEventListener("abort", effect(run), { once: true });
}
