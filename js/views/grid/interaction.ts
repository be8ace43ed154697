/** What mouse and keys do on the grid of heads. */

import type { Tooltip } from "../../interact/tooltip";
import { type AppState, watch } from "../../state/app_state";
import { chooseHead, type Head, sameHead } from "../../state/choose_head";
import type { GridCanvas } from "./canvas";
import { stepFrom } from "./cells";
import type { GridData } from "./data";
import type { GridWords } from "./words";

const ZOOM_STEP = 1.25;

/** `shownHead` is where the keyboard begins. */
export function gridInteraction(
  element: HTMLElement,
  scroller: HTMLElement,
  state: AppState,
  data: GridData,
  canvas: GridCanvas,
  words: GridWords,
  tip: Tooltip,
  shownHead: () => Head,
  abort: AbortSignal,
): void {
  const { cells, hovered, active } = data;

  /** Shows the lines of a head, which join the views if they are not there. */
  function open(head: Head): void {
    chooseHead(state, head, false);
    const { value: views } = state.views;
    if (!views.includes("lines")) {
      const here = views.indexOf("grid") + 1;
      state.views.value = [...views.slice(0, here), "lines", ...views.slice(here)];
    }
    const all = element.parentElement;
    requestAnimationFrame(() => {
      all?.querySelector(".aw-view-lines")?.scrollIntoView({ block: "nearest" });
    });
  }

  /** Beside the mouse, else beside the head where the keyboard is. */
  function tell(): void {
    const [under, at] = [hovered.value, active.value]; // what has the focus is no signal
    const head = under ?? (scroller.matches(":focus-visible") ? at : null);
    const place = under ? mouse : head && canvas.cornerOf(head);
    if (head && place) tip.show(words.headInWords(head), place);
    else tip.hide();
  }

  let mouse = { clientX: 0, clientY: 0 };
  const on = <K extends keyof HTMLElementEventMap>(
    name: K,
    react: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => scroller.addEventListener(name, react, { ...options, signal: abort });
  const isSeveral = (event: MouseEvent | KeyboardEvent) =>
    event.ctrlKey || event.metaKey || event.shiftKey;

  on("pointermove", (event) => {
    mouse = event;
    const head = canvas.headUnder(event);
    if (!sameHead(hovered.value, head)) hovered.value = head;
    tell();
  });
  on("pointerleave", () => {
    hovered.value = null;
  });
  on("click", (event) => {
    const head = canvas.headUnder(event);
    if (!head) return;
    active.value = head;
    chooseHead(state, head, isSeveral(event));
  });
  on("dblclick", (event) => {
    const head = canvas.headUnder(event);
    if (head && !isSeveral(event)) open(head);
  });
  on(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return; // a pinch says so too
      event.preventDefault();
      canvas.resize(Math.exp(-event.deltaY / 300), event);
    },
    { passive: false },
  );
  on("focus", () => {
    active.value ??= shownHead();
  });
  on("blur", () => {
    active.value = null;
  });
  on("keydown", (event) => {
    const from = active.value ?? shownHead();
    const { key } = event;
    const isHeld = event.ctrlKey || event.metaKey || event.altKey;
    if (isHeld && ["+", "=", "-", "0"].includes(key)) return; // the browser zooms the page
    if (key === "Enter") open(from);
    else if (key === " ") chooseHead(state, from, isSeveral(event));
    else if (key === "+" || key === "=") canvas.resize(ZOOM_STEP);
    else if (key === "-") canvas.resize(1 / ZOOM_STEP);
    else if (key === "0") data.zoom.value = null;
    else if (key === "Escape") active.value = null;
    else {
      const next = stepFrom(cells.value, from, key, event.ctrlKey || event.metaKey);
      if (!next) return;
      active.value = next;
      canvas.reveal(next);
    }
    event.preventDefault();
  });
  watch(abort, tell);
}
