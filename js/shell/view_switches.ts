/** A button, and behind it a switch for each view. */

import { button, h } from "../browser/dom";
import { popover } from "../controls/popover";
import type { Views } from "../panel/panels";
import { textsOf } from "../panel/view";
import { type AppState, watch } from "../state/app_state";
import type { ViewName } from "../trace/options";
import { PICKER } from "./texts/picker";

export function viewSwitches(known: Views, state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const switches = (Object.keys(known) as ViewName[]).map((name) => {
    const each = button("", { "data-view": name }, abort, () => toggle(name));
    watch(abort, () => {
      const texts = textsOf(known[name], state);
      each.textContent = say(texts.name);
      each.title = say(texts.title);
    });
    return each;
  });
  const { opener, box } = popover(
    say(PICKER.views),
    { class: "aw-button aw-opener aw-open-views", title: say(PICKER.viewsTitle) },
    [h("div", { class: "aw-switches" }, ...switches)],
    abort,
  );
  opener.append(h("span", { class: "aw-opener-words" }, say(PICKER.views)));

  /** The last view stays. */
  function toggle(name: ViewName): void {
    const { value: shown } = state.views;
    if (!shown.includes(name)) state.views.value = [...shown, name];
    else if (shown.length > 1) state.views.value = shown.filter((other) => other !== name);
  }

  watch(abort, () => {
    for (const each of switches) {
      const isShown = state.views.value.includes(each.dataset.view as ViewName);
      each.setAttribute("aria-pressed", String(isShown));
    }
  });
  return h("span", { class: "aw-popover-holder" }, opener, box);
}
