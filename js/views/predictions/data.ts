/** The rows of the predictions: one for each position, and the candidates of the selected one. */

import { computed } from "@preact/signals-core";
import { quoted } from "../../language/quoted";
import type { AppState } from "../../state/app_state";
import { answerOf, type Model } from "../../tensors/answer";
import { comparing } from "../../tensors/comparing";
import type { TokenMeta } from "../../trace/contract";
import { type Compared, PREDICTIONS, type Predictions } from "../../trace/questions";
import { PREDICTED } from "./texts";

export interface Row {
  /** Which row of the answer. */
  readonly at: number;
  /** Which of its candidates; null for the position itself, whose likeliest is the first. */
  readonly candidate: number | null;
}

export type PredictionData = ReturnType<typeof predictionData>;

export function predictionData(state: AppState, model: Model, abort: AbortSignal) {
  const asked = answerOf(state, model, abort, () => PREDICTIONS);
  const answer = computed(() => asked.value.answer);
  const { all: compared, pending: isComparing } = comparing(state, model, abort);
  /** With the edits that are made; null where there are none, or their pass is on its way. */
  const after = computed(() => {
    const { answer: found, question } = compared.value;
    return question?.edits === state.edits.value ? found : null;
  });
  /** Tokens that the positions count: those of the decoder, where there is one. */
  const text = computed(() => state.meta.value.target?.tokens ?? state.meta.value.tokens);
  /** Whether the selected token is one of them. */
  const isOfText = computed(() => state.sides.value.queryText.tokens === text.value);
  const selected = computed(() => {
    const { value: token } = state.token;
    const place = answer.value?.positions.indexOf(token ?? -1) ?? -1;
    return isOfText.value && place >= 0 ? place : null;
  });
  const rows = computed((): readonly Row[] => {
    const { value: found } = answer;
    if (!found) return [];
    const { ids, positions } = found;
    const candidates = (at: number): Row[] =>
      (ids[at] ?? []).map((_, candidate) => ({ at, candidate }));
    if (!positions.length) return candidates(0); // the classes of the whole input
    return positions.flatMap((_, at) => [
      { at, candidate: null },
      ...(at === selected.value ? candidates(at) : []),
    ]);
  });
  return {
    asked,
    answer,
    compared,
    isComparing,
    after,
    text,
    isOfText,
    selected,
    rows,
    tokenAt: (at: number): TokenMeta | undefined =>
      text.value[answer.value?.positions[at] ?? Number.NaN],
  };
}

export const probabilityOf = (answer: Predictions, { at, candidate }: Row): number =>
  Number(answer.probabilities[at]?.[candidate ?? 0] ?? Number.NaN);

export const labelOf = (answer: Predictions, { at, candidate }: Row): string =>
  answer.labels[at]?.[candidate ?? 0] ?? "";

/** What edits leave to a row's candidate. */
export const keptOf = ({ kept }: Compared, { at, candidate }: Row): number =>
  Number(kept[at]?.[candidate ?? 0] ?? Number.NaN);

/** Whether a row's token is the one that stands in the text. */
export function isActual(answer: Predictions, { at, candidate }: Row): boolean {
  const id = answer.actual_ids[at] ?? -1;
  return id >= 0 && !isMask(answer, at) && answer.ids[at]?.[candidate ?? 0] === id;
}

/** Whether the token of a position is masked: what the model makes of the mask itself says nothing. */
export const isMask = ({ actual_ids, mask_id }: Predictions, at: number): boolean =>
  mask_id !== null && actual_ids[at] === mask_id;

/** Probability and rank of the token that is there; null where there is none. */
export function actualOf(answer: Predictions, at: number): { p: number; rank: number } | null {
  const rank = answer.rank[at] ?? 0;
  if (!rank || isMask(answer, at)) return null;
  return { p: Math.exp(Number(answer.log_probability[at])), rank };
}

/** What the picture shows, in words. */
export function noteOf(state: AppState, data: PredictionData): string | null {
  const { answer, after, selected, tokenAt } = data;
  const { say, numbers } = state;
  const { value: found } = answer;
  if (!found) return null;
  const best = { at: selected.value ?? 0, candidate: 0 };
  const values = {
    best: quoted(say, labelOf(found, best)),
    p: numbers.share(probabilityOf(found, best), 0),
  };
  if (found.predicts === "class") return say(PREDICTED.noteClass, values);
  const words: string[] = [];
  const { value: changed } = after;
  if (changed) {
    words.push(say(PREDICTED.noteBars));
    if (selected.value !== null) {
      const token = quoted(say, tokenAt(selected.value)?.label ?? "");
      const kept = numbers.share(keptOf(changed, best), 0);
      words.push(say(PREDICTED.noteChanged, { ...values, token, kept }));
    }
    return words.join(" ");
  }
  if (selected.value !== null) {
    const token = quoted(say, tokenAt(selected.value)?.label ?? "");
    const text = found.predicts === "next token" ? PREDICTED.noteAfter : PREDICTED.noteAt;
    words.push(say(text, { ...values, token }));
  }
  const known = found.positions.flatMap((_, at) => actualOf(found, at) ?? []);
  if (known.length) {
    const n = known.filter(({ rank }) => rank === 1).length;
    words.push(say(PREDICTED.noteRight, { n, of: known.length }));
  }
  return words.join(" ");
}
