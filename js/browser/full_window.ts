/** An element that fills the screen, or, where a page may not ask for that, its window. */

import { type ReadonlySignal, signal } from "@preact/signals-core";

export interface FullWindow {
  readonly on: ReadonlySignal<boolean>;
  toggle(): Promise<void>;
}

/** Escape leaves, unless something in the element had a use for it. */
export function fullWindow(element: HTMLElement, abort: AbortSignal): FullWindow {
  const on = signal(false);
  const holder = () => (element.getRootNode() as Document | ShadowRoot).fullscreenElement;
  const set = (value: boolean) => {
    on.value = value;
    element.classList.toggle("aw-full", value);
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

  document.addEventListener(
    "fullscreenchange",
    () => {
      if (on.value && !document.fullscreenElement) set(false);
    },
    { signal: abort },
  );
  const leaveByKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !on.value || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    void leave();
  };
  element.tabIndex = -1; // a click beside its controls leaves the focus in it
  element.addEventListener("keydown", leaveByKey, { signal: abort });
  document.addEventListener("keydown", leaveByKey, { signal: abort }); // nothing has the focus
  abort.addEventListener("abort", () => void leave(), { once: true });
  return { on, toggle: () => (on.value ? leave() : enter()) };
}
