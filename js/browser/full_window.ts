/** An element that fills the screen, or, where a page may not ask for that, its window. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "./dom";

export interface FullWindow {
  readonly isOn: ReadonlySignal<boolean>;
  enter(): void;
  leave(): void;
}

/** Escape leaves, unless something in the element had a use for it; `left` hears of every end. */
export function fullWindow(element: HTMLElement, abort: AbortSignal, left: () => void): FullWindow {
  const isOn = signal(false);
  let isWanted = false;
  let uncover = () => {};
  const holder = () => (element.getRootNode() as Document | ShadowRoot).fullscreenElement;
  const set = (value: boolean) => {
    if (isOn.peek() === value) return;
    isOn.value = value;
    element.classList.toggle("aw-full", value);
    uncover();
    uncover = value ? cover(element) : () => {};
    if (!value) left();
  };

  async function enter(): Promise<void> {
    if (isWanted) return;
    isWanted = true;
    try {
      await element.requestFullscreen();
    } catch {
      // No permission (an iframe), or no such function: the window is what is left.
    }
    if (isWanted) set(true);
    else void exit();
  }

  async function exit(): Promise<void> {
    if (holder() === element) await document.exitFullscreen();
  }

  function leave(): void {
    isWanted = false;
    set(false);
    void exit();
  }

  const noticeEnd = () => {
    if (isOn.value && !document.fullscreenElement) leave();
  };
  document.addEventListener("fullscreenchange", noticeEnd, { signal: abort });
  const leaveByKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOn.value || event.defaultPrevented) return;
    if (hasPopover(element)) return; // the browser closes that
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  element.tabIndex = -1; // a click beside its controls leaves the focus in it
  element.addEventListener("keydown", leaveByKey, { signal: abort });
  document.addEventListener("keydown", leaveByKey, { signal: abort }); // nothing has the focus
  onAbort(abort, leave);
  return { isOn, enter: () => void enter(), leave };
}

function hasPopover(element: HTMLElement): boolean {
  try {
    return element.querySelector(":popover-open") !== null;
  } catch {
    return false; // a browser without popovers
  }
}

/** Nothing of the page beside the element can be reached, neither now nor what comes later. */
function cover(element: Element): () => void {
  const covered = new Set<Element>();
  const coverOthers = () => {
    for (const node of besides(element)) {
      covered.add(node);
      node.setAttribute("inert", "");
    }
  };
  const observer = new MutationObserver(coverOthers);
  for (const { parent } of pathOf(element)) observer.observe(parent, { childList: true });
  coverOthers();
  return () => {
    observer.disconnect();
    for (const node of covered) node.removeAttribute("inert");
  };
}

/** The nodes that lead to the page's body, through shadow roots, and the parent of each. */
function pathOf(element: Element): { node: Element; parent: ParentNode }[] {
  const path: { node: Element; parent: ParentNode }[] = [];
  for (let node = element; node !== document.body && node.parentNode; ) {
    const { parentNode: parent } = node;
    path.push({ node, parent });
    node = parent instanceof ShadowRoot ? parent.host : (parent as Element);
  }
  return path;
}

/** All of the page beside the element, but what lies above it or is only heard. */
const besides = (element: Element): Element[] =>
  pathOf(element).flatMap(({ node, parent }) =>
    [...parent.children].filter((other) => other !== node && !other.matches(UNTOUCHED)),
  );

const UNTOUCHED = "[inert], [aria-live], dialog";
