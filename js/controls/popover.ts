/** A box of controls that a button opens. It lies above the page, so that no cell cuts it off. */

import { button, h, on } from "../browser/dom";
import { unzoomed, zoomOf } from "../browser/zoom";

const GAP = 4;

export interface Popover {
  readonly opener: HTMLButtonElement;
  readonly box: HTMLElement;
  close(): void;
}

/**
 * Escape and a click elsewhere close it, and Escape gives the focus back to its button: the
 * browser sees to that. `opener` gets its words from the caller, `label` says what the box holds.
 */
export function popover(
  label: string,
  attributes: Record<string, string>,
  content: readonly (Node | string)[],
  abort: AbortSignal,
): Popover {
  const box = h("div", { class: "aw-popover", popover: "auto", role: "group" }, ...content);
  box.setAttribute("aria-label", label);
  const opener = button("", { "aria-haspopup": "true", ...attributes }, abort, () => {});
  opener.popoverTargetElement = box;
  opener.setAttribute("aria-expanded", "false");

  let moved = new AbortController();
  on(box, "toggle", abort, (event) => {
    const isOpen = (event as ToggleEvent).newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    moved.abort();
    if (!isOpen) return;
    moved = new AbortController();
    const options = { capture: true, passive: true, signal: moved.signal };
    window.addEventListener("scroll", place, options);
    window.addEventListener("resize", place, options);
    abort.addEventListener("abort", () => moved.abort(), { signal: moved.signal });
    place();
  });

  /** Below its button, or above where there is more room; never beyond the edge of the window. */
  function place(): void {
    const zoom = zoomOf(box);
    const from = unzoomed(opener.getBoundingClientRect(), zoom);
    const { width, height } = unzoomed(box.getBoundingClientRect(), zoom);
    const clientWidth = document.documentElement.clientWidth / zoom;
    const clientHeight = document.documentElement.clientHeight / zoom;
    const below = clientHeight - from.bottom - 2 * GAP;
    const above = from.top - 2 * GAP;
    const isBelow = height <= below || below >= above;
    box.style.maxHeight = `${Math.max(80, isBelow ? below : above)}px`;
    const fits = Math.min(height, isBelow ? below : above);
    box.style.top = `${isBelow ? from.bottom + GAP : from.top - GAP - fits}px`;
    const isRightToLeft = getComputedStyle(opener).direction === "rtl";
    const left = isRightToLeft ? from.right - width : from.left;
    box.style.left = `${Math.max(GAP, Math.min(left, clientWidth - width - GAP))}px`;
  }

  return { opener, box, close: () => box.hidePopover?.() };
}
