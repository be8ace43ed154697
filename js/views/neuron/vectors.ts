/** The vectors as strips of coloured cells, each of which tells its number. */

import { fitCanvas, h, on } from "../../browser/dom";
import { placeIn } from "../../browser/zoom";
import { ROW_HEIGHT, rowsInSight, visibleRange } from "../../controls/virtual_rows";
import { type Box, canvasPen, type Pen, svgPen } from "../../draw/pen";
import { raster } from "../../draw/raster";
import { divergingWithin } from "../../draw/scales";
import type { Tooltip } from "../../interact/tooltip";
import { type AppState, toggleToken } from "../../state/app_state";
import type { TokenMeta } from "../../trace/contract";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

const NAMES = ["query", "key", "product"] as const;
type StripName = (typeof NAMES)[number];

interface Strip {
  /** Beyond it colours say so. */
  limit: number;
  cell: (key: number, i: number) => number;
}

function stripOf(
  { vectors, vectorRange, productRange }: NeuronData,
  name: StripName,
): Strip | null {
  const { value } = vectors;
  if (!value) return null;
  const { query, keys, product } = value;
  const limit = vectorRange.value.high;
  return {
    query: { limit, cell: (_: number, i: number) => query[i] ?? 0 },
    key: { limit, cell: (key: number, i: number) => keys.data[key * keys.dim + i] ?? 0 },
    product: { limit: productRange.value.high, cell: product },
  }[name];
}

export interface VectorCells {
  readonly cells: Readonly<Record<StripName, HTMLElement>>;
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
  const { say, numbers } = state;
  const make = (name: StripName) => {
    const canvas = h("canvas", { class: "aw-canvas", "data-strip": name });
    return { canvas, cell: h("div", { class: "aw-strip" }, canvas) };
  };
  const made = { query: make("query"), key: make("key"), product: make("product") };

  const keyCount = () => state.sides.value.keys.tokens.length;

  /** Some rows of a strip, each at its place. */
  function draw(
    pen: Pen,
    name: StripName,
    [first, last]: readonly [number, number],
    { x, y, width }: Omit<Box, "height">,
  ): void {
    const strip = stripOf(data, name);
    const dim = data.vectors.value?.keys.dim ?? 0;
    if (!strip || !width) return;
    const { cell, limit } = strip;
    const image = raster(dim, last - first, (pixel) =>
      divergingWithin(cell(first + Math.floor(pixel / dim), pixel % dim), limit, state.dark.value),
    );
    const top = y + 2 - (name === "query" ? 0 : scroller.scrollTop);
    for (let row = first; row < last; row++) {
      const box = { x, y: top + row * ROW_HEIGHT, width, height: ROW_HEIGHT - 4 };
      pen.row(image, row - first, box);
    }
  }

  function paint(): void {
    const count = keyCount();
    for (const { cell } of [made.key, made.product]) cell.style.height = `${count * ROW_HEIGHT}px`;
    const height = Math.min(scroller.clientHeight, count * ROW_HEIGHT);
    for (const name of NAMES) {
      const { canvas, cell } = made[name];
      const single = name === "query";
      const width = cell.clientWidth;
      const context = fitCanvas(canvas, width, single ? ROW_HEIGHT : height);
      const rows = single ? ([0, 1] as const) : visibleRange(scroller, count);
      if (context) draw(canvasPen(context), name, rows, { x: 0, y: 0, width });
    }
  }

  function marksOf(canvas: HTMLCanvasElement, box: Box): SVGElement[] {
    const name = NAMES.find((each) => made[each].canvas === canvas) ?? "query";
    const pen = svgPen();
    draw(pen, name, name === "query" ? [0, 1] : rowsInSight(scroller, keyCount()), box);
    return pen.marks;
  }

  /** The numbers under the mouse; null where there are none. */
  function numbersAt(event: MouseEvent, name: StripName): string[] | null {
    const { value } = data.vectors;
    const { queries, keys } = state.sides.value;
    const { canvas } = made[name];
    const box = canvas.getBoundingClientRect();
    const dim = value?.keys.dim ?? 0;
    const i = Math.floor(((event.clientX - box.left) / box.width) * dim);
    const offset = name === "query" ? 0 : placeIn(canvas, event).y + scroller.scrollTop;
    const key = Math.floor(offset / ROW_HEIGHT);
    if (!value || i < 0 || i >= dim || key < 0 || key >= keys.tokens.length) return null;
    if (name !== "query") state.hovered.value = { token: key, as: "key" };
    const q = value.query[i] ?? 0;
    const k = value.keys.data[key * dim + i] ?? 0;
    const error = data.vectorError();
    const line = (vector: string, token: TokenMeta | undefined, number: number) =>
      say(NEURON.of, {
        name: `${vector}[${i}]`,
        token: token?.label ?? "",
        value: numbers.glance(number, error),
      });
    const ofQuery = line("q", queries.tokens[data.query.value], q);
    if (name === "query") return [ofQuery];
    const ofKey = line("k", keys.tokens[key], k);
    if (name === "key") return [ofKey];
    const product = numbers.glance(q * k, error * (Math.abs(q) + Math.abs(k) + error));
    return [ofQuery, ofKey, `q × k = ${product}`];
  }

  /** What is hovered there is kept. */
  function click(): void {
    const { value: over } = state.hovered;
    if (over?.as === "key") toggleToken(state, over.token, "key");
  }

  const leave = () => {
    state.hovered.value = null;
  };
  for (const name of NAMES) {
    const { canvas } = made[name];
    tip.follow(canvas, (event) => numbersAt(event, name));
    on(canvas, "pointerleave", abort, leave);
    if (name !== "query") on(canvas, "click", abort, click);
  }
  return {
    cells: { query: made.query.cell, key: made.key.cell, product: made.product.cell },
    paint,
    marksOf,
  };
}
