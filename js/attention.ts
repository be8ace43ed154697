/** The exact attention of query tokens over all heads, by the shortest way. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Meta } from "./contract";
import { resource } from "./resource";
import type { TensorSource } from "./source";
import type { AppState } from "./state";
import { at, type Numbers, shapeAt } from "./tensor";

/** A layer up to this size comes whole, so that hovering needs no kernel; else row by row. */
const WHOLE_LAYER_BYTES = 4 * 2 ** 20;

export function layerComesWhole(meta: Meta, layer: number): boolean {
  const heads = meta.layers[layer]?.n_heads ?? 0;
  return 4 * heads * meta.tokens.length ** 2 <= WHOLE_LAYER_BYTES;
}

export interface AttentionRow {
  /** The query tokens it was asked for. */
  tokens: readonly number[];
  /** By head: attention over the keys, mean over the query tokens. Null while on its way. */
  heads: Numbers[] | null;
  pending: boolean;
  error: string | null;
}

/** `tokens` reads signals; none is nothing to show. */
export function attentionRow(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  tokens: () => readonly number[],
): ReadonlySignal<AttentionRow> {
  const chosen = computed(() => tokens().join(",")); // by value: the array may be a new one
  const isWhole = computed(() => layerComesWhole(state.meta.value, state.layer.value));
  const key = computed(() =>
    isWhole.value
      ? `attention/${state.layer.value}`
      : `attention_row/${state.layer.value}/${chosen.value}`,
  );
  const held = resource(state, source, abort, () =>
    isWhole.value || chosen.value ? key.value : null,
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

/** Mean of rows of equal length; a single row is itself. */
export function meanOf(rows: readonly Numbers[]): Numbers {
  const [first] = rows;
  if (!first || rows.length === 1) return first ?? new Float32Array();
  const mean = new Float32Array(first.length);
  for (let key = 0; key < mean.length; key++) {
    let sum = 0;
    for (const row of rows) sum += row[key] ?? 0;
    mean[key] = sum / rows.length;
  }
  return mean;
}
