/** The mask of the layer that is looked at: what is known of it, and its runs once they are here. */

import { computed } from "@preact/signals-core";
import { type AppState, attentionKey } from "../../state/app_state";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { countsOf } from "./mask_coverage";

export interface MaskData {
  runs: Int32Array;
  head: number;
  queries: number;
  keys: number;
}

export type LayerMask = ReturnType<typeof layerMask>;

export function layerMask(state: AppState, source: TensorSource, abort: AbortSignal) {
  const status = resource(state, source, abort, () =>
    state.layerMeta.value ? attentionKey(state, "mask") : null,
  );
  /** One, or one for each head; none where the attention alone is known. */
  const masks = computed(() => state.layerMeta.value?.masks ?? []);
  /** Whose mask is shown: 0 where all heads share it. */
  const head = () => (masks.value.length > 1 ? (state.focusHead.value ?? 0) : 0);
  /** Null while it is on its way. */
  const mask = computed<MaskData | null>(() => {
    const { tensor, key } = status.value;
    if (!(tensor?.data instanceof Int32Array) || key !== attentionKey(state, "mask")) return null;
    const { queries, keys } = state.sides.value;
    return {
      runs: tensor.data,
      head: head(),
      queries: queries.tokens.length,
      keys: keys.tokens.length,
    };
  });
  const counts = computed(() => {
    const { value } = mask;
    return value && countsOf(value.runs, value.head, value.queries, value.keys);
  });
  /** Every query sees every key: there is little to draw. */
  const isFull = () => masks.value[head()]?.name === "full";
  return { masks, head, mask, isFull, counts, status };
}
