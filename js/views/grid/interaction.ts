/** What mouse and keys do on the grid of heads. */

import { on } from "../../browser/dom";
import { isControl, isSeveral, listenToKeys } from "../../interact/keys";
import { listenToPointer } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import { type AppState, watch } from "../../state/app_state";
import { chooseHead, type Head, sameHead } from "../../state/choose_head";
import { type GridCanvas, ZOOM_STEP } from "./canvas";
import { stepFrom } from "./cells";
import type { GridData } from "./data";
import { headInWords } from "./words";

/** `shownHead` is where the keyboard begins. */
export function gridInteraction(
  element: HTMLElement,
  scroller: HTMLElement,
  state: AppState,
  data: GridData,
  canvas: GridCanvas,
  shownHead: () => Head,
  abort: AbortSignal,
): void {
  const { cells, hovered, active } = data;
  const tip = tooltip(element, abort);

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
    if (head && place) tip.show(headInWords(state, data, head), place);
    else tip.hide();
  }

  let mouse = { clientX: 0, clientY: 0 };
  listenToPointer(
    scroller,
    {
      point(at, event) {
        mouse = event;
        const head = at && canvas.headUnder(at);
        if (!sameHead(hovered.value, head)) hovered.value = head;
        tell();
      },
      click(at, event) {
        const head = canvas.headUnder(at);
        if (!head) return;
        active.value = head;
        chooseHead(state, head, isSeveral(event));
      },
      open(at, event) {
        const head = canvas.headUnder(at);
        if (head && !isSeveral(event)) open(head);
      },
      zoom: canvas.resize,
    },
    abort,
  );
  const from = () => active.value ?? shownHead();
  listenToKeys(
    scroller,
    {
      move(move, event) {
        const next = stepFrom(cells.value, from(), move, isControl(event));
        if (!next) return false;
        active.value = next;
        return canvas.reveal(next);
      },
      enter: () => open(from()),
      space: (event) => chooseHead(state, from(), isSeveral(event)),
      escape() {
        const isActive = active.value !== null;
        active.value = null;
        return isActive;
      },
      zoom: (by) => canvas.resize(ZOOM_STEP ** by),
      fit() {
        data.zoom.value = null;
      },
    },
    abort,
    (key) => key === "Home" || key === "End" || key === " ",
  );
  on(scroller, "focus", abort, () => {
    active.value ??= shownHead();
  });
  on(scroller, "blur", abort, () => {
    active.value = null;
  });
  watch(abort, tell);
}
