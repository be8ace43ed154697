/** The heads in which the selected query attends most to the selected key, of all layers. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { Head } from "../state/choose_head";
import { attentionKey } from "../state/shown_keys";
import { at, shapeAt } from "../trace/tensor";
import { resources } from "./resource";
import type { TensorSource } from "./source";

/** Asked for when the selection rests for this long, so that walking with arrows asks once. */
const REST_MS = 150;

export interface PairHead extends Head {
  weight: number;
}

export interface PairHeads {
  /** The same for the same tokens of the same attention. */
  name: string;
  /** Rows of the views. */
  query: number;
  key: number;
  /** Those that give the pair any attention, the most first. Null while it is on its way. */
  heads: readonly PairHead[] | null;
  /** Every head is known; a saved page may lack some. */
  complete: boolean;
}

/** Null where not both are selected, or nothing can be known. */
export function pairHeads(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): ReadonlySignal<PairHeads | null> {
  const layers = computed(() => {
    const { value: query } = state.selected;
    if (query === null || state.selectedKey.value === null) return [];
    if (state.isDifference.value) return [];
    const kind = state.attention_kind.value;
    return state.layers.value.flatMap((has, layer) => {
      if (!has) return [];
      const key = attentionKey(state, "attention_row", { tokens: [query], layer });
      return { kind, layer, n: has.n_heads, key };
    });
  });
  const name = computed(() => {
    const [first] = layers.value;
    return first ? `${state.meta.value.run}:${first.key}:${state.selectedKey.value}` : "";
  });

  const rested = signal("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(abort, () => {
    const { value: now } = name;
    clearTimeout(timer);
    timer = setTimeout(() => {
      rested.value = now;
    }, REST_MS);
  });
  onAbort(abort, () => clearTimeout(timer));

  const held = resources(state, source, abort, () =>
    rested.value === name.value ? layers.value.map(({ key }) => key) : [],
  );
  return computed(() => {
    const { selected, selectedKey } = state;
    const [query, key] = [selected.value, selectedKey.value];
    if (query === null || key === null || !layers.value.length) return null;
    const pair = { name: name.value, query, key, complete: true };
    const { tensors, missing } = held.value;
    if (rested.value !== name.value || missing) return { ...pair, heads: null };
    const known = layers.value.flatMap(({ key: row, kind, layer }) => {
      const tensor = tensors.get(row);
      return Array.from({ length: tensor ? shapeAt(tensor, 0) : 0 }, (_, head) => {
        const weight = (tensor && at(tensor, head)[key]) ?? Number.NaN;
        return { kind, layer, head, weight };
      }).filter(({ weight }) => !Number.isNaN(weight));
    });
    if (!known.length) return null;
    const heads = known.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
    const count = layers.value.reduce((sum, { n }) => sum + n, 0);
    return { ...pair, heads, complete: known.length === count };
  });
}
