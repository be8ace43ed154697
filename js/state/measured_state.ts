/** The state of the views that show a measure in the place of attention: lines, matrix, grid, text. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { type About, aboutInKey, MEASURES, type MeasureFacts } from "../trace/measures";
import { sidesOf } from "../trace/sides";
import type { AppState, ChangeScale } from "./app_state";

/** What is shown in the place of attention. */
export interface Shown extends MeasureFacts, About {
  /** As keys of tensors name it. */
  readonly key: string;
}

/** The measure that is chosen; null for attention. */
export function shownMeasure(state: AppState): ReadonlySignal<Shown | null> {
  // By value: another token is no other measure where it has no part in it.
  const key = computed(() => aboutInKey(aboutOf(state)));
  return computed(() => {
    const { value: inKey } = key;
    const name = state.weights.value;
    if (name === "attention") return null;
    const facts = MEASURES[name];
    const about = facts.takes === "gradient" ? aboutOf(state) : { name, token: null, other: null };
    return { ...facts, ...about, key: inKey };
  });
}

function aboutOf(state: AppState): About {
  const { weights, meta, attention_kind, token, compared_with } = state;
  // The queries of an encoder before a decoder are no tokens that are predicted at.
  const isOfSource = meta.value.target !== null && attention_kind.value === "encoder";
  return {
    name: weights.value,
    token: isOfSource ? null : token.value,
    other: compared_with.value,
  };
}

/**
 * Attention stays as it is. Of a measure of whole layers there is one map for all heads, which is
 * that of the first: each layer is shown once.
 */
export function measuredState(state: AppState): AppState {
  const measure = shownMeasure(state);
  const isWhole = computed(() => measure.value?.per === "layer");
  const isUnbounded = computed(() => measure.value !== null && measure.value.scale !== "share");
  const changeScale = signal<ChangeScale>({ top: 1, isOpen: false });
  const layers = computed(() =>
    measure.value
      ? // no measure but attention leaves anything to a sink
        state.layers.value.map((layer) => layer && { ...layer, sinks: false, dim: layer.dim ?? 0 })
      : state.layers.value,
  );
  const activeHeads = computed(() => (isWhole.value ? [0] : state.activeHeads.value));
  return {
    ...state,
    measure_shown: measure,
    layers,
    layerMeta: computed(() => layers.value[state.layer.value] ?? null),
    activeHeads,
    focusHead: computed(() => activeHeads.value[0] ?? null),
    pairs: computed(() => {
      const { value: pairs } = state.pairs;
      if (!isWhole.value) return pairs;
      const found = [...new Set(pairs.map(({ layer }) => layer))];
      return found.map((layer) => ({ layer, head: 0 }));
    }),
    sides: computed(() => {
      const { value: sides } = state.sides;
      const { grouping, window } = sides;
      if (!isUnbounded.value || grouping.special !== "renormalise") return sides;
      const without = { ...grouping, special: "hide" } as const; // no shares to divide
      return sidesOf(state.meta.value, state.attention_kind.value, window, without);
    }),
    isSigned: computed(() => state.isDifference.value || measure.value?.scale === "signed"),
    changeScale: {
      get value() {
        return measure.value ? changeScale.value : state.changeScale.value;
      },
      set value(scale) {
        changeScale.value = scale;
      },
      peek: () => (measure.peek() ? changeScale.peek() : state.changeScale.peek()),
    },
  };
}
