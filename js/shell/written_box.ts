/**
 * A box to write in: one line high, and while it has the focus as high as its text, above the rest.
 * A text that was refused does not cover the reason.
 */

import { h, on } from "../browser/dom";
import { RIGHT_TO_LEFT } from "../language/direction";

const BORDERS = 2;

export interface WrittenBox {
  readonly element: HTMLElement;
  readonly input: HTMLTextAreaElement;
  set(text: string): void;
  /** Called where its width is another one. */
  resize(): void;
}

export function writtenBox(label: string, abort: AbortSignal): WrittenBox {
  const input = h("textarea", { class: "aw-input", rows: 1, dir: "auto", "aria-label": label });
  const element = h("div", { class: "aw-slot" }, input);

  function resize(): void {
    const isOpen = input.matches(":focus") && !input.form?.hasAttribute("data-refused");
    input.style.height = "";
    if (isOpen) input.style.height = `${input.scrollHeight + BORDERS}px`;
    else input.scrollTo?.(0, 0);
    const grown = isOpen ? `${input.offsetHeight}px` : "";
    input.form?.style.setProperty("--aw-grown", grown); // what is said below it stays below it
    element.dir = RIGHT_TO_LEFT.test(input.value) ? "rtl" : "ltr";
    element.toggleAttribute("data-more", !isOpen && input.scrollWidth > input.clientWidth + 1);
  }

  for (const type of ["input", "focus", "blur"] as const) on(input, type, abort, resize);
  return {
    element,
    input,
    set(text) {
      input.value = text;
      resize();
    },
    resize,
  };
}
