/** Several tensors that follow the selection: what is no longer wanted is not waited for. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../state/app_state";
import type { Tensor } from "../trace/tensor";
import type { TensorSource } from "./source";

export interface Resources {
  /** Those of the wanted that are here. */
  tensors: ReadonlyMap<string, Tensor>;
  pending: boolean;
  error: string | null;
}

/** `keys` reads signals; those at the front come first. */
export function resources(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  keys: () => readonly string[],
): ReadonlySignal<Resources> {
  const result = signal<Resources>({ tensors: new Map(), pending: false, error: null });
  const asked = new Map<string, AbortController>();
  const failed = new Map<string, string>();
  let shown = -1;

  const forget = (keep: (key: string) => boolean) => {
    for (const [key, stop] of asked) {
      if (keep(key)) continue;
      stop.abort();
      asked.delete(key);
    }
  };

  function ask(run: number, key: string): void {
    const stop = new AbortController();
    asked.set(key, stop);
    const end = (came: () => void) => {
      if (stop.signal.aborted) return;
      asked.delete(key);
      came();
    };
    source.get(run, key, stop.signal).then(
      (tensor) => end(() => tell(new Map(result.peek().tensors).set(key, tensor))),
      (error: Error) =>
        end(() => {
          failed.set(key, error.message);
          tell(result.peek().tensors);
        }),
    );
  }

  function tell(tensors: ReadonlyMap<string, Tensor>): void {
    const [error = null] = failed.values();
    result.value = { tensors, pending: asked.size > 0, error };
  }

  watch(abort, () => {
    const run = state.meta.value.run;
    const wanted = new Set(keys());
    const before = run === shown ? result.peek().tensors : new Map<string, Tensor>();
    forget((key) => run === shown && wanted.has(key));
    for (const key of [...failed.keys()]) {
      if (run !== shown || !wanted.has(key)) failed.delete(key);
    }
    shown = run;
    const tensors = new Map<string, Tensor>();
    const missing: string[] = [];
    for (const key of wanted) {
      const here = source.peek(run, key) ?? before.get(key);
      if (here) tensors.set(key, here);
      else if (!asked.has(key) && !failed.has(key)) missing.push(key);
    }
    for (const key of missing.reverse()) ask(run, key); // the newest wish is served first
    tell(tensors);
  });
  abort.addEventListener("abort", () => forget(() => false), { once: true });
  return result;
}
