/** A tensor that is likely to be wanted, fetched while nobody waits for anything. */

import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { TensorSource } from "./source";

/** `key` reads signals; null means none. Another key lets go of the one before. */
export function ahead(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  key: () => string | null,
): void {
  let stop: AbortController | null = null;
  onAbort(abort, () => stop?.abort());
  watch(abort, () => {
    const { run } = state.meta.value;
    const wanted = key();
    stop?.abort();
    if (wanted === null) return;
    stop = new AbortController();
    // What fails now fails again when somebody asks for it, who is told why.
    source.get(run, wanted, stop.signal, "idle").catch(() => undefined);
  });
}
