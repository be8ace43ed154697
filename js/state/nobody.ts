/** Tokens of a comparison that stand alone: the difference has nothing of them. */

import { isWhole, slotsOf } from "../trace/comparison";
import type { AppState } from "./app_state";

/** Whether there are any in what is shown. */
export const hasNobody = ({ comparison, isDifference }: AppState): boolean =>
  isDifference.value && comparison.value !== null && !isWhole(comparison.value);

/** Whether one of these tokens of the queries' text has no partner in the difference that is shown. */
export function isAlone(state: AppState, tokens: readonly number[]): boolean {
  const { value: comparison } = state.comparison;
  if (!comparison || !hasNobody(state)) return false;
  const slots = slotsOf(comparison, "queries", state.attention_kind.value);
  return tokens.some((token) => slots[token]?.includes(null));
}
