/** The heads of the layer, for views that show one: a click selects it, alone and everywhere. */

import { headColours } from "../draw/palette";
import { HEADS } from "../language/texts/heads";
import { type AppState, watch } from "../state/app_state";
import { showHeads } from "../state/choose_head";
import { chipRow } from "./chips";

/** `isHere` tells whether the view shows one head now. */
export function headChips(
  state: AppState,
  abort: AbortSignal,
  isHere: () => boolean = () => true,
): HTMLElement {
  const { say } = state;
  const chips = chipRow(
    { row: say(HEADS.shown), chip: (head) => say(HEADS.chip, { head }) },
    "radiogroup",
    abort,
    (head) => {
      showHeads(state, [head]);
    },
  );
  chips.element.title = say(HEADS.choose);
  watch(abort, () => {
    const count = state.layerMeta.value?.n_heads ?? 0;
    const { value: head } = state.focusHead;
    chips.element.hidden = count < 2 || !isHere();
    chips.set({
      count,
      pressed: head === null ? [] : [head],
      colours: headColours(count),
    });
  });
  return chips.element;
}

/** Where several heads are selected and one is shown. */
export function firstOfSelected(state: AppState): string {
  const n = state.activeHeads.value.length;
  return n > 1 ? state.say(HEADS.first, { n }) : "";
}

export function focusColour(state: AppState): string {
  const count = state.layerMeta.value?.n_heads ?? 0;
  return headColours(count)[state.focusHead.value ?? 0] ?? "";
}
