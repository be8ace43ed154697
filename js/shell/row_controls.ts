/** What makes a row in every view: words or tokens, with or without special tokens. */

import { h, select } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import { SPECIAL_TOKENS } from "../trace/contract";
import { ROWS } from "./texts/rows";

export function rowControls(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const units = select(
    say(ROWS.units),
    [
      ["words", say(ROWS.words)],
      ["tokens", say(ROWS.tokens)],
    ],
    abort,
    (value) => {
      state.words.value = value === "words";
    },
  );
  const special = select(
    say(ROWS.special),
    SPECIAL_TOKENS.map((value) => [value, say(ROWS[value])] as const),
    abort,
    (value) => {
      state.special_tokens.value = value;
    },
  );
  watch(abort, () => {
    units.set(state.words.value ? "words" : "tokens");
    special.set(state.special_tokens.value);
    special.element.hidden = !hasSpecial(state);
  });
  return h(
    "div",
    { class: "aw-group", role: "group", "aria-label": say(ROWS.name) },
    units.element,
    special.element,
  );
}

const hasSpecial = ({ meta, sides }: AppState): boolean => {
  const { queryText, keyText, window } = sides.value;
  const added = window === null ? 0 : (meta.value.windows[window]?.specials.length ?? 0);
  return added > 0 || [...queryText.tokens, ...keyText.tokens].some(({ special }) => special);
};
