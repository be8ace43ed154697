/** Behind the button that leaves a head out: in which way. */

import type { ReadonlySignal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { popover } from "../controls/popover";
import { type AppState, watch } from "../state/app_state";
import { HOWS, type How } from "./edit_offer";
import { otherText } from "./other_text";
import { EDIT_LINE, HOW } from "./texts/edit_line";

/**
 * `choose` does it at once and says why it cannot be done, or nothing; `isAlone` where the button is
 * not there beside it.
 */
export function headMenu(
  state: AppState,
  how: ReadonlySignal<How>,
  isAlone: ReadonlySignal<boolean>,
  abort: AbortSignal,
  choose: (how: How) => Promise<string>,
): HTMLElement {
  const { say } = state;
  const label = say(EDIT_LINE.how);
  const choices = HOWS.map((each) =>
    button(say(HOW[each].choice), { "data-how": each }, abort, () => {
      leave();
      void choose(each);
    }),
  );
  const other = otherText(
    state,
    async (source) => {
      const why = await choose({ source });
      if (!why) leave();
      return why;
    },
    abort,
  );
  const hint = h("p", { class: "aw-hint" }, label);
  const list = h("div", { class: "aw-edit-how" }, hint, ...choices, other);
  const { opener, box, close } = popover(
    label,
    { class: "aw-edit-act aw-opener aw-edit-menu", title: label },
    [list],
    abort,
  );
  const leave = () => {
    close();
    opener.focus();
  };
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
