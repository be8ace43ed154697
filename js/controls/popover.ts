/** A box of controls that a button opens. It lies above the page, so that no cell cuts it off. */

import { button, h, on, onAbort, onResize } from "../browser/dom";
import { guarded } from "../browser/guard";
import { unzoomed, zoomOf } from "../browser/zoom";

const GAP = 4;
const LEAST_HEIGHT = 80;

export interface Popover {
  readonly opener: HTMLButtonElement;
  readonly box: HTMLElement;
  close(): void;
}

/** Opens the box that a control lies in, for a key that leads to the control. */
export function openAround(control: Element): void {
  control.closest<HTMLElement>("[popover]")?.togglePopover?.(true);
}

/**
 * A click elsewhere closes it, and so does Escape, which gives the focus back to the button, unless
 * a control in it has a use for the key.
 * `opener` gets its words from the caller, `label` says what the box holds. In the page the box
 * follows its button, for Tab goes on from there.
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

  let opened = new AbortController();
  on(box, "keydown", abort, leave);
  // Not with "toggle", which comes some time later: the box would be drawn elsewhere first and
  // move away from under the pointer, and the next Escape may come before it.
  on(box, "beforetoggle", abort, (event) => {
    const isOpen = (event as ToggleEvent).newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    opened.abort();
    if (!isOpen) return;
    opened = new AbortController();
    const { signal } = opened;
    const options = { capture: true, passive: true, signal };
    window.addEventListener("scroll", place, options);
    requestAnimationFrame(guarded(abort, place)); // before it is drawn
    onResize(box, signal, place); // what it holds may grow, such as by an error
    window.addEventListener("keydown", leaveFromOutside, { capture: true, signal });
  });
  onAbort(abort, () => opened.abort());

  /** What it holds hears the key first: a search is ended by it. */
  function leaveFromOutside(event: KeyboardEvent): void {
    if (!event.composedPath().includes(box)) leave(event);
  }

  /** Before anything around it hears the key, such as what fills the window. */
  function leave(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (event.defaultPrevented) return;
    event.preventDefault();
    close();
    opener.focus();
  }

  /** Below its button, or above where there is more room; never beyond the edge of the window. */
  function place(): void {
    const zoom = zoomOf(box);
    const from = unzoomed(opener.getBoundingClientRect(), zoom);
    const { scrollTop } = box;
    box.style.maxHeight = "";
    const { width, height } = unzoomed(box.getBoundingClientRect(), zoom);
    const clientWidth = document.documentElement.clientWidth / zoom;
    const clientHeight = document.documentElement.clientHeight / zoom;
    const below = clientHeight - from.bottom - 2 * GAP;
    const above = from.top - 2 * GAP;
    const isBelow = height <= below || below >= above;
    const room = Math.max(LEAST_HEIGHT, isBelow ? below : above);
    box.style.maxHeight = `${room}px`;
    box.scrollTop = scrollTop;
    box.style.top = `${isBelow ? from.bottom + GAP : from.top - GAP - Math.min(height, room)}px`;
    const isRightToLeft = getComputedStyle(opener).direction === "rtl";
    const left = isRightToLeft ? from.right - width : from.left;
    box.style.left = `${Math.max(GAP, Math.min(left, clientWidth - width - GAP))}px`;
  }

  const close = () => box.hidePopover?.();
  return { opener, box, close };
}
