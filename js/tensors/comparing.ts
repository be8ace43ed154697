/** What comes of the edits that are made: first at the selected token, then at every position. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../state/app_state";
import type { Edit } from "../trace/edits";
import { type Compared, type ComparedQuestion, comparedOf } from "../trace/questions";
import { type Answer, answerOf, type Model } from "./answer";

export interface Comparing {
  /** At every position. */
  readonly all: ReadonlySignal<Answer<ComparedQuestion>>;
  /** Whether anything of it is on its way. */
  readonly pending: ReadonlySignal<boolean>;
  /** The selected position, in what is known of it by now; null where nothing is. */
  readonly here: ReadonlySignal<{ answer: Compared; at: number } | null>;
}

/** The position whose effect is said first: that of the selected token, else the last. */
export function positionOf({ meta, sides, token }: AppState): number {
  const text = meta.value.target?.tokens ?? meta.value.tokens;
  return sides.value.queryText.tokens === text && token.value !== null ? token.value : -1;
}

export function comparing(state: AppState, model: Model, abort: AbortSignal): Comparing {
  /** Whose first position is answered, or refused. */
  const begun = signal<readonly Edit[] | null>(null);

  const first = answerOf(state, model, abort, () => {
    const { value: edits } = state.edits;
    const isBegun = begun.value === edits && all.value.question?.edits === edits;
    if (!edits.length || isBegun || !model.asks.value) return null;
    return comparedOf(edits, [positionOf(state)]);
  });
  const all: ReadonlySignal<Answer<ComparedQuestion>> = answerOf(state, model, abort, () => {
    const { value: edits } = state.edits;
    if (!edits.length) return null;
    const question = comparedOf(edits);
    // a page has no model that could answer the first
    return begun.value === edits || !model.asks.value || model.peek(question) ? question : null;
  });
  watch(abort, () => {
    const { pending, question, error } = first.value;
    const { value: edits } = state.edits;
    if (!pending && (error || question?.edits === edits)) begun.value = edits;
  });

  const here = computed(() => {
    const { value: edits } = state.edits;
    const position = positionOf(state);
    const { answer: every, question: whole } = all.value;
    if (every && whole?.edits === edits) {
      const place = every.positions.indexOf(position);
      return { answer: every, at: place < 0 ? every.ids.length - 1 : place };
    }
    const { answer, question } = first.value;
    const isThis = question?.edits === edits && question.positions?.[0] === position;
    return answer && isThis ? { answer, at: 0 } : null;
  });
  const pending = computed(() => first.value.pending || all.value.pending);
  return { all, pending, here };
}
