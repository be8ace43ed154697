/** An answer of the model that takes long and grows: asked for while a view wants it, stopped, and
 * gone on with. One for all views of a widget, so that it is asked once and stopped once. */

import { batch, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import { type AnswerTo, nameOf, type Question } from "../trace/questions";
import type { Model } from "./answer";

export interface LongAnswer<Q extends Question> {
  /** What is known of this question. */
  readonly known: ReadonlySignal<AnswerTo<Q> | null>;
  readonly isRunning: ReadonlySignal<boolean>;
  /** Why it ended before all was done. */
  readonly error: ReadonlySignal<string | null>;
  /** Whether somebody stopped it. */
  readonly isStopped: ReadonlySignal<boolean>;
  /** What a screen reader is told of it, by the view that shows it; nothing while it runs. */
  readonly told: Signal<string>;
  /** It runs while `wants`, which reads signals, says so and nobody stops it. */
  follow(abort: AbortSignal, wants: () => boolean): void;
  stop(): void;
  goOn(): void;
}

/**
 * `wanted` reads signals; null for no question. A question that takes the place of another is asked
 * after a rest of `restMs`.
 */
export function longAnswer<Q extends Question>(
  state: AppState,
  model: Model,
  wanted: () => Q | null,
  restMs = 0,
): LongAnswer<Q> {
  const known = signal<AnswerTo<Q> | null>(null);
  const isRunning = signal(false);
  const error = signal<string | null>(null);
  const isStopped = signal(false);
  const wanting = new Set<AbortSignal>();
  let name = "";
  let rests = false;
  let isEnded = false;
  let work: AbortController | null = null;

  function halt(): void {
    work?.abort();
    work = null;
    isRunning.value = false;
  }

  function end(answer: AnswerTo<Q> | null, why: string | null): void {
    work = null;
    batch(() => {
      isRunning.value = false;
      isEnded = answer !== null;
      if (answer) known.value = answer;
      error.value = why;
    });
  }

  function begin(question: Q): void {
    const here = model.peek(question);
    if (here) {
      end(here, null);
      return;
    }
    work = new AbortController();
    isRunning.value = true;
    const { signal } = work;
    const ask = () =>
      model
        .ask(question, {
          signal,
          told: ({ partial }) => {
            if (partial && !signal.aborted) known.value = partial as AnswerTo<Q>;
          },
        })
        .then(
          (answer) => signal.aborted || end(answer, null),
          (failure: Error) => signal.aborted || end(null, failure.message),
        );
    if (!rests) return void ask();
    const timer = setTimeout(ask, restMs);
    onAbort(signal, () => clearTimeout(timer));
  }

  function settle(): void {
    const question = wanted();
    const now = question ? `${state.meta.peek().run} ${nameOf(question)}` : "";
    if (now !== name) {
      halt();
      rests = restMs > 0 && name !== "";
      name = now;
      isEnded = false;
      known.value = null;
      error.value = null;
    }
    const goes = wanting.size > 0 && !isStopped.peek() && !isEnded && error.peek() === null;
    if (goes && question && !work) begin(question);
    if (!goes && work) halt();
  }

  const settled = (change: () => void) =>
    untracked(() =>
      batch(() => {
        change();
        settle();
      }),
    );

  return {
    known,
    isRunning,
    error,
    isStopped,
    told: signal(""),
    follow(abort, wants) {
      let isWanted = false;
      watch(abort, () => {
        const now = wants();
        void state.meta.value;
        void wanted();
        settled(() => {
          if (now && !isWanted) {
            wanting.add(abort);
            error.value = null; // what was refused is asked for again
          } else if (!now && isWanted) {
            wanting.delete(abort);
            if (!wanting.size) isStopped.value = false; // who chooses it again wants it
          }
          isWanted = now;
        });
      });
      onAbort(abort, () => settled(() => wanting.delete(abort)));
    },
    stop: () =>
      settled(() => {
        isStopped.value = true;
      }),
    goOn: () =>
      settled(() => {
        isStopped.value = false;
        error.value = null;
      }),
  };
}
