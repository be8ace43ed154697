/** Leaves passages out when it is asked to, and says how far it is. */

import { batch, signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { LeftOut, LeftOutQuestion } from "../trace/left_out";
import { nameOf } from "../trace/questions";
import { Refusal } from "../transport/kernel";
import type { Model } from "./answer";

export type LeavingOut = ReturnType<typeof leavingOut>;

/** `question` reads signals. */
export function leavingOut(
  state: AppState,
  model: Model,
  abort: AbortSignal,
  question: () => LeftOutQuestion,
) {
  const known = signal<LeftOut | null>(null);
  const isRunning = signal(false);
  const progress = signal<{ done: number; of: number } | null>(null);
  const error = signal<string | null>(null);
  const isCalm = signal(false);
  const isWhole = signal(false);
  let work: AbortController | null = null;
  let name = "";

  function stop(): void {
    work?.abort();
    work = null;
    isRunning.value = false;
  }

  function end(answer: LeftOut | null, why: Error | null): void {
    work = null;
    batch(() => {
      isRunning.value = false;
      progress.value = null;
      if (answer) known.value = answer;
      isWhole.value = answer !== null;
      error.value = why?.message ?? null;
      isCalm.value = why instanceof Refusal && why.isCalm;
    });
  }

  function start(): void {
    stop();
    work = new AbortController();
    const { signal: abort } = work;
    batch(() => {
      isRunning.value = true;
      error.value = null;
    });
    model
      .ask(question(), {
        signal: abort,
        told: ({ done, of, partial }) => {
          if (abort.aborted) return;
          batch(() => {
            progress.value = { done, of };
            if (partial) known.value = partial as LeftOut;
          });
        },
      })
      .then(
        (answer) => abort.aborted || end(answer, null),
        (failure: Error) => abort.aborted || end(null, failure),
      );
  }

  watch(abort, () => {
    const wanted = question();
    const now = `${state.meta.value.run} ${nameOf(wanted)}`;
    if (now === name) return;
    name = now;
    stop();
    const here = model.peek(wanted);
    batch(() => {
      known.value = here ?? null;
      isWhole.value = here !== undefined;
      progress.value = null;
      error.value = null;
    });
    if (here || model.asks.value) return;
    work = new AbortController(); // a page may have kept the answer, and needs no button for it
    const { signal } = work;
    model.ask(wanted, { signal }).then(
      (answer) => signal.aborted || end(answer, null),
      () => undefined,
    );
  });
  onAbort(abort, () => work?.abort());
  return { known, isRunning, progress, error, isCalm, isWhole, start, stop };
}
