/** The notebook's traits, which go on without their kernel: what follows from a choice as in Python. */

import type { ReadonlySignal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import type { Meta, State } from "../trace/contract";
import { type AttentionKind, OPTION_NAMES } from "../trace/options";
import type { Host } from "../transport/host";
import type { Held } from "./archive";
import { applyChoice } from "./choices";

/** The same host; while the kernel is gone nothing is sent, and no forward pass is under way. */
export function notebookHost(host: Host, gone: ReadonlySignal<boolean>, abort: AbortSignal): Host {
  let before: State | null = null;

  const now = (): State =>
    Object.fromEntries(
      [...OPTION_NAMES, "meta" as const].map((name) => [name, host.get(name)]),
    ) as never;

  function settle(): void {
    const wanted = now();
    const { state } = applyChoice(before ?? wanted, wanted, everything(wanted.meta));
    before = null;
    for (const name of OPTION_NAMES) {
      if (state[name] !== wanted[name]) host.set(name, state[name] as never);
    }
  }

  return {
    get: (name) => (name === "busy" && gone.peek() ? (false as never) : host.get(name)),
    set(name, value) {
      if (gone.peek()) before ??= now();
      host.set(name, value);
    },
    save_changes() {
      if (gone.peek()) settle();
      else host.save_changes();
    },
    on(event, callback) {
      host.on(event, callback);
      if (event !== "change:busy") return;
      const dispose = gone.subscribe(() => (callback as () => void)());
      onAbort(abort, dispose);
    },
    off: (event, callback) => host.off(event, callback),
    send: (message) => host.send(message),
  };
}

/** All heads of all layers: where a tensor of one is missing, its view says so. */
function everything(meta: Meta): Held {
  const held: { [K in AttentionKind]?: Record<string, number[]> } = {};
  for (const { kind, layers } of meta.attention) {
    held[kind] = Object.fromEntries(
      layers.flatMap((layer, index) => (layer ? [[index, [...Array(layer.n_heads).keys()]]] : [])),
    );
  }
  return held;
}
