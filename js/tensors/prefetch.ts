/** The layers beside the one that is looked at, fetched while nobody waits for anything. */

import { onAbort } from "../browser/dom";
import type { AppState } from "../state/app_state";
import type { Tensor } from "../trace/tensor";
import { readKey, type TensorKey, type TensorName, writeKey } from "../trace/tensor_key";
import type { TensorSource } from "./source";

/** After this long without a wish a person looks rather than steers. */
export const QUIET_MS = 250;

/** Larger ones would push what is looked at out of the cache. */
const MAX_BYTES = 8 * 2 ** 20;

/** What a layer is drawn from; the rest belongs to a single token, or is of all layers. */
const OF_A_LAYER: readonly TensorName[] = [
  "attention",
  "attention_received",
  "count_nan",
  "edges",
  "query",
  "key",
  "value",
  "head_output",
];

/** The layer that a tensor is drawn for: hidden state i + 1 is the output of layer i. */
function layerOf(key: TensorKey): number | null {
  if (key.name === "hidden_states") return key.index - 1;
  return "layer" in key && OF_A_LAYER.includes(key.name) ? key.layer : null;
}

/** The same of another layer. */
export function ofLayer(key: TensorKey, layer: number): TensorKey {
  const change = key.name === "hidden_states" ? { index: layer + 1 } : { layer };
  return { ...key, ...change } as TensorKey;
}

/** The same source; it asks for the neighbours of what it was asked for. */
export function prefetching(
  source: TensorSource,
  state: AppState,
  abort: AbortSignal,
): TensorSource {
  const used = new Map<string, TensorKey>();
  let usedIn = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onAbort(abort, () => clearTimeout(timer));

  function fetchNeighbours(): void {
    const { run } = state.meta.peek();
    const layers = state.layers.peek();
    const now = state.layer.peek();
    for (const layer of [now + 1, now - 1]) {
      if (usedIn !== run || !layers[layer]) continue;
      for (const key of used.values()) {
        if (layerOf(key) !== now) continue;
        // What fails now fails again when somebody asks for it, who is told why.
        source.get(run, writeKey(ofLayer(key, layer)), abort, "idle").catch(() => undefined);
      }
    }
    used.clear();
  }

  function note(run: number, text: string, tensor: Tensor): void {
    const key = readKey(text);
    const isOfLayer = key !== null && layerOf(key) !== null;
    if (abort.aborted || !isOfLayer || tensor.data.byteLength > MAX_BYTES) return;
    if (run !== usedIn) used.clear();
    usedIn = run;
    used.set(text, key);
    clearTimeout(timer);
    timer = setTimeout(fetchNeighbours, QUIET_MS);
  }

  return {
    stalled: source.stalled,
    bytes: () => source.bytes?.() ?? 0,
    peek(run, key) {
      const tensor = source.peek(run, key);
      if (tensor) note(run, key, tensor);
      return tensor;
    },
    get(run, key, signal, urgency = "now") {
      const promise = source.get(run, key, signal, urgency);
      if (urgency === "idle") return promise;
      return promise.then((tensor) => {
        note(run, key, tensor);
        return tensor;
      });
    },
  };
}
