/** What is said where the kernel does not answer, or never will. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { KeptAnswers } from "../saved/kept_answers";
import { Malformed, readKept } from "../saved/notebook_archive";
import type { AppState } from "../state/app_state";
import type { KernelSource, TensorSource } from "../tensors/source";
import type { Host } from "../transport/host";
import { type Kernel, KernelGone } from "../transport/kernel";
import { sizesOf } from "./shortage_line";
import { SHORTAGE } from "./texts/shortage";
import { WIDGET } from "./texts/widget";

/** What is waited for, in words; empty for nothing. */
export function waitingWords(
  state: AppState,
  kernel: Kernel,
  source: TensorSource,
): ReadonlySignal<string> {
  return computed(() => {
    if (kernel.gone.value) return "";
    if (kernel.held.value) return "";
    if (state.busy.value) return state.say(WIDGET.running);
    if (!source.stalled.value && !kernel.late.value) return "";
    if (kernel.executing.value) return state.say(WIDGET.executing);
    return state.say(kernel.silent.value ? WIDGET.silent : WIDGET.waiting);
  });
}

/** The same source; that the kernel is gone it says in the reader's language. */
export function sourceInLanguage(
  source: TensorSource,
  state: AppState,
  cells: boolean,
): TensorSource {
  return {
    ...source,
    get: (...wish) =>
      source.get(...wish).catch((error: unknown) => {
        if (error instanceof KernelGone) {
          throw new Error(state.say(cells ? WIDGET.notHere : WIDGET.notInPage));
        }
        throw error;
      }),
  };
}

/** What a view has to draw from when it begins without a kernel. */
export type Restored = { from: "nothing" | "notebook" } | { from: "damage"; why: string };

/** Takes up what the notebook kept, where no kernel is to be asked. */
export function restoreKept(
  host: Host,
  kernel: Kernel,
  source: KernelSource,
  told: KeptAnswers,
): Restored {
  if (!kernel.gone.peek()) return { from: "nothing" };
  const meta = host.get("meta");
  try {
    const { tensors, answers } = readKept(host.get("kept"), meta);
    source.remember(meta.run, tensors);
    told.remember(answers);
    return { from: tensors.size || answers.size ? "notebook" : "nothing" };
  } catch (error) {
    if (error instanceof Malformed) return { from: "damage", why: error.message };
    throw error;
  }
}

/** That the kernel is gone, in words, as long as it is; empty where it is there. */
export function connectionWords(
  state: AppState,
  kernel: Kernel,
  memory: Restored,
): ReadonlySignal<string> {
  return computed(() => {
    if (!kernel.gone.value) return "";
    if (!kernel.cells)
      return state.say(memory.from === "notebook" ? WIDGET.page : WIDGET.emptyPage);
    if (memory.from === "damage") return state.say(WIDGET.malformed, { why: memory.why });
    const readsTexts = state.meta.value.read_only === null;
    const short = kernel.shortage.value; // nobody said that it was over
    return [
      ...(short ? [state.say(SHORTAGE.ended, sizesOf(state, short))] : []),
      state.say(memory.from === "notebook" ? WIDGET.kept : WIDGET.gone),
      state.say(readsTexts ? WIDGET.goOnWithText : WIDGET.goOn),
    ].join(" ");
  });
}
