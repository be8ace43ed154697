/** Every head of the model as a small picture; the pictures are the picker too. */

import { signal } from "@preact/signals-core";
import { h, onceAFrame, onResize } from "../../browser/dom";
import { drawLegend } from "../../draw/legend";
import { tooltip } from "../../interact/tooltip";
import { windowTitle } from "../../language/descriptions";
import { panel } from "../../panel/panel";
import { type AppState, watch } from "../../state/app_state";
import { chooseHead, type Head, sameHead } from "../../state/choose_head";
import type { TensorSource } from "../../tensors/source";
import { gridCanvas } from "./canvas";
import { marginsOf } from "./cell_marks";
import { placeIn, stepFrom } from "./cells";
import { gridColours } from "./colours";
import { gridControls } from "./controls";
import { gridData } from "./data";
import { GRID } from "./texts";
import type { Picture } from "./thumbnails";
import { gridWords } from "./words";

const ZOOM_STEP = 1.25;

export function gridView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(
    element,
    "grid",
    GRID,
    state,
    abort,
    () => canvas.figure(),
    () => ({ of: "model", layer: null, heads: [], how: "each" }),
  );
  const cell = h("div", {
    role: "gridcell",
    id: `aw-head-${Math.random().toString(36).slice(2)}`, // two widgets may share a page
  });
  const row = h("div", { role: "row", class: "aw-grid-active" }, cell);
  const scroller = h(
    "div",
    { class: "aw-grid", role: "grid", tabindex: 0, "aria-label": say(GRID.grid) },
    row,
  );
  frame.body.append(scroller, h("p", { class: "aw-hint" }, say(GRID.how)));
  const tip = tooltip(element);

  const picture = signal<Picture>("matrix");
  const axes = { layer: say(GRID.layer), head: say(GRID.head) };
  const data = gridData(state, source, abort, (isRanked) => marginsOf(isRanked ? null : axes));
  const words = gridWords(state, data);
  const colours = gridColours(element, state, data, words, picture);
  const canvas = gridCanvas(scroller, data, colours, data.margins);
  const { cells, hovered, active } = data;
  gridControls(frame.controls, state, data, picture, canvas.resize, abort);

  const shownHead = (): Head => ({
    kind: state.attention_kind.value,
    layer: state.layer.value,
    head: state.focusHead.value ?? 0,
  });

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

  // ---- what a person does --------------------------------------------------------------------

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

  // ---- what follows --------------------------------------------------------------------------

  /** Beside the mouse, else beside the head where the keyboard is. */
  function tell(): void {
    const under = hovered.value;
    const head = under ?? (scroller.matches(":focus-visible") ? active.value : null);
    const place = under ? mouse : head && canvas.cornerOf(head);
    if (head && place) tip.show(words.headInWords(head), place);
    else tip.hide();
  }

  /** To a screen reader there is one cell: that where the keyboard is. */
  function describe(): void {
    const head = active.value ?? shownHead();
    const place = placeIn(cells.value, head);
    const isSelected = colours.labels().isSelected(head);
    const told = [...words.headInWords(head), ...(isSelected ? [say(GRID.selected)] : [])];
    scroller.setAttribute("aria-rowcount", String(cells.value.rows.length));
    scroller.setAttribute("aria-colcount", String(cells.value.columns));
    scroller.setAttribute("aria-activedescendant", cell.id);
    row.setAttribute("aria-rowindex", String((place?.row ?? 0) + 1));
    cell.setAttribute("aria-colindex", String((place?.column ?? 0) + 1));
    cell.setAttribute("aria-selected", String(isSelected));
    cell.textContent = told.join(", ");
  }

  const repaint = onceAFrame(scroller, abort, canvas.paint);
  const repoint = onceAFrame(scroller, abort, canvas.point);
  watch(abort, () => {
    colours.pictureStyle();
    colours.labels();
    void data.tensors.value;
    repaint();
  });
  watch(abort, () => {
    void [hovered.value, active.value, data.summaries.value];
    repoint();
    tell();
  });
  watch(abort, describe);
  watch(abort, () => {
    const { missing, error } = data.tensors.value;
    frame.status(false, error);
    scroller.toggleAttribute("data-pending", missing > 0); // what is here is not to be dimmed
    scroller.setAttribute("aria-busy", String(missing > 0));
    frame.note(words.note());
    frame.where(windowTitle(state.meta.value, state.sides.value.window, state.say));
  });
  const relegend = onceAFrame(scroller, abort, () => drawLegend(frame.legend, colours.legend()));
  watch(abort, () => {
    colours.legend();
    relegend(); // once the theme's colours hold
  });
  let isToBeSeen = false;
  const revealOnce = onceAFrame(scroller, abort, () => {
    isToBeSeen = false;
    canvas.reveal(shownHead());
  });
  /** A layer that was chosen elsewhere comes into sight. */
  watch(abort, () => {
    void [state.attention_kind.value, state.layer.value];
    if (hovered.peek()) return; // it was chosen here
    isToBeSeen = true;
    revealOnce();
  });
  on("scroll", repaint);
  onResize(scroller, abort, () => {
    repaint();
    relegend();
    if (isToBeSeen) revealOnce(); // it was hidden
  });
}
