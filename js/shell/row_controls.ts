/** What makes a row in every view: words or tokens, with or without special tokens. */

import { h } from "../browser/dom";
import { optionControls } from "../controls/option_controls";
import type { AppState } from "../state/app_state";
import { ROW_OPTIONS, ROWS } from "./texts/rows";

export function rowControls(state: AppState, abort: AbortSignal): HTMLElement {
  const rules = { special_tokens: { shown: () => hasSpecial(state) } };
  return h(
    "div",
    { class: "aw-group", role: "group", "aria-label": state.say(ROWS.name) },
    ...optionControls(state, ROW_OPTIONS, rules, abort),
  );
}

const hasSpecial = ({ meta, sides }: AppState): boolean => {
  const { queryText, keyText, window } = sides.value;
  const added = window === null ? 0 : (meta.value.windows[window]?.specials.length ?? 0);
  return added > 0 || [...queryText.tokens, ...keyText.tokens].some(({ special }) => special);
};
