/** Heads worth seeing first: why the one that is shown is, and the way to the next. */

import { batch } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { quoted } from "../language/quoted";
import { type AppState, watch } from "../state/app_state";
import { chooseHead, isShownLayer } from "../state/choose_head";
import type { Suggestion } from "../trace/contract";
import { SUGGESTION } from "./texts/suggestion";

/** Pages and notebooks that were saved before there were any have none. */
const suggestionsOf = (state: AppState): readonly Suggestion[] =>
  state.meta.value.suggestions ?? [];

/** Place of the head that is shown among those that are suggested; -1 where it is none of them. */
function placeOf(state: AppState): number {
  const { value: chosen } = state.activeHeads;
  if (chosen.length !== 1 || state.pairs.value.length) return -1;
  return suggestionsOf(state).findIndex(
    (each) => isShownLayer(state, each) && each.head === chosen[0],
  );
}

/** Goes to the one after that which is shown, else to the best; false where there is none. */
export function showNextSuggestion(state: AppState): boolean {
  const all = suggestionsOf(state);
  const next = all[(placeOf(state) + 1) % all.length];
  if (!next) return false;
  batch(() => {
    chooseHead(state, next, false);
    state.token.value = next.query;
    state.key_token.value = null;
  });
  return true;
}

export function suggestionLine(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const words = h("span", { class: "aw-why" });
  const place = h("span", { class: "aw-place" });
  const next = button("", { class: "aw-next" }, abort, () => showNextSuggestion(state));
  const element = h("span", { class: "aw-suggestion" }, words, place, next);
  watch(abort, () => {
    const all = suggestionsOf(state);
    const at = placeOf(state);
    const shown = all[at];
    element.hidden = !all.length;
    words.textContent = shown ? whyOf(state, shown) : "";
    place.textContent =
      shown && all.length > 1 ? say(SUGGESTION.place, { at: at + 1, of: all.length }) : "";
    next.hidden = Boolean(shown) && all.length < 2;
    next.textContent = say(shown ? SUGGESTION.next : SUGGESTION.first);
    next.title = say(shown ? SUGGESTION.nextTitle : SUGGESTION.firstTitle);
  });
  return element;
}

/** It is of the attention that is shown. */
function whyOf(state: AppState, { layer, head, query, key, weight }: Suggestion): string {
  const { queryText, keyText } = state.sides.value;
  const labelOf = (text: typeof queryText, token: number) =>
    quoted(state.say, text.tokens[token]?.label ?? "");
  return state.say(SUGGESTION.why, {
    layer,
    head,
    query: labelOf(queryText, query),
    key: labelOf(keyText, key),
    weight: state.numbers.weight(weight),
  });
}
