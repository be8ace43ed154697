/** The mask of the layer that is looked at: what is known of it, and its runs once they are here. */

import { computed } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import { attentionKey } from "../../state/shown_keys";
import { ungrouped } from "../../state/ungrouped";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { countsOf, groupedRuns } from "./mask_coverage";

export interface MaskData {
  runs: Int32Array;
  head: number;
  queries: number;
  keys: number;
}

export type LayerMask = ReturnType<typeof layerMask>;

export function layerMask(state: AppState, source: TensorSource, abort: AbortSignal) {
  /** The mask is one of tokens, from which that of the rows follows. */
  const tokens = ungrouped(state);
  const keyOf = () => attentionKey(tokens, "mask");
  const status = resource(tokens, source, abort, () => (state.layerMeta.value ? keyOf() : null));
  /** One, or one for each head; none where the attention alone is known. */
  const masks = computed(() => state.layerMeta.value?.masks ?? []);
  /** Whose mask is shown: 0 where all heads share it. */
  const head = () => (masks.value.length > 1 ? (state.focusHead.value ?? 0) : 0);
  /** Null while it is on its way. */
  const mask = computed<MaskData | null>(() => {
    const { tensor, key } = status.value;
    if (!(tensor?.data instanceof Int32Array) || key !== keyOf()) return null;
    const { queries, keys, grouping } = state.sides.value;
    const isOfTokens = grouping.units === "tokens" && grouping.special === "show";
    return {
      runs: isOfTokens ? tensor.data : groupedRuns(tensor.data, queries.groups, keys.groups),
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
  const isFull = () => {
    const of = masks.value[head()];
    return of?.name === "full" && !of.hidden.length && !of.blind.length;
  };
  return { masks, head, mask, isFull, counts, status, tokens };
}
