/** Weights that are NaN: what cannot be drawn is said. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { AppState } from "../state/app_state";
import { hasNobody } from "../state/nobody";
import { layersOfHeads } from "../state/shown_heads";
import { attentionKey } from "../state/shown_keys";
import type { LayerHead } from "../trace/layer_head";
import { resources } from "./resource";
import type { TensorSource } from "./source";

export interface LostWeights {
  /** The heads that have some, by number; of several layers with their layer, as "2·5". */
  heads: readonly string[];
  /** How many weights there are of these. */
  n: number;
  error: string | null;
}

/** Of `heads`, which reads signals: some of those that are shown. */
export function lostWeights(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  heads: () => readonly LayerHead[],
): ReadonlySignal<LostWeights> {
  const keyOf = (layer: number) => attentionKey(state, "count_nan", { layer });
  const layers = computed(() =>
    hasNobody(state) ? [] : layersOfHeads(heads()).filter((each) => state.layers.value[each]),
  );
  const held = resources(state, source, abort, () => layers.value.map(keyOf));
  return computed(() => {
    const { tensors, error } = held.value;
    const areOfLayers = state.pairs.value.length > 0;
    const lost = new Map<string, number>();
    for (const { layer, head } of heads()) {
      const n = tensors.get(keyOf(layer))?.data[head];
      if (n) lost.set(areOfLayers ? `${layer}·${head}` : String(head), n);
    }
    const n = [...lost.values()].reduce((sum, each) => sum + each, 0);
    return { heads: [...lost.keys()], n, error };
  });
}
