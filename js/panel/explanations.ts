/** What a view is, for a newcomer: a sentence below its picture, and more for who asks. */

import { signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { recall, remember } from "../browser/memory";
import type { Help } from "../language/say";
import { type AppState, watch } from "../state/app_state";
import { EXPLANATIONS } from "./texts/explanations";

const NAME = "explanations";

/** The reader's choice, in every widget of the page. */
export const explains = signal(recall(NAME) !== "off");

function setExplains(value: boolean): void {
  explains.value = value;
  remember(NAME, value ? "on" : "off");
}

/** Below the picture; `hidden` hears that the reader wants none any more. */
export function explanation(
  help: Help,
  { say }: AppState,
  abort: AbortSignal,
  hidden: () => void,
): HTMLElement {
  const isLong = signal(false);
  const rest = h("span", {}, ` ${say(help.more)}`);
  const more = button("", { class: "aw-link", "data-explain": "more" }, abort, () => {
    isLong.value = !isLong.value;
  });
  const label = say(EXPLANATIONS.hide);
  const hide = button("×", hideAttributes(label), abort, () => {
    setExplains(false);
    hidden();
  });
  const element = h(
    "div",
    { class: "aw-explanation" },
    h("p", {}, say(help.short), rest, " ", more),
    hide,
  );
  watch(abort, () => {
    element.hidden = !explains.value;
    rest.hidden = !isLong.value;
    more.textContent = say(isLong.value ? EXPLANATIONS.less : EXPLANATIONS.more);
    more.setAttribute("aria-expanded", String(isLong.value));
  });
  return element;
}

const hideAttributes = (label: string) => ({
  class: "aw-link aw-dismiss",
  "data-explain": "hide",
  title: label,
  "aria-label": label,
});

/** All of it, for the box of a panel's options, and the way back to the sentences. */
export function wholeExplanation(help: Help, state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const show = button(
    say(EXPLANATIONS.show),
    { class: "aw-link", "data-explain": "show" },
    abort,
    () => setExplains(true),
  );
  watch(abort, () => {
    show.hidden = explains.value;
  });
  return h("div", { class: "aw-help" }, h("p", {}, `${say(help.short)} ${say(help.more)}`), show);
}

/** For the settings of the widget. */
export function explanationsToggle({ say }: AppState, abort: AbortSignal): HTMLButtonElement {
  const toggle = button(
    say(EXPLANATIONS.name),
    { "data-setting": "explanations", title: say(EXPLANATIONS.title) },
    abort,
    () => setExplains(!explains.value),
  );
  watch(abort, () => toggle.setAttribute("aria-pressed", String(explains.value)));
  return toggle;
}
