/** What a click or a key does to the selected tokens. */

import { batch } from "@preact/signals-core";
import type { AppState, Hover } from "./app_state";

/**
 * The click that every view shares: it keeps what pointing there shows, or lets go of it. What has
 * no place in the text cannot be selected.
 */
export function toggleToken(state: AppState, row: number, as: Hover["as"]): void {
  const isKey = as === "key";
  const { queries, keys } = state.sides.value;
  const token = (isKey ? keys : queries).toText[row] ?? null;
  if (token === null) return;
  const isSelected = (isKey ? state.selectedKey : state.selected).value === row;
  (isKey ? state.key_token : state.token).value = isSelected ? null : token;
}

/** Nothing is selected any more; false where nothing was. */
export function letGo({ token, key_token }: AppState): boolean {
  const isSelected = token.value !== null || key_token.value !== null;
  batch(() => {
    token.value = null;
    key_token.value = null;
  });
  return isSelected;
}
