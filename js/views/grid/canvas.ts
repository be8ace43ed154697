/** Where the grid of heads is drawn: a scrolled area of which only what is in sight exists. */

import { untracked } from "@preact/signals-core";
import { fitCanvas, h } from "../../browser/dom";
import { svg, svgImage } from "../../browser/svg";
import { finenessOf, zoomOf } from "../../browser/zoom";
import type { Figure } from "../../draw/figure";
import type { Box } from "../../draw/pen";
import type { Point } from "../../interact/pointer";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import { cellMarks, frame } from "./cell_marks";
import { pictures } from "./cell_pictures";
import { boxOf, headAt } from "./cells";
import type { GridData } from "./data";
import { gridLabels } from "./labels";
import { gridStyle, legendOf } from "./style";

/** By which keys and buttons resize. */
export const ZOOM_STEP = 1.25;

const LEAST_SIZE = 8;
const LARGEST_SIZE = 320;
const FIGURE_SCALE = 3; // a page is printed finer than a screen

export type GridCanvas = ReturnType<typeof gridCanvas>;

export function gridCanvas(
  element: HTMLElement,
  scroller: HTMLElement,
  state: AppState,
  data: GridData,
) {
  const { cells, margins, seen, room } = data;
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = svg("svg", { class: "aw-grid-marks", "aria-hidden": "true" });
  const pointers = svg("svg", { class: "aw-grid-marks", "aria-hidden": "true" });
  const sight = h("div", { class: "aw-grid-sight" }, canvas, marks, pointers);
  const space = h("div", { class: "aw-grid-space" }, sight);
  scroller.append(space);
  const drawn = pictures();
  const style = () => gridStyle(element, state, data);

  function measure(): void {
    const { clientWidth: width, clientHeight: height, scrollLeft: x, scrollTop: y } = scroller;
    const now = seen.peek();
    const isSame = now.width === width && now.height === height && now.x === x && now.y === y;
    if (!isSame) seen.value = { x, y, width, height };
    const most = Number.parseFloat(getComputedStyle(scroller).maxHeight);
    room.value = Number.isNaN(most) ? height : most; // none: it has a height of its own
  }

  /** The scrolled area is as large as all the pictures. */
  function spread(): void {
    const { left, top } = margins.value;
    space.style.width = `${left + cells.value.width}px`;
    space.style.height = `${top + cells.value.height}px`;
    measure();
  }

  /** Draws what is in sight. */
  function paint(): void {
    spread();
    const { width, height } = seen.value;
    sight.style.width = `${width}px`;
    sight.style.height = `${height}px`;
    const context = fitCanvas(canvas, width, height);
    const now = style();
    if (context) drawn.paint(context, now, finenessOf(canvas));
    marks.replaceChildren(...cellMarks(now));
    canvas.dataset.made = String(drawn.made);
    untracked(point); // what is pointed at makes no picture
  }

  const framed = (head: Head | null): Box | null => {
    const box = head && boxOf(cells.value, head);
    return box && { ...box, height: box.height + cells.value.caption };
  };

  /** Frames the heads that are pointed at. */
  function point(): void {
    const { accent, ink, sight: now } = style();
    const { left, top, x, y, width, height } = now;
    const isFocused = scroller.matches(":focus-visible");
    const [under, active] = [framed(data.hovered.value), framed(data.active.value)];
    const clip = svg("svg", { x: left, y: top, width, height, overflow: "hidden" });
    const add = (box: Box | null, colour: string, wide: number) => {
      if (box) clip.append(frame({ ...box, x: box.x - x, y: box.y - y }, colour, wide));
    };
    add(under, ink, 1);
    add(isFocused ? active : null, accent, 3);
    pointers.replaceChildren(clip);
  }

  function figure(): Figure | null {
    const now = style();
    const { left, top, width: across, height: down } = now.sight;
    if (!across || !down || !data.tensors.value.tensors.size) return null;
    const [width, height] = [left + across, top + down];
    const drawing = h("canvas", { width: width * FIGURE_SCALE, height: height * FIGURE_SCALE });
    const context = drawing.getContext("2d");
    if (!context) return null;
    context.setTransform(FIGURE_SCALE, 0, 0, FIGURE_SCALE, 0, 0);
    pictures().paint(context, now, FIGURE_SCALE);
    const image = svgImage(drawing, { x: 0, y: 0, width, height });
    return {
      width,
      height,
      marks: [image, ...cellMarks(now)],
      legend: [...legendOf(element, state, data), ...gridLabels(state, data).letters],
    };
  }

  /** In the sight, right of and below the margins. */
  function placeOf({ x, y }: Point): Point {
    const { left, top } = margins.value;
    return { x: x - left, y: y - top };
  }

  return {
    paint,
    point,
    figure,
    headUnder(at: Point): Head | null {
      const { x, y } = placeOf(at);
      if (x < 0 || y < 0) return null;
      return headAt(cells.value, x + scroller.scrollLeft, y + scroller.scrollTop);
    },
    /** The lower right corner of a head's picture, on the page. */
    cornerOf(head: Head) {
      const box = framed(head);
      if (!box) return null;
      const { left, top } = margins.value;
      const area = scroller.getBoundingClientRect();
      const zoom = zoomOf(scroller);
      return {
        clientX: area.left + zoom * (left + box.x + box.width - scroller.scrollLeft),
        clientY: area.top + zoom * (top + box.y + box.height - scroller.scrollTop),
      };
    },
    /** Brings a head into sight, by no more than it takes. */
    reveal(head: Head): void {
      const box = framed(head);
      if (!box) return;
      const { left, top } = margins.value;
      const { gap } = cells.value;
      const within = (now: number, start: number, room: number) =>
        Math.max(Math.min(now, start - gap), start - Math.max(0, room));
      const across = scroller.clientWidth - left - box.width - gap;
      const down = scroller.clientHeight - top - box.height - gap;
      scroller.scrollLeft = within(scroller.scrollLeft, box.x, across);
      scroller.scrollTop = within(scroller.scrollTop, box.y, down);
    },
    /** Pictures so many times as large; what is below the mouse stays there. */
    resize(by: number, at?: Point): void {
      const before = cells.peek();
      const held = at ? placeOf(at) : { x: 0, y: 0 };
      const x = (scroller.scrollLeft + held.x) / before.width;
      const y = (scroller.scrollTop + held.y) / before.height;
      const size = Math.round(before.size * by);
      data.zoom.value = Math.max(LEAST_SIZE, Math.min(LARGEST_SIZE, size));
      spread();
      scroller.scrollLeft = x * cells.value.width - held.x;
      scroller.scrollTop = y * cells.value.height - held.y;
    },
  };
}
