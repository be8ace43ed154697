/** Which token a row or a column of a matrix is of, and what it is called. */

import { isolated } from "../../language/direction";
import type { AppState, Hover } from "../../state/app_state";
import { type Axis, STEPS, type StepName } from "../../trace/calculation";
import type { Cell } from "./data";

/** On which side of the attention the tokens of an axis are; null where it has none. */
export const sideOf = (axis: Axis): Hover["as"] | null =>
  axis === "token" || axis === "query" ? "query" : axis === "key" ? "key" : null;

export function tokensOf({ sides }: AppState, axis: Axis) {
  const side = sideOf(axis);
  if (!side) return null;
  return side === "query" ? sides.value.queries.tokens : sides.value.keys.tokens;
}

/** The token, or the number of the dimension. */
export function placeOf(state: AppState, axis: Axis, at: number): string {
  const tokens = tokensOf(state, axis);
  return tokens ? isolated(tokens[at]?.label ?? "") : String(at);
}

/** Both places of a number; of what is the same for all tokens one. */
export function cellName(state: AppState, name: StepName, { row, column }: Cell): string {
  const [rows, columns] = STEPS[name];
  const [first, second] = [placeOf(state, rows, row), placeOf(state, columns, column)];
  return rows === "one" ? second : columns === "one" ? first : `${first}, ${second}`;
}
