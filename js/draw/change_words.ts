/** Differences in words and numbers, the same in every view. */

import { DIFFERENCE } from "../language/texts/difference";
import type { AppState } from "../state/app_state";
import { hasNobody } from "../state/nobody";
import { afterEdits } from "../state/one_pass";
import { valueInWords } from "./measure_words";

/** A weight; where the difference is shown, how much it changed, with its sign. */
export const weightInWords = (state: AppState, value: number): string => valueInWords(state, value);

/** "before 0.382, after 0.041: −0.341" */
export function changeInWords(
  state: AppState,
  { before, after }: { before: number; after: number },
): string {
  const change = valueInWords(state, Math.fround(after - before));
  if (Number.isNaN(after - before) && hasNobody(state)) return change;
  const ofPass = afterEdits(state);
  return state.say(DIFFERENCE.change, {
    before: valueInWords(ofPass, before),
    after: valueInWords(ofPass, after),
    change,
  });
}

/** What a picture says of itself; `isNothing` where all of it is as it was. */
export function noteOfDifference(state: AppState, note: string, isNothing: boolean): string {
  const { say, isDifference } = state;
  if (!isDifference.value || !note) return note;
  return isNothing ? nothingInWords(state) : say(DIFFERENCE.said, { said: note });
}

/** Of what shows the pass after the edits where the others show the difference. */
export const noteOfAfter = ({ say, isDifference }: AppState, note: string): string =>
  isDifference.value ? [say(DIFFERENCE.afterOnly), note].filter(Boolean).join(" ") : note;

/** A head changes what comes after its layer; an edge its own layer too. */
export function nothingInWords({ say, edits, attention_kind, layer }: AppState): string {
  const isLater = edits.value.every(
    (edit) =>
      edit.edit !== "edge_off" && edit.kind === attention_kind.value && edit.layer >= layer.value,
  );
  return say(isLater ? DIFFERENCE.nothingYet : DIFFERENCE.nothing);
}
