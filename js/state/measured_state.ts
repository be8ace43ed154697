/** The state of the views that show a measure in the place of attention: lines, matrix, grid, text. */

import { computed, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import type { LayerHead } from "../trace/layer_head";
import { type About, aboutInKey, MEASURE_FACTS, type ShownMeasure } from "../trace/measures";
import { sidesOf } from "../trace/sides";
import type { AppState, ChangeScale } from "./app_state";

/** The measure that is chosen; null for attention. */
export function shownMeasure(state: AppState): ReadonlySignal<ShownMeasure | null> {
  // By value: another token is no other measure where it has no part in it.
  const key = computed(() => aboutInKey(aboutOf(state)));
  return computed(() => {
    const { value: inKey } = key;
    const name = state.weights.value;
    if (name === "attention") return null;
    const facts = MEASURE_FACTS[name];
    const about = facts.takes === "gradient" ? aboutOf(state) : { name, token: null, other: null };
    return { ...facts, ...about, key: inKey };
  });
}

const carried = new WeakMap<AppState, About>();

/** Of a page: the measure that it carries, and what that is of. Null elsewhere. */
export function carriedIn(state: AppState): About | null {
  if (state.meta.peek().read_only !== "page") return null;
  const known = carried.get(state) ?? untracked(() => chosenIn(state));
  carried.set(state, known);
  return known;
}

/** What is chosen, and what a gradient would be of. */
export function aboutOf(state: AppState): About {
  const found = chosenIn(state);
  const held = carriedIn(state);
  return held && held.name === found.name ? held : found;
}

function chosenIn(state: AppState): About {
  const { weights, meta, attention_kind, token, compared_with } = state;
  // The queries of an encoder before a decoder are no tokens that are predicted at.
  const isOfSource = meta.value.target !== null && attention_kind.value === "encoder";
  return {
    name: weights.value,
    token: isOfSource ? null : token.value,
    other: compared_with.value,
  };
}

const measured = new WeakMap<AppState, AppState>();
const bases = new WeakMap<AppState, AppState>();

/** The state that this one was made of; itself where it is of none. */
export const unmeasured = (state: AppState): AppState => bases.get(state) ?? state;

/** One for each state. */
export function measuredState(state: AppState): AppState {
  carriedIn(state); // before anybody chooses another
  const known = measured.get(state) ?? withMeasure(state);
  measured.set(state, known);
  bases.set(known, state);
  return known;
}

/**
 * Attention stays as it is. Of a measure of whole layers there is one map for all heads, which is
 * that of the first: each layer is shown once.
 */
function withMeasure(state: AppState): AppState {
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
  const activeHeads = computed(() => {
    const { value: heads } = state.activeHeads;
    if (!isWhole.value) return heads;
    return [heads[0] ?? state.layerMeta.value?.held?.[0] ?? 0];
  });
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
      const isFirst = ({ layer }: LayerHead, place: number) =>
        pairs.findIndex((each) => each.layer === layer) === place;
      return pairs.filter(isFirst);
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
