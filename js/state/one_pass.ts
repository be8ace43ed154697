/** The state of what shows one pass, whatever the others show: before edits, or after them. */

import { computed, signal } from "@preact/signals-core";
import type { AppState } from "./app_state";

const NO = signal(false);

/** Where the others show the difference, the pass after the edits. */
export const afterEdits = (state: AppState): AppState => ({
  ...state,
  isDifference: NO,
  isSigned: computed(() => state.measure_shown.value?.scale === "signed"),
});

/** Both passes, of which a difference is made. */
export const bothPasses = (state: AppState): { before: AppState; after: AppState } => ({
  before: { ...afterEdits(state), pass: computed(() => null) },
  after: afterEdits(state),
});
