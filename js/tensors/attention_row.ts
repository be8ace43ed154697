/** The exact attention of query tokens over all heads. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { type AppState, attentionKey } from "../state/app_state";
import { at, type Numbers, shapeAt } from "../trace/tensor";
import { layerComesWhole } from "./deriving";
import { resource } from "./resource";
import type { TensorSource } from "./source";

export interface AttentionRow {
  /** The rows of the query tokens it was asked for. */
  tokens: readonly number[];
  /** By head: attention over the keys, mean over the query tokens. Null while on its way. */
  heads: Numbers[] | null;
  pending: boolean;
  error: string | null;
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
  const chosen = computed(() => tokens().join(",")); // by value: the array may be a new one
  const queries = computed(() => (chosen.value ? chosen.value.split(",").map(Number) : []));
  const key = computed(() => {
    if (!state.layerMeta.value) return null;
    if (queries.value.length)
      return attentionKey(state, "attention_row", { tokens: queries.value });
    return ahead && layerComesWhole(state) ? attentionKey(state, "attention") : null;
  });
  const held = resource(state, source, abort, () => key.value);
  return computed(() => {
    const { tensor, key: heldKey, pending, error } = held.value;
    const isHere = tensor && heldKey === key.value && queries.value.length > 0;
    const heads = isHere
      ? Array.from({ length: shapeAt(tensor, 0) }, (_, head) => at(tensor, head))
      : null;
    return { tokens: queries.value, heads, pending, error };
  });
}
