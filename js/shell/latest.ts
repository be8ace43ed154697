/** Of several texts the one that changed last. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { watch } from "../state/app_state";

export function latestOf(
  texts: readonly ReadonlySignal<string>[],
  abort: AbortSignal,
): ReadonlySignal<string> {
  const latest = signal("");
  for (const text of texts) {
    watch(abort, () => {
      latest.value = text.value;
    });
  }
  return latest;
}
