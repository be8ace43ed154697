/** The model behind the kernel, which can be asked and run again; what it answered stays here. */

import { computed } from "@preact/signals-core";
import type { AppState } from "../state/app_state";
import type { Model } from "../tensors/answer";
import { type AnswerTo, nameOf, type Question } from "../trace/questions";
import { type Kernel, KernelGone } from "../transport/kernel";
import { WIDGET } from "./texts/widget";

export function modelOf(kernel: Kernel, state: AppState): Model {
  const known = new Map<string, AnswerTo<Question>>();
  let run = -1;

  /** Answers about another text are of no use. */
  function begin(): number {
    const { run: now } = state.meta.peek();
    if (now !== run) known.clear();
    run = now;
    return now;
  }

  const inLanguage = (error: unknown): never => {
    if (!(error instanceof KernelGone)) throw error;
    throw new Error(state.say(kernel.cells ? WIDGET.noModelHere : WIDGET.noModelInPage));
  };

  return {
    reads: computed(
      () => state.meta.value.read_only === null && !kernel.gone.value && !state.busy.value,
    ),
    peek<Q extends Question>(question: Q) {
      begin();
      return known.get(nameOf(question)) as AnswerTo<Q> | undefined;
    },
    async ask<Q extends Question>(question: Q, asked: Parameters<Model["ask"]>[1]) {
      const asking = begin();
      const answer = await kernel.question(asking, question, asked).catch(inLanguage);
      if (asking === run) known.set(nameOf(question), answer);
      return answer;
    },
    read: (texts) => kernel.ask({ kind: "run", ...texts }).catch(inLanguage),
  };
}
