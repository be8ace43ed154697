/** Work that takes more memory than is free: what it is, and whether it runs. */

import { button, h, showWords } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { Shortage } from "../trace/memory";
import type { Kernel } from "../transport/kernel";
import { sizeIn } from "./memory_line";
import { SHORT_OF, SHORTAGE } from "./texts/shortage";

export function sizesOf({ say }: AppState, { needed, free }: Shortage): Record<string, string> {
  return { needed: sizeIn(say, needed), free: sizeIn(say, free) };
}

/** In words, what is held back, or is done anyway; empty for nothing. */
export function shortageWords(state: AppState, kernel: Kernel): string {
  const short = kernel.gone.value ? null : (kernel.held.value ?? kernel.shortage.value);
  return short ? state.say(SHORT_OF[short.work], sizesOf(state, short)) : "";
}

/** What is held back waits here for one of two buttons. */
export function shortageLine(state: AppState, kernel: Kernel, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const words = h("span", {});
  const decide = (text: "anyway" | "leave", how: "goOn" | "leave") =>
    button(say(SHORTAGE[text]), { class: "aw-button", "data-short": text }, abort, () => {
      kernel.held.peek()?.[how]();
      element.closest<HTMLElement>(".attention-widget")?.focus(); // the button is gone
    });
  const choice = h(
    "span",
    { class: "aw-choice" },
    decide("anyway", "goOn"),
    decide("leave", "leave"),
  );
  const element = h("p", { class: "aw-short" }, words, choice);
  watch(abort, () => {
    const said = shortageWords(state, kernel);
    element.hidden = !said;
    showWords(words, said);
    choice.hidden = kernel.held.value === null;
  });
  return element;
}
