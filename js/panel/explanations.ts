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

export interface Shortened {
  /** The sentence of what is shown now; it reads signals. */
  readonly short: () => string;
}

export interface Explained extends Shortened {
  readonly help: Help;
}

/** A sentence, and a button that unfolds the rest. */
function inShort({ help, short }: Explained, { say }: AppState, abort: AbortSignal): HTMLElement {
  const isLong = signal(false);
  const rest = h("span", {}, ` ${say(help.more)}`);
  const more = button("", { class: "aw-link", "data-explain": "more" }, abort, () => {
    isLong.value = !isLong.value;
  });
  watch(abort, () => {
    rest.hidden = !isLong.value;
    more.textContent = say(isLong.value ? EXPLANATIONS.less : EXPLANATIONS.more);
    more.setAttribute("aria-expanded", String(isLong.value));
  });
  const sentence = document.createTextNode("");
  watch(abort, () => {
    sentence.textContent = short();
  });
  return h("p", {}, sentence, rest, " ", more);
}

/** Below the picture; `hidden` hears that the reader wants none any more. */
export function explanation(
  explained: Explained,
  state: AppState,
  abort: AbortSignal,
  hidden: () => void,
): HTMLElement {
  const hide = button("×", hideAttributes(state.say(EXPLANATIONS.hide)), abort, () => {
    setExplains(false);
    hidden();
  });
  const element = h("div", { class: "aw-explanation" }, inShort(explained, state, abort), hide);
  watch(abort, () => {
    element.hidden = !explains.value;
  });
  return element;
}

const hideAttributes = (label: string) => ({
  class: "aw-link aw-dismiss",
  "data-explain": "hide",
  title: label,
  "aria-label": label,
});

/** The same in the box of a panel's options, with the way back to it below the pictures. */
export function boxedExplanation(
  explained: Explained,
  state: AppState,
  abort: AbortSignal,
): HTMLElement {
  const attributes = { class: "aw-link", "data-explain": "show" };
  const show = button(state.say(EXPLANATIONS.show), attributes, abort, () => setExplains(true));
  watch(abort, () => {
    show.hidden = explains.value;
  });
  return h("div", { class: "aw-help" }, inShort(explained, state, abort), show);
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
