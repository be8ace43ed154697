/** Behind the button that leaves a head out: in which way. */

import type { ReadonlySignal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { popover } from "../controls/popover";
import { type AppState, watch } from "../state/app_state";
import { HOWS, type How } from "./edit_offer";
import { EDIT_LINE, HOW } from "./texts/edit_line";

/** `choose` does it at once; `isAlone` where the button is not there beside it. */
export function headMenu(
  state: AppState,
  how: ReadonlySignal<How>,
  isAlone: ReadonlySignal<boolean>,
  abort: AbortSignal,
  choose: (how: How) => void,
): HTMLElement {
  const { say } = state;
  const label = say(EDIT_LINE.how);
  const choices = HOWS.map((each) =>
    button(say(HOW[each].choice), { "data-how": each }, abort, () => {
      close();
      opener.focus();
      choose(each);
    }),
  );
  const list = h("div", { class: "aw-edit-how" }, h("p", { class: "aw-hint" }, label), ...choices);
  const { opener, box, close } = popover(
    label,
    { class: "aw-edit-act aw-opener aw-edit-menu", title: label },
    [list],
    abort,
  );
  watch(abort, () => {
    const words = isAlone.value ? say(EDIT_LINE.otherwise) : "";
    if (opener.textContent !== words) opener.textContent = words;
    opener.setAttribute("aria-label", words || label);
  });
  watch(abort, () => {
    for (const [place, each] of choices.entries())
      each.setAttribute("aria-pressed", String(HOWS[place] === how.value));
  });
  return h("span", { class: "aw-popover-holder" }, opener, box);
}
