/** The model behind the kernel, which can be asked and run again; what it answered stays here. */

import { computed } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { OF_SIDES } from "../language/texts/comparison";
import { isOfAtlas } from "../saved/kept_answers";
import type { AppState } from "../state/app_state";
import type { Model } from "../tensors/answer";
import { type AnswerTo, nameOf, type Progress, type Question } from "../trace/questions";
import { type Asked, type Kernel, KernelGone, Refusal } from "../transport/kernel";
import { sizesOf } from "./shortage_line";
import { SHORTAGE } from "./texts/shortage";
import { WIDGET } from "./texts/widget";

/** A question that is on its way. */
interface Open {
  stop: AbortController;
  wanted: number;
  told: Set<(progress: Progress) => void>;
  answer?: Promise<AnswerTo<Question>>;
}

export function modelOf(kernel: Kernel, state: AppState): Model {
  const known = new Map<string, AnswerTo<Question>>();
  const open = new Map<string, Open>();
  let run = -1;

  /** Answers about another text are of no use. */
  function begin(): number {
    const { run: now } = state.meta.peek();
    if (now !== run) {
      known.clear();
      open.clear();
    }
    run = now;
    return now;
  }

  const inLanguage = (error: unknown, asked?: Question): never => {
    const reason = error instanceof Refusal ? error.reason : null;
    if (reason?.code === "short") {
      throw new Refusal(state.say(SHORTAGE.left, sizesOf(state, reason)), reason, true);
    }
    if (reason?.code === "of_one_side" || reason?.code === "of_edited_side") {
      const [one = "", other = ""] = state.comparison.peek()?.names ?? [];
      throw new Refusal(state.say(OF_SIDES[reason.code], { one, other }), reason, true);
    }
    if (reason?.code === "headless") {
      const { model, classes } = reason;
      const words = state.say(classes.length ? WIDGET.headless : WIDGET.predictsClasses, {
        model,
        classes: classes.join(", "),
        option: "head=",
      });
      throw new Refusal(words, reason, true);
    }
    if (!(error instanceof KernelGone)) throw error;
    const needsModel = !asked || !isOfAtlas(asked);
    const here = needsModel ? WIDGET.noModelHere : WIDGET.notHere;
    const inPage = needsModel ? WIDGET.noModelInPage : WIDGET.notInPage;
    throw new Refusal(state.say(kernel.cells ? here : inPage), null, true);
  };

  /** One question is asked once, however many wait for its answer. */
  function waiting(asking: number, question: Question, { signal, told }: Asked) {
    const name = nameOf(question);
    const known = open.get(name);
    const entry = known ?? { stop: new AbortController(), wanted: 0, told: new Set() };
    entry.wanted += 1;
    if (told) entry.told.add(told);
    if (!known) {
      open.set(name, entry);
      const all = (progress: Progress) => {
        for (const each of entry.told) each(progress);
      };
      entry.answer = kernel
        .question(asking, question, { signal: entry.stop.signal, told: all })
        .finally(() => {
          if (open.get(name) === entry) open.delete(name);
        });
    }
    onAbort(signal, () => {
      if (told) entry.told.delete(told);
      entry.wanted -= 1;
      if (entry.wanted > 0) return;
      if (open.get(name) === entry) open.delete(name);
      entry.stop.abort();
    });
    return entry.answer as Promise<AnswerTo<Question>>;
  }

  const asks = computed(() => {
    const { read_only: why, windows } = state.meta.value;
    if (state.comparison.value && !state.comparison.value.has_models) return false;
    return (
      why !== "trace" && why !== "page" && why !== "atlas" && !windows.length && !kernel.gone.value
    );
  });
  return {
    asks,
    hasAfter: computed(() => {
      const isCompared = state.comparison.value !== null;
      const isLive = isCompared && state.meta.value.read_only === "comparison";
      return asks.value || isLive || kernel.hasAfter === true;
    }),
    isHeld: computed(() => kernel.held.value !== null),
    reads: computed(() => asks.value && state.meta.value.read_only === null && !state.busy.value),
    peek<Q extends Question>(question: Q) {
      begin();
      return known.get(nameOf(question)) as AnswerTo<Q> | undefined;
    },
    async ask<Q extends Question>(question: Q, asked: Asked) {
      const asking = begin();
      const answer = await waiting(asking, question, asked).catch((error: unknown) =>
        inLanguage(error, question),
      );
      if (asking === run) known.set(nameOf(question), answer);
      return answer as AnswerTo<Q>;
    },
    read: (texts) =>
      kernel.ask({ kind: "run", ...texts }).catch((error: unknown) => inLanguage(error)),
  };
}
