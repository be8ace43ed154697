/** The layers beside the one that is looked at, fetched while nobody waits for anything. */

import type { AppState } from "../state/app_state";
import type { TensorKey } from "../trace/contract";
import type { Tensor } from "../trace/tensor";
import type { TensorSource } from "./source";

/** After this long without a wish a person looks rather than steers. */
const QUIET_MS = 250;

/** Larger ones would push what is looked at out of the cache. */
const MAX_BYTES = 8 * 2 ** 20;

/** What a layer is drawn from; the rest belongs to a single token, or is of all layers. */
const OF_A_LAYER = /^(attention|attention_received|count_nan|edges\w*|query|key|hidden_states)$/;

interface Place {
  /** What stands before and after the layer in the key. */
  before: string;
  after: string;
  layer: number;
  /** What the key counts: the output of layer i is hidden state i + 1. */
  offset: number;
}

/** Where a key names its layer; null for a tensor that is of none. */
export function placeOf(key: TensorKey): Place | null {
  const parts = key.split("/");
  const kind = parts.findIndex((part) => /^(encoder|decoder|cross)$/.test(part));
  const name = parts[kind - 1] ?? "";
  const layer = Number(parts[kind + 1]);
  if (!OF_A_LAYER.test(name) || !Number.isInteger(layer)) return null;
  const offset = name === "hidden_states" ? 1 : 0;
  return {
    before: `${parts.slice(0, kind + 1).join("/")}/`,
    after: parts
      .slice(kind + 2)
      .map((part) => `/${part}`)
      .join(""),
    layer: layer - offset,
    offset,
  };
}

/** The same source; it asks for the neighbours of what it was asked for. */
export function prefetching(
  source: TensorSource,
  state: AppState,
  abort: AbortSignal,
): TensorSource {
  const used = new Map<TensorKey, Place>();
  let usedIn = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  abort.addEventListener("abort", () => clearTimeout(timer), { once: true });

  function fetchNeighbours(): void {
    const { run } = state.meta.peek();
    const layers = state.layers.peek();
    const now = state.layer.peek();
    for (const layer of [now + 1, now - 1]) {
      if (usedIn !== run || !layers[layer]) continue;
      for (const { before, after, offset, layer: at } of used.values()) {
        const wanted = `${before}${layer + offset}${after}`;
        if (at !== now) continue;
        // What fails now fails again when somebody asks for it, who is told why.
        source.get(run, wanted, abort, "idle").catch(() => undefined);
      }
    }
    used.clear();
  }

  function note(run: number, key: TensorKey, tensor: Tensor): void {
    const place = placeOf(key);
    if (abort.aborted || !place || tensor.data.byteLength > MAX_BYTES) return;
    if (run !== usedIn) used.clear();
    usedIn = run;
    used.set(key, place);
    clearTimeout(timer);
    timer = setTimeout(fetchNeighbours, QUIET_MS);
  }

  return {
    stalled: source.stalled,
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
