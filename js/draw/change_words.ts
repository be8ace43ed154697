/** Differences in words and numbers, the same in every view. */

import { DIFFERENCE } from "../language/texts/difference";
import type { AppState } from "../state/app_state";
import { exactness } from "../trace/exactness";

/** A weight; where the difference is shown, how much it changed, with its sign. */
export function weightInWords({ numbers, isDifference }: AppState, value: number): string {
  return isDifference.value ? numbers.change(value, 2 * exactness().weight) : numbers.weight(value);
}

/** "before 0.382, after 0.041: −0.341" */
export function changeInWords(
  { say, numbers }: AppState,
  { before, after }: { before: number; after: number },
): string {
  return say(DIFFERENCE.change, {
    before: numbers.weight(before),
    after: numbers.weight(after),
    change: numbers.change(Math.fround(after - before), 2 * exactness().weight),
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
