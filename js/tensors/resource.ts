/** A tensor that follows the selection: the key may change, and what is late is dropped. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../state/app_state";
import type { Tensor } from "../trace/tensor";
import type { TensorSource } from "./source";

export interface Resource {
  /** The last tensor of this forward pass, kept while the next is on its way. */
  tensor: Tensor | null;
  /** The key it came by. */
  key: string | null;
  pending: boolean;
  error: string | null;
}

const NOTHING: Resource = { tensor: null, key: null, pending: false, error: null };

/** `key` reads signals; null means that nothing is needed. */
export function resource(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  key: () => string | null,
): ReadonlySignal<Resource> {
  const result = signal<Resource>(NOTHING);
  let shown: { run: number; key: string | null } = { run: -1, key: null };
  let stop = new AbortController();

  watch(abort, () => {
    const run = state.meta.value.run;
    const wanted = key();
    if (run === shown.run && wanted === shown.key) return;
    const held = run === shown.run ? result.peek() : NOTHING;
    shown = { run, key: wanted };
    stop.abort();
    stop = new AbortController();
    if (wanted === null) {
      result.value = NOTHING;
      return;
    }
    const here = source.peek(run, wanted);
    if (here) {
      result.value = { tensor: here, key: wanted, pending: false, error: null };
      return;
    }
    result.value = { ...held, pending: true, error: null };
    const { signal: over } = stop;
    source.get(run, wanted, over).then(
      (tensor) => {
        if (over.aborted) return; // it changed while the answer was on its last way
        result.value = { tensor, key: wanted, pending: false, error: null };
      },
      (error: Error) => {
        if (over.aborted) return;
        result.value = { tensor: null, key: null, pending: false, error: error.message };
      },
    );
  });
  abort.addEventListener("abort", () => stop.abort(), { once: true });
  return result;
}
