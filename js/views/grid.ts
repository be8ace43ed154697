/** Every head of the model as a small picture; the pictures are the picker too. */

import { signal } from "@preact/signals-core";
import { cellMarks, frame as frameMark, marginsOf } from "../cell_marks";
import { pictures } from "../cell_pictures";
import { boxOf, headAt, stepFrom } from "../cells";
import { fitCanvas, h, onceAFrame, onResize } from "../dom";
import type { Figure } from "../figure";
import { gridControls, legendNodes } from "../grid_controls";
import { gridData } from "../grid_data";
import { gridLook } from "../grid_look";
import { gridWords } from "../grid_words";
import { panel } from "../panel";
import { chooseHead, type Head, sameHead } from "../place";
import type { TensorSource } from "../source";
import { type AppState, watch } from "../state";
import { windowTitle } from "../story";
import { svg, svgImage } from "../svg";
import { GRID } from "../texts/grid";
import type { Picture } from "../tiles";
import { tooltip } from "../tooltip";

const LEAST_SIZE = 8;
const LARGEST_SIZE = 320;
const FIGURE_SCALE = 3; // a page is printed finer than a screen

export function gridView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(element, "grid", GRID, state, abort, figure);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = svg("svg", { class: "aw-grid-marks", "aria-hidden": "true" });
  const pointers = svg("svg", { class: "aw-grid-marks", "aria-hidden": "true" });
  const cell = h("div", {
    role: "gridcell",
    id: `aw-head-${Math.random().toString(36).slice(2)}`, // two widgets may share a page
  });
  const row = h("div", { role: "row", class: "aw-grid-active" }, cell);
  const sight = h("div", { class: "aw-grid-sight" }, canvas, marks, pointers);
  const space = h("div", { class: "aw-grid-space" }, sight);
  const scroller = h(
    "div",
    { class: "aw-grid", role: "grid", tabindex: 0, "aria-label": say(GRID.grid) },
    row,
    space,
  );
  frame.body.append(scroller);
  const tip = tooltip(element);

  const named = marginsOf({ layer: say(GRID.layer), head: say(GRID.head) });
  const margins = (isRanked: boolean) => (isRanked ? marginsOf(null) : named);
  const picture = signal<Picture>("matrix");
  const data = gridData(state, source, abort, margins);
  const words = gridWords(state, data);
  const { look, labels, legend } = gridLook(
    element,
    state,
    data,
    words,
    () => picture.value,
    margins,
  );
  const { cells, seen, hovered, active } = data;
  const drawn = pictures();
  gridControls(frame.controls, state, data, picture, resize, abort);

  // ---- drawing -------------------------------------------------------------------------------

  function measure(): void {
    const { clientWidth: width, clientHeight: height, scrollLeft: x, scrollTop: y } = scroller;
    const now = seen.peek();
    const same = now.width === width && now.height === height && now.x === x && now.y === y;
    if (!same) seen.value = { x, y, width, height };
  }

  /** The scrolled area is as large as all the pictures. */
  function spread(): void {
    const { left, top } = margins(data.isRanked.value);
    space.style.width = `${left + cells.value.width}px`;
    space.style.height = `${top + cells.value.height}px`;
    measure();
  }

  function paint(): void {
    spread();
    const { width, height } = seen.value;
    sight.style.width = `${width}px`;
    sight.style.height = `${height}px`;
    const context = fitCanvas(canvas, width, height);
    const now = look();
    if (context) drawn.paint(context, now, window.devicePixelRatio || 1);
    marks.replaceChildren(...cellMarks(now, labels()));
    canvas.dataset.made = String(drawn.made);
    frame.legend.replaceChildren(...legendNodes(legend()));
    pointAt();
  }

  /** The head under the mouse, and the one where the keyboard is. */
  function pointAt(): void {
    const { accent, ink } = labels();
    const { sight: shown } = look();
    const isFocused = scroller.matches(":focus-visible");
    const framed = [
      { head: hovered.value, colour: ink, wide: 1 },
      { head: isFocused ? active.value : null, colour: accent, wide: 3 },
    ].flatMap(({ head, colour, wide }) => {
      const box = head && boxOf(cells.value, head);
      if (!box) return [];
      const height = box.height + cells.value.caption;
      const place = { ...box, x: box.x - shown.x, y: box.y - shown.y, height };
      return [frameMark(place, colour, wide)];
    });
    const { left: x, top: y, width, height } = shown;
    const clip = svg("svg", { x, y, width, height, overflow: "hidden" }, ...framed);
    pointers.replaceChildren(clip);
  }

  function figure(): Figure | null {
    const now = look();
    const { left, top, width: across, height: down } = now.sight;
    if (!across || !down || !data.tensors.value.tensors.size) return null;
    const [width, height] = [left + across, top + down];
    const drawing = h("canvas", { width: width * FIGURE_SCALE, height: height * FIGURE_SCALE });
    const context = drawing.getContext("2d");
    if (!context) return null;
    context.setTransform(FIGURE_SCALE, 0, 0, FIGURE_SCALE, 0, 0);
    pictures().paint(context, now, FIGURE_SCALE);
    const image = svgImage(drawing, { x: 0, y: 0, width, height });
    return { width, height, marks: [image, ...cellMarks(now, labels())], legend: legend() };
  }

  // ---- what a person does --------------------------------------------------------------------

  /** The place below `at` of the scrolled area stays there. */
  function resize(by: number, at = { x: 0, y: 0 }): void {
    const before = cells.peek();
    const x = (scroller.scrollLeft + at.x) / before.width;
    const y = (scroller.scrollTop + at.y) / before.height;
    const size = Math.round(before.size * by);
    data.zoom.value = Math.max(LEAST_SIZE, Math.min(LARGEST_SIZE, size));
    spread();
    scroller.scrollLeft = x * cells.value.width - at.x;
    scroller.scrollTop = y * cells.value.height - at.y;
  }

  function placeOf(event: MouseEvent): { x: number; y: number } {
    const { left, top } = margins(data.isRanked.value);
    const box = scroller.getBoundingClientRect();
    return { x: event.clientX - box.left - left, y: event.clientY - box.top - top };
  }

  function headUnder(event: MouseEvent): Head | null {
    const { x, y } = placeOf(event);
    if (x < 0 || y < 0) return null;
    return headAt(cells.value, x + scroller.scrollLeft, y + scroller.scrollTop);
  }

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

  /** Brings a head into sight, by no more than it takes. */
  function reveal(head: Head): void {
    const box = boxOf(cells.value, head);
    if (!box) return;
    const { left, top } = margins(data.isRanked.value);
    const { gap, caption } = cells.value;
    const [right, bottom] = [
      scroller.clientWidth - left - box.width - gap,
      scroller.clientHeight - top - box.height - caption - gap,
    ];
    const within = (now: number, start: number, room: number) =>
      Math.max(Math.min(now, start - gap), start - Math.max(0, room));
    scroller.scrollLeft = within(scroller.scrollLeft, box.x, right);
    scroller.scrollTop = within(scroller.scrollTop, box.y, bottom);
  }

  const shownHead = (): Head => ({
    kind: state.attention_kind.value,
    layer: state.layer.value,
    head: state.focusHead.value ?? 0,
  });

  function hover(head: Head | null): void {
    if (!sameHead(hovered.value, head)) hovered.value = head;
  }

  let mouse: { clientX: number; clientY: number } | null = null;
  function tell(): void {
    const head = hovered.value;
    if (head && mouse) tip.show(words.story(head), mouse);
    else tip.hide();
  }

  const on = <K extends keyof HTMLElementEventMap>(
    name: K,
    react: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => scroller.addEventListener(name, react, { ...options, signal: abort });

  on("pointermove", (event) => {
    mouse = event;
    hover(headUnder(event));
    tell();
  });
  on("pointerleave", () => hover(null));
  on("click", (event) => {
    const head = headUnder(event);
    if (!head) return;
    active.value = head;
    chooseHead(state, head, event.ctrlKey || event.metaKey || event.shiftKey);
  });
  on("dblclick", (event) => {
    const head = headUnder(event);
    if (head && !event.ctrlKey && !event.metaKey && !event.shiftKey) open(head);
  });
  on(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return; // a pinch says so too
      event.preventDefault();
      resize(Math.exp(-event.deltaY / 300), placeOf(event));
    },
    { passive: false },
  );
  on("focus", () => {
    active.value ??= shownHead();
  });
  on("blur", () => repoint());
  on("keydown", (event) => {
    const from = active.value ?? shownHead();
    const several = event.ctrlKey || event.metaKey || event.shiftKey;
    if (event.key === "Enter") open(from);
    else if (event.key === " ") chooseHead(state, from, several);
    else if (event.key === "+" || event.key === "=") resize(1.25);
    else if (event.key === "-") resize(1 / 1.25);
    else if (event.key === "0") data.zoom.value = null;
    else {
      const next = stepFrom(cells.value, from, event.key, event.ctrlKey || event.metaKey);
      if (!next) return;
      active.value = next;
      reveal(next);
    }
    event.preventDefault();
  });

  // ---- what follows --------------------------------------------------------------------------

  const repaint = onceAFrame(scroller, abort, paint);
  const repoint = onceAFrame(scroller, abort, pointAt);
  watch(abort, () => {
    look();
    labels();
    legend();
    void data.tensors.value;
    repaint();
  });
  watch(abort, () => {
    void [hovered.value, active.value];
    repoint();
  });
  watch(abort, () => {
    void data.summaries.value;
    void hovered.value;
    tell();
  });
  watch(abort, () => {
    const { missing, error } = data.tensors.value;
    frame.status(false, error);
    scroller.toggleAttribute("data-pending", missing > 0);
    scroller.setAttribute("aria-busy", String(missing > 0));
    frame.note(words.note());
    frame.where(windowTitle(state.meta.value, state.sides.value.window));
  });
  watch(abort, () => {
    const head = active.value ?? shownHead();
    const rows = cells.value.rows;
    const at = rows.findIndex(({ heads }) => heads.some((other) => sameHead(other, head)));
    const column = rows[at]?.heads.findIndex((other) => sameHead(other, head)) ?? -1;
    const isSelected = labels().isSelected(head);
    scroller.setAttribute("aria-rowcount", String(rows.length));
    scroller.setAttribute("aria-colcount", String(cells.value.columns));
    scroller.setAttribute("aria-activedescendant", cell.id);
    row.setAttribute("aria-rowindex", String(at + 1));
    cell.setAttribute("aria-colindex", String(column + 1));
    cell.setAttribute("aria-selected", String(isSelected));
    cell.textContent = words.story(head).join(", ");
  });
  /** A layer that was chosen elsewhere comes into sight. */
  watch(abort, () => {
    const now = { kind: state.attention_kind.value, layer: state.layer.value };
    if (hovered.peek() && sameHead(hovered.peek(), { ...now, head: hovered.peek()?.head ?? 0 }))
      return;
    requestAnimationFrame(() => {
      if (!abort.aborted) reveal(shownHead());
    });
  });
  on("scroll", repaint);
  onResize(scroller, abort, repaint);
}
