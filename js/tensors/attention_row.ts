/** The exact attention of query tokens over all heads. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { AppState } from "../state/app_state";
import { attentionKey } from "../state/shown_keys";
import { at, type Numbers, shapeAt } from "../trace/tensor";
import { layerComesWhole } from "./deriving";
import { resources } from "./resource";
import type { TensorSource } from "./source";

export interface AttentionRow {
  /** The rows of the query tokens it was asked for. */
  tokens: readonly number[];
  /** By head: attention over the keys, mean over the query tokens. Null while on its way. */
  heads: Numbers[] | null;
  pending: boolean;
  error: string | null;
}

/** The same of several layers: those that are here. */
export interface AttentionRows extends Omit<AttentionRow, "heads"> {
  layers: ReadonlyMap<number, Numbers[]>;
}

/**
 * `tokens` gives rows, and reads signals; none is nothing to show. With `ahead` a layer that comes
 * whole is asked for before the first token is.
 */
export function attentionRow(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  tokens: () => readonly number[],
  ahead = true,
): ReadonlySignal<AttentionRow> {
  const rows = attentionRows(state, source, abort, tokens, () => [state.layer.value], ahead);
  return computed(() => {
    const { layers, ...row } = rows.value;
    return { ...row, heads: layers.get(state.layer.value) ?? null };
  });
}

/** `layers` reads signals too. */
export function attentionRows(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  tokens: () => readonly number[],
  layers: () => readonly number[],
  ahead = true,
): ReadonlySignal<AttentionRows> {
  const chosen = computed(() => tokens().join(",")); // by value: the array may be a new one
  const queries = computed(() => (chosen.value ? chosen.value.split(",").map(Number) : []));
  const keyOf = (layer: number) =>
    attentionKey(state, "attention_row", { tokens: queries.value, layer });
  const there = () => layers().filter((layer) => state.layers.value[layer]);
  const held = resources(state, source, abort, () => {
    if (queries.value.length) return there().map(keyOf);
    const whole = ahead ? there().filter((layer) => layerComesWhole(state, layer)) : [];
    return whole.map((layer) => attentionKey(state, "attention", { layer }));
  });
  return computed(() => {
    const { tensors, missing, error } = held.value;
    const found = new Map<number, Numbers[]>();
    for (const layer of queries.value.length ? there() : []) {
      const tensor = tensors.get(keyOf(layer));
      if (!tensor) continue;
      found.set(
        layer,
        Array.from({ length: shapeAt(tensor, 0) }, (_, head) => at(tensor, head)),
      );
    }
    return { tokens: queries.value, layers: found, pending: missing > 0, error };
  });
}
