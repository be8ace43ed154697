/** An element that fills the screen, or, where a page may not ask for that, its window. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "./dom";

/** All of the page beside the element, but what lies above it or is only heard. */
function coveredBy(element: Element): Element[] {
  const covered: Element[] = [];
  for (let node = element; node !== document.body && node.parentNode; ) {
    const { parentNode } = node;
    const others = [...parentNode.children].filter((other) => other !== node);
    covered.push(...others.filter((other) => !other.matches("[inert], [aria-live], dialog")));
    node = parentNode instanceof ShadowRoot ? parentNode.host : (parentNode as Element);
  }
  return covered;
}

/** Escape leaves, unless something in the element had a use for it. */
export function fullWindow(
  element: HTMLElement,
  abort: AbortSignal,
): { on: ReadonlySignal<boolean>; toggle(): Promise<void> } {
  const on = signal(false);
  let covered: Element[] = [];
  const holder = () => (element.getRootNode() as Document | ShadowRoot).fullscreenElement;
  const set = (value: boolean) => {
    on.value = value;
    element.classList.toggle("aw-full", value);
    for (const node of covered) node.removeAttribute("inert");
    covered = value ? coveredBy(element) : [];
    for (const node of covered) node.setAttribute("inert", "");
  };

  async function enter(): Promise<void> {
    try {
      await element.requestFullscreen();
    } catch {
      // No permission (an iframe), or no such function: the window is what is left.
    }
    if (!abort.aborted) set(true);
  }

  async function leave(): Promise<void> {
    set(false);
    if (holder() === element) await document.exitFullscreen();
  }

  const noticeEnd = () => {
    if (on.value && !document.fullscreenElement) set(false);
  };
  document.addEventListener("fullscreenchange", noticeEnd, { signal: abort });
  const leaveByKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !on.value || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    void leave();
  };
  element.tabIndex = -1; // a click beside its controls leaves the focus in it
  element.addEventListener("keydown", leaveByKey, { signal: abort });
  document.addEventListener("keydown", leaveByKey, { signal: abort }); // nothing has the focus
  onAbort(abort, () => void leave());
  return { on, toggle: () => (on.value ? leave() : enter()) };
}
