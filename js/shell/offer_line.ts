/** The line that offers a head: why it is worth seeing, and a way to it or to the next. */

import { button, h } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { TensorSource } from "../tensors/source";
import type { Offer } from "./offer";
import { pairOffers } from "./pair";
import { suggestionOffers } from "./suggestion";

export interface Offers {
  readonly element: HTMLElement;
  /** As the button does; false where there is none. */
  next(): boolean;
}

/** Of the two words that are selected, else of the heads that are suggested. */
export function offers(state: AppState, source: TensorSource, abort: AbortSignal): Offers {
  const pair = pairOffers(state, source, abort);
  const suggestion = suggestionOffers(state, source, abort);
  const now = (): Offer | null => pair.value ?? suggestion.value;
  const words = h("span", { class: "aw-why" });
  const place = h("span", { class: "aw-place" });
  const next = button("", { class: "aw-next" }, abort, () => now()?.on?.go());
  const element = h("span", { class: "aw-suggestion" }, words, place, next);
  watch(abort, () => {
    const offer = now();
    element.hidden = !offer;
    words.textContent = offer?.words ?? "";
    place.textContent = offer?.place ?? "";
    next.hidden = !offer?.on;
    next.textContent = offer?.on?.words ?? "";
    next.title = offer?.on?.title ?? "";
  });
  return {
    element,
    next() {
      const on = now()?.on;
      on?.go();
      return Boolean(on);
    },
  };
}
