/** All heads ranked by their effect: the model tries them while a view wants it. One for all views
 * of a widget, so that it is asked once and stopped once. */

import { batch, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import { nameOf, type Ranked, type RankedQuestion, rankedOf } from "../trace/questions";
import type { Model } from "./answer";

export interface Ranking {
  /** What is known of this text and position. */
  readonly known: ReadonlySignal<Ranked | null>;
  readonly isRunning: ReadonlySignal<boolean>;
  /** Why it ended before all heads were tried. */
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

const rankings = new WeakMap<AppState, Ranking>();

export function rankingOf(state: AppState, model: Model): Ranking {
  const known = rankings.get(state) ?? rankingBy(state, model);
  rankings.set(state, known);
  return known;
}

function rankingBy(state: AppState, model: Model): Ranking {
  const known = signal<Ranked | null>(null);
  const isRunning = signal(false);
  const error = signal<string | null>(null);
  const isStopped = signal(false);
  const wanting = new Set<AbortSignal>();
  let name = "";
  let isEnded = false;
  let work: AbortController | null = null;

  function halt(): void {
    work?.abort();
    work = null;
    isRunning.value = false;
  }

  function end(answer: Ranked | null, why: string | null): void {
    work = null;
    batch(() => {
      isRunning.value = false;
      isEnded = answer !== null;
      if (answer) known.value = answer;
      error.value = why;
    });
  }

  function begin(question: RankedQuestion): void {
    const here = model.peek(question);
    if (here) {
      end(here, null);
      return;
    }
    work = new AbortController();
    isRunning.value = true;
    const { signal } = work;
    model
      .ask(question, {
        signal,
        told: ({ partial }) => {
          if (partial && !signal.aborted) known.value = partial as Ranked;
        },
      })
      .then(
        (answer) => signal.aborted || end(answer, null),
        (failure: Error) => signal.aborted || end(null, failure.message),
      );
  }

  const wanted = (): RankedQuestion =>
    rankedOf({
      effect_of: state.effect_of.value,
      effect_token: state.effect_token.value,
      effect_other: state.effect_other.value,
      effect_position: state.effect_position.value,
    });

  function settle(): void {
    const question = wanted();
    const now = `${state.meta.peek().run} ${nameOf(question)}`;
    if (now !== name) {
      halt();
      name = now;
      isEnded = false;
      known.value = null;
      error.value = null;
    }
    const goes = wanting.size > 0 && !isStopped.peek() && !isEnded && error.peek() === null;
    if (goes && !work) begin(question);
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
