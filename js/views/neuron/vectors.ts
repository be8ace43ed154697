/** The vectors as strips of coloured cells, each of which tells its number. */

import { fitCanvas, h, on } from "../../browser/dom";
import { placeIn } from "../../browser/zoom";
import { ROW_HEIGHT, rowsInSight, visibleRange } from "../../controls/virtual_rows";
import { css, inkOn } from "../../draw/colour";
import { type Box, canvasPen, type Pen, svgPen } from "../../draw/pen";
import { raster } from "../../draw/raster";
import { divergingWithin } from "../../draw/scales";
import { textWidth } from "../../draw/text_width";
import type { Tooltip } from "../../interact/tooltip";
import type { AppState } from "../../state/app_state";
import { toggleToken } from "../../state/selecting";
import type { NeuronData } from "./data";
import { PLACES, STRIPS, type Strip, type StripPlace, stripsOf } from "./strips";

/** Of the numbers in the cells, where there is room for them. */
const NUMBER_SIZE = 10;
const NUMBER_ROOM = 4;

export interface VectorCells {
  readonly cells: Readonly<Record<StripPlace, HTMLElement>>;
  paint(): void;
  /** What is on one of the canvases, as marks of a figure. */
  marksOf(canvas: HTMLCanvasElement, box: Box): SVGElement[];
}

export function vectorCells(
  scroller: HTMLElement,
  tip: Tooltip,
  data: NeuronData,
  state: AppState,
  abort: AbortSignal,
): VectorCells {
  const make = (place: StripPlace) => {
    const canvas = h("canvas", { class: "aw-canvas", "data-strip": STRIPS.scores[place] });
    return { canvas, cell: h("div", { class: "aw-strip" }, canvas) };
  };
  const made = { top: make("top"), first: make("first"), second: make("second") };

  const keyCount = () => state.sides.value.keys.tokens.length;

  /** Some rows of a strip, each at its place. */
  function draw(
    pen: Pen,
    place: StripPlace,
    [first, last]: readonly [number, number],
    { x, y, width }: Omit<Box, "height">,
  ): void {
    const strips = stripsOf(data, state);
    if (!strips || !width) return;
    const { dim, [place]: strip } = strips;
    const colourOf = (row: number, i: number) =>
      divergingWithin(strip.cell(row, i), strip.limit, state.dark.value);
    const image = raster(dim, last - first, (pixel) =>
      colourOf(first + Math.floor(pixel / dim), pixel % dim),
    );
    const top = y + 2 - (place === "top" ? 0 : scroller.scrollTop);
    for (let row = first; row < last; row++) {
      const box = { x, y: top + row * ROW_HEIGHT, width, height: ROW_HEIGHT - 4 };
      pen.row(image, row - first, box);
    }
    const written = numbersThatFit(strip, [first, last], dim, width / dim);
    written?.forEach((number, at) => {
      const [row, i] = [first + Math.floor(at / dim), at % dim];
      const middle = x + ((i + 0.5) * width) / dim;
      pen.text(middle, top + row * ROW_HEIGHT + 13, number, {
        colour: css(inkOn(colourOf(row, i), state.dark.value)),
        size: NUMBER_SIZE,
        anchor: "middle",
      });
    });
  }

  /** Those of the cells in sight, row by row; null where one of them is wider than its cell. */
  function numbersThatFit(
    strip: Strip,
    [first, last]: readonly [number, number],
    dim: number,
    room: number,
  ): string[] | null {
    if (room < 2 * NUMBER_SIZE) return null;
    const found: string[] = [];
    for (let row = first; row < last; row++) {
      for (let i = 0; i < dim; i++) {
        const number = strip.write(strip.cell(row, i));
        if (textWidth(number, NUMBER_SIZE) + NUMBER_ROOM > room) return null;
        found.push(number);
      }
    }
    return found;
  }

  function paint(): void {
    const count = keyCount();
    const names = STRIPS[state.neuron_step.value];
    for (const { cell } of [made.first, made.second]) cell.style.height = `${count * ROW_HEIGHT}px`;
    const height = Math.min(scroller.clientHeight, count * ROW_HEIGHT);
    for (const place of PLACES) {
      const { canvas, cell } = made[place];
      const single = place === "top";
      const width = cell.clientWidth;
      canvas.dataset.strip = names[place];
      const context = fitCanvas(canvas, width, single ? ROW_HEIGHT : height);
      const rows = single ? ([0, 1] as const) : visibleRange(scroller, count);
      if (context) draw(canvasPen(context), place, rows, { x: 0, y: 0, width });
    }
  }

  function marksOf(canvas: HTMLCanvasElement, box: Box): SVGElement[] {
    const place = PLACES.find((each) => made[each].canvas === canvas) ?? "top";
    const pen = svgPen();
    draw(pen, place, place === "top" ? [0, 1] : rowsInSight(scroller, keyCount()), box);
    return pen.marks;
  }

  /** The numbers under the mouse; null where there are none. */
  function numbersAt(event: MouseEvent, place: StripPlace): string[] | null {
    const strips = stripsOf(data, state);
    if (!strips) return null;
    const { canvas } = made[place];
    const box = canvas.getBoundingClientRect();
    const i = Math.floor(((event.clientX - box.left) / box.width) * strips.dim);
    const offset = place === "top" ? 0 : placeIn(canvas, event).y + scroller.scrollTop;
    const key = Math.floor(offset / ROW_HEIGHT);
    if (i < 0 || i >= strips.dim || key < 0 || key >= keyCount()) return null;
    if (place !== "top") state.hovered.value = { token: key, as: "key" };
    return strips[place].says(key, i);
  }

  /** What is hovered there is kept. */
  function click(): void {
    const { value: over } = state.hovered;
    if (over?.as === "key") toggleToken(state, over.token, "key");
  }

  const leave = () => {
    state.hovered.value = null;
  };
  for (const place of PLACES) {
    const { canvas } = made[place];
    tip.follow(canvas, (event) => numbersAt(event, place));
    on(canvas, "pointerleave", abort, leave);
    if (place !== "top") on(canvas, "click", abort, click);
  }
  return {
    cells: { top: made.top.cell, first: made.first.cell, second: made.second.cell },
    paint,
    marksOf,
  };
}
