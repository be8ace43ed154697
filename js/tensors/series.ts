/**
 * Tensors one after another, what is in sight first: an overview of many layers must not keep the
 * view of one layer waiting.
 */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../state/app_state";
import type { Tensor } from "../trace/tensor";
import type { TensorSource } from "./source";

export interface Series {
  /** What is here of the latest forward pass. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** How many of those that are wanted are neither here nor refused. */
  readonly missing: number;
  /** Why a wanted one cannot come. */
  readonly error: string | null;
}

/** `keys` reads signals, and names what is wanted, the most urgent first. */
export function series(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  keys: () => readonly string[],
): ReadonlySignal<Series> {
  const result = signal<Series>({ tensors: new Map(), missing: 0, error: null });
  const tensors = new Map<string, Tensor>();
  const refused = new Map<string, string>();
  let wanted: readonly string[] = [];
  let run = -1;
  let stop = new AbortController();
  let underWay = false;
  let changes = 0;
  let told = "";

  const isMissing = (key: string) => !tensors.has(key) && !refused.has(key);

  function tell(): void {
    const [error = null] = wanted.flatMap((key) => refused.get(key) ?? []);
    const missing = wanted.filter(isMissing).length;
    const now = `${changes} ${missing} ${error}`;
    if (now === told) return; // `keys` may follow from what is here
    told = now;
    result.value = { tensors, missing, error };
  }

  function next(): void {
    const key = underWay ? undefined : wanted.find(isMissing);
    if (key === undefined || abort.aborted) return;
    underWay = true;
    const { signal: over } = stop;
    source
      .get(run, key, over, "idle")
      .then(
        (tensor) => void (over.aborted || tensors.set(key, tensor)),
        (error: Error) => void (over.aborted || refused.set(key, error.message)),
      )
      .finally(() => {
        if (over.aborted) return;
        underWay = false;
        changes += 1;
        tell();
        next();
      });
  }

  watch(abort, () => {
    const { value: meta } = state.meta;
    wanted = keys();
    if (meta.run !== run) {
      run = meta.run;
      stop.abort();
      stop = new AbortController();
      underWay = false;
      tensors.clear();
      refused.clear();
      changes += 1;
    }
    for (const key of wanted) {
      const here = isMissing(key) ? source.peek(run, key) : undefined;
      if (!here) continue;
      tensors.set(key, here);
      changes += 1;
    }
    tell();
    next();
  });
  abort.addEventListener("abort", () => stop.abort(), { once: true });
  return result;
}
