/** The heads that lines and matrix draw: some of one layer, or pairs of layer and head. */

import type { LayerHead } from "../trace/layer_head";
import type { AppState } from "./app_state";

/** The pairs, else the selected heads of the layer. */
export function shownHeads(state: AppState): readonly LayerHead[] {
  const { value: pairs } = state.pairs;
  if (pairs.length) return pairs;
  const { value: layer } = state.layer;
  return state.activeHeads.value.map((head) => ({ layer, head }));
}

/** Each layer once, in order. */
export const layersOfHeads = (heads: readonly LayerHead[]): number[] => [
  ...new Set(heads.map(({ layer }) => layer)),
];

/** Each head beside the others. */
export function areSideBySide(state: AppState): boolean {
  if (state.pairs.value.length) return state.pairs.value.length > 1;
  return state.combine.value === "columns" && state.activeHeads.value.length > 1;
}
