/** Answers of the model that follow the selection, and the model itself, as views have it. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import {
  type AnswerTo,
  nameOf,
  type Progress,
  type Question,
  type Texts,
} from "../trace/questions";
import { type Asked, Refusal } from "../transport/kernel";

export interface Model {
  ask<Q extends Question>(question: Q, asked: Asked): Promise<AnswerTo<Q>>;
  /** The answer if it is already here. */
  peek<Q extends Question>(question: Q): AnswerTo<Q> | undefined;
  /** Runs it on another text. */
  read(texts: Texts): Promise<unknown>;
  /** Whether there is a model to ask, about a text that was read in one pass. */
  readonly asks: ReadonlySignal<boolean>;
  /** Whether the pass with edits can be seen as well as the one without. */
  readonly hasAfter: ReadonlySignal<boolean>;
  /** Whether what was asked is held back until a person says that it may run. */
  readonly isHeld: ReadonlySignal<boolean>;
  /** Whether it can be run on another text. */
  readonly reads: ReadonlySignal<boolean>;
}

export interface Answer<Q extends Question> {
  /** Of this forward pass; that of the question before, while the next is on its way. */
  answer: AnswerTo<Q> | null;
  /** What it answers. */
  question: Q | null;
  pending: boolean;
  progress: Progress | null;
  error: string | null;
  /** Whether that is no failure: there is no answer to this. */
  isCalm: boolean;
}

const NOTHING = {
  answer: null,
  question: null,
  pending: false,
  progress: null,
  error: null,
  isCalm: false,
};

/** What a panel says in the place of an answer; nothing where it has one. */
export const lackIn = ({ error, isCalm }: Pick<Answer<Question>, "error" | "isCalm">) =>
  isCalm ? { note: error, error: null } : error ? { note: "", error } : {};

/** Of a question that takes passes of the model. */
export const REST_MS = 200;

/**
 * `question` reads signals; null means that nothing is asked. One that takes the place of another is
 * asked after a rest of `restMs`, unless yet another takes its place by then.
 */
export function answerOf<Q extends Question>(
  state: AppState,
  model: Model,
  abort: AbortSignal,
  question: () => Q | null,
  restMs = 0,
): ReadonlySignal<Answer<Q>> {
  const result = signal<Answer<Q>>(NOTHING);
  let asked = "";
  let stop = new AbortController();
  onAbort(abort, () => stop.abort());

  watch(abort, () => {
    const wanted = question();
    const { run } = state.meta.value;
    const name = wanted && `${run} ${nameOf(wanted)}`;
    if (name === asked) return;
    const isOther = !asked.startsWith(`${run} `);
    const rests = restMs > 0 && asked !== "";
    asked = name ?? "";
    stop.abort();
    stop = new AbortController();
    if (!wanted) {
      result.value = NOTHING;
      return;
    }
    const here = model.peek(wanted);
    if (here) {
      result.value = { ...NOTHING, answer: here, question: wanted };
      return;
    }
    const last = isOther ? NOTHING : result.peek();
    result.value = { ...last, pending: true, progress: null, error: null, isCalm: false };
    const { signal } = stop;
    const told = (progress: Progress) => {
      result.value = { ...result.peek(), progress };
    };
    const ask = () =>
      model.ask(wanted, { signal, told }).then(
        (answer) => {
          if (!signal.aborted) result.value = { ...NOTHING, answer, question: wanted };
        },
        (error: Error) => {
          const isCalm = error instanceof Refusal && error.isCalm;
          if (!signal.aborted) result.value = { ...NOTHING, error: error.message, isCalm };
        },
      );
    if (!rests) return void ask();
    const timer = setTimeout(ask, restMs);
    onAbort(signal, () => clearTimeout(timer));
  });
  return result;
}
