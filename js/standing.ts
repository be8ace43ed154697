/** What is said where the kernel does not answer, or never will. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { h } from "./dom";
import type { Host } from "./host";
import { Malformed, readKept } from "./kept";
import { type Kernel, KernelGone } from "./kernel";
import type { KernelSource, TensorSource } from "./source";
import { type AppState, watch } from "./state";
import { WIDGET } from "./texts/widget";

/** What is waited for, in words; empty for nothing. */
export function patience(
  state: AppState,
  kernel: Kernel,
  source: TensorSource,
): ReadonlySignal<string> {
  return computed(() => {
    if (kernel.gone.value) return "";
    if (state.busy.value) return state.say(WIDGET.running);
    if (!source.stalled.value && !kernel.late.value) return "";
    return state.say(kernel.executing.value ? WIDGET.executing : WIDGET.waiting);
  });
}

/** The same source; that the kernel is gone it says in the reader's language. */
export function spoken(source: TensorSource, state: AppState): TensorSource {
  return {
    ...source,
    get: (...wish) =>
      source.get(...wish).catch((error: unknown) => {
        if (error instanceof KernelGone) throw new Error(state.say(WIDGET.notHere));
        throw error;
      }),
  };
}

/** What a view has to draw from when it begins without a kernel. */
export type Memory = { from: "nothing" | "notebook" } | { from: "damage"; why: string };

/** Takes up what the notebook kept, where no kernel is to be asked. */
export function recall(host: Host, kernel: Kernel, source: KernelSource): Memory {
  if (!kernel.gone.peek()) return { from: "nothing" };
  const meta = host.get("meta");
  try {
    const tensors = readKept(host.get("kept"), meta);
    source.remember(meta.run, tensors);
    return { from: tensors.size ? "notebook" : "nothing" };
  } catch (error) {
    if (error instanceof Malformed) return { from: "damage", why: error.message };
    throw error;
  }
}

/** One line on top, as long as the kernel is gone. */
export function standingNote(
  state: AppState,
  kernel: Kernel,
  memory: Memory,
  abort: AbortSignal,
): HTMLElement {
  const note = h("p", { class: "aw-standing", role: "status" });
  watch(abort, () => {
    const { value: isGone } = kernel.gone;
    note.hidden = !isGone;
    if (!isGone) note.textContent = "";
    else if (memory.from === "damage") {
      note.textContent = state.say(WIDGET.malformed, { why: memory.why });
    } else note.textContent = state.say(memory.from === "notebook" ? WIDGET.kept : WIDGET.gone);
  });
  return note;
}
