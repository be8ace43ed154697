/** Weights that are NaN: what cannot be drawn is said. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { type AppState, attentionKey } from "../state/app_state";
import { resource } from "./resource";
import type { TensorSource } from "./source";

export interface LostWeights {
  /** The heads that have some. */
  heads: readonly number[];
  /** How many weights there are of these. */
  n: number;
  error: string | null;
}

/** Of `heads`, which reads signals: some of the selected. */
export function lostWeights(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  heads: () => readonly number[],
): ReadonlySignal<LostWeights> {
  const key = computed(() =>
    state.activeHeads.value.length ? attentionKey(state, "count_nan") : null,
  );
  const held = resource(state, source, abort, () => key.value);
  return computed(() => {
    const { tensor, key: of, error } = held.value;
    const counts = of !== null && of === key.value ? tensor?.data : undefined;
    const lost = [...new Set(heads())].filter((head) => counts?.[head]);
    return { heads: lost, n: lost.reduce((sum, head) => sum + (counts?.[head] ?? 0), 0), error };
  });
}
