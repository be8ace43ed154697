/** Tensors that follow the selection: their keys may change, and what is late is dropped. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { Tensor } from "../trace/tensor";
import type { TensorSource, Urgency } from "./source";

export interface Resource {
  /** The last tensor of this forward pass, kept while the next is on its way. */
  tensor: Tensor | null;
  /** The key it came by. */
  key: string | null;
  pending: boolean;
  error: string | null;
}

export interface Resources {
  /** Those of the wanted that are here; in idleness all that came of this forward pass. */
  tensors: ReadonlyMap<string, Tensor>;
  /** The last that came, kept while the next is on its way. */
  last: Pick<Resource, "tensor" | "key">;
  /** How many of those that are wanted are neither here nor refused. */
  missing: number;
  /** Why a wanted one cannot come. */
  error: string | null;
}

const NOTHING = { tensor: null, key: null };

/** As many as one message holds. */
const MOST_IDLE = 16;

/** `key` reads signals; null means that nothing is needed. */
export function resource(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  key: () => string | null,
): ReadonlySignal<Resource> {
  const held = resources(state, source, abort, () => {
    const wanted = key();
    return wanted === null ? [] : [wanted];
  });
  return computed(() => {
    const { last, missing, error } = held.value;
    return { ...last, pending: missing > 0, error };
  });
}

/**
 * `keys` reads signals, and names the most urgent first. In idleness what came stays, and what is
 * on its way is some of them: an overview of many layers must not keep the view of one layer waiting.
 */
export function resources(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  keys: () => readonly string[],
  urgency: Urgency = "now",
): ReadonlySignal<Resources> {
  const result = signal<Resources>({ tensors: new Map(), last: NOTHING, missing: 0, error: null });
  const tensors = new Map<string, Tensor>();
  const refused = new Map<string, string>();
  const asked = new Map<string, AbortController>();
  let wanted: readonly string[] = [];
  let last: Resources["last"] = NOTHING;
  let run = -1;
  let changes = 0;
  let told = "";

  const isMissing = (key: string) => !tensors.has(key) && !refused.has(key);

  function tell(): void {
    const [error = null] = wanted.flatMap((key) => refused.get(key) ?? []);
    const missing = wanted.filter(isMissing).length;
    const now = `${changes} ${missing} ${error}`;
    if (now === told) return; // `keys` may follow from what is here
    told = now;
    result.value = { tensors, last, missing, error };
  }

  function put(key: string, tensor: Tensor): void {
    tensors.set(key, tensor);
    last = { tensor, key };
    changes += 1;
  }

  function letGo(isKept: (key: string) => boolean): void {
    for (const [key, stopped] of asked) {
      if (isKept(key)) continue;
      stopped.abort();
      asked.delete(key);
    }
  }

  function drop(isKept: (key: string) => boolean): void {
    letGo(isKept);
    for (const all of [tensors, refused]) {
      for (const key of all.keys()) {
        if (isKept(key)) continue;
        all.delete(key);
        changes += 1;
      }
    }
  }

  function ask(key: string): void {
    const stop = new AbortController();
    asked.set(key, stop);
    const end = (came: () => void) => {
      if (stop.signal.aborted) return; // it changed while the answer was on its last way
      asked.delete(key);
      came();
      tell();
      next();
    };
    source.get(run, key, stop.signal, urgency).then(
      (tensor) => end(() => put(key, tensor)),
      (error: Error) =>
        end(() => {
          refused.set(key, error.message);
          last = NOTHING;
          changes += 1;
        }),
    );
  }

  function next(): void {
    const missing = wanted.filter((key) => isMissing(key) && !asked.has(key));
    if (urgency === "now")
      missing.reverse().forEach(ask); // the newest wish is served first
    else missing.slice(0, Math.max(0, MOST_IDLE - asked.size)).forEach(ask);
  }

  watch(abort, () => {
    const { value: meta } = state.meta;
    wanted = [...new Set(keys())];
    if (meta.run !== run) {
      run = meta.run;
      last = NOTHING;
      changes += 1;
      drop(() => false);
    } else if (urgency === "now") drop((key) => wanted.includes(key));
    else letGo((key) => wanted.includes(key));
    if (!wanted.length) last = NOTHING;
    for (const key of wanted) {
      const here = isMissing(key) ? source.peek(run, key) : undefined;
      if (here) put(key, here);
    }
    tell();
    next();
  });
  onAbort(abort, () => drop(() => false));
  return result;
}
