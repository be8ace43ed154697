/** What the template of a chat puts around its messages: folded, until a click opens it. */

import { h } from "../../browser/dom";

export interface Fold {
  readonly element: HTMLElement;
  readonly units: readonly number[];
  /** It says something of its own, such as a system message, and is a line by itself. */
  readonly isTurn: boolean;
}

export interface Folded {
  unit: number;
  node: HTMLElement;
  label: string;
}

/** Marks of the template that say nothing to a reader: `<|im_start|>`, `[INST]`, `<s>`. */
const MARK = /^(<.*>|\[.*\])$/;

/** `next` is who speaks after it, whom the template names too. */
export function foldOf(content: readonly Folded[], next: string, name: string): Fold {
  const said = content
    .map(({ label }) => (MARK.test(label) ? "\n" : label.replace(/[\u23ce\u240d]/g, "\n")))
    .join("")
    .replace(/[\u2423\u21e5]/g, " ");
  const lines = said.split("\n").flatMap((line) => line.trim() || []);
  if (lines[lines.length - 1] === next) lines.pop();
  const own = lines.join(" · ");
  const attributes = { type: "button", class: "aw-fold", title: name, "aria-label": name };
  const toggle = h("button", { ...attributes, dir: "auto" }, own || name);
  const element = h("span", { class: "aw-template" }, toggle, ...content.map(({ node }) => node));
  const isTurn = own !== "";
  if (isTurn) element.classList.add("aw-turn");
  toggle.addEventListener("click", () => setOpen(element, "folded" in element.dataset));
  setOpen(element, false);
  return { element, units: content.map(({ unit }) => unit), isTurn };
}

function setOpen(element: HTMLElement, isOpen: boolean): void {
  element.toggleAttribute("data-folded", !isOpen);
  element.querySelector("button")?.setAttribute("aria-expanded", String(isOpen));
}

/** So that a unit in it can be seen. */
export function openFold(node: HTMLElement | undefined): void {
  const folded = node?.closest<HTMLElement>("[data-folded]");
  if (folded) setOpen(folded, true);
}
