/** The measure whose shares the passages have, in the place of attention where it has any. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import { measuredState } from "../../state/measured_state";
import type { ShownMeasure } from "../../trace/measures";

export interface SharedMeasure {
  /** The state in which the measure stands in the place of attention. */
  readonly measured: AppState;
  /** Null for attention, also where the measure that is chosen has no shares. */
  readonly shown: ReadonlySignal<ShownMeasure | null>;
  /** That measure. */
  readonly lacks: ReadonlySignal<ShownMeasure | null>;
}

/** Numbers that may lie below 0, and changes of sizes, have no whole that a share could be of. */
export function sharedMeasure(state: AppState): SharedMeasure {
  const measured = measuredState(state);
  const chosen = measured.measure_shown;
  const hasShares = computed(() => {
    const { value: measure } = chosen;
    if (measure?.scale === "size") return !state.isDifference.value;
    return measure?.scale !== "signed";
  });
  return {
    measured,
    shown: computed(() => (hasShares.value ? chosen.value : null)),
    lacks: computed(() => (hasShares.value ? null : chosen.value)),
  };
}
