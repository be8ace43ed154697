/** A tensor that is likely to be wanted, fetched once a person looks rather than steers. */

import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import { QUIET_MS } from "./prefetch";
import type { TensorSource } from "./source";

/** `key` reads signals; null means none. Another key lets go of the one before. */
export function ahead(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  key: () => string | null,
): void {
  let stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const letGo = () => {
    clearTimeout(timer);
    stop.abort();
  };
  onAbort(abort, letGo);
  watch(abort, () => {
    const { run } = state.meta.value;
    const wanted = key();
    letGo();
    if (wanted === null) return;
    stop = new AbortController();
    const { signal } = stop;
    timer = setTimeout(() => {
      // What fails now fails again when somebody asks for it, who is told why.
      source.get(run, wanted, signal, "idle").catch(() => undefined);
    }, QUIET_MS);
  });
}
