/** The exact attention of query tokens over all heads, by the shortest way. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { meanOf } from "../measures/attention_rows";
import { type AppState, attentionKey } from "../state/app_state";
import { at, type Numbers, shapeAt } from "../trace/tensor";
import { resource } from "./resource";
import type { TensorSource } from "./source";

/** A layer up to this size comes whole, so that hovering needs no kernel; else row by row. */
const WHOLE_LAYER_BYTES = 4 * 2 ** 20;

export const comesWhole = (heads: number, queries: number, keys: number): boolean =>
  4 * heads * queries * keys <= WHOLE_LAYER_BYTES;

export function layerComesWhole(state: AppState): boolean {
  const { queries, keys } = state.sides.value;
  const heads = state.layerMeta.value?.n_heads ?? 0;
  return comesWhole(heads, queries.tokens.length, keys.tokens.length);
}

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
  const isWhole = computed(() => layerComesWhole(state));
  const key = computed(() =>
    isWhole.value
      ? attentionKey(state, "attention")
      : attentionKey(state, "attention_row", chosen.value),
  );
  const held = resource(state, source, abort, () =>
    state.layerMeta.value && ((ahead && isWhole.value) || chosen.value) ? key.value : null,
  );
  return computed(() => {
    const queries = chosen.value ? chosen.value.split(",").map(Number) : [];
    const { tensor, key: heldKey, pending, error } = held.value;
    if (!queries.length || !tensor || heldKey !== key.value) {
      return { tokens: queries, heads: null, pending, error };
    }
    const heads = Array.from({ length: shapeAt(tensor, 0) }, (_, head) =>
      isWhole.value ? meanOf(queries.map((query) => at(tensor, head, query))) : at(tensor, head),
    );
    return { tokens: queries, heads, pending, error };
  });
}
