/** The vectors as strips of coloured cells, each of which tells its number. */

import { fitCanvas, h } from "../../browser/dom";
import { ROW_HEIGHT, visibleRange } from "../../controls/virtual_rows";
import { raster } from "../../draw/raster";
import { divergingWithin } from "../../draw/scales";
import type { Tooltip } from "../../interact/tooltip";
import { type AppState, toggleToken } from "../../state/app_state";
import type { NeuronData, Vectors } from "./data";
import { NEURON } from "./texts";

export const STRIP_HEIGHT = ROW_HEIGHT - 4;

export type StripName = "query" | "key" | "product";

export interface Strip {
  name: StripName;
  /** Beyond it colours say so. */
  limit: number;
  cell: (key: number, i: number) => number;
}

/** The three of them; none while the vectors are not here. */
export function stripsOf(data: NeuronData): Strip[] {
  const { value } = data.vectors;
  if (!value) return [];
  const { query, keys, product } = value;
  const limit = data.vectorRange.value.high;
  return [
    { name: "query", limit, cell: (_, i) => query[i] ?? 0 },
    { name: "key", limit, cell: (key, i) => keys.data[key * keys.dim + i] ?? 0 },
    { name: "product", limit: data.productRange.value.high, cell: product },
  ];
}

/** A pixel for each number of these keys. */
export const imageOf = (
  { cell, limit }: Strip,
  [first, last]: readonly [number, number],
  dim: number,
  dark: boolean,
): HTMLCanvasElement =>
  raster(dim, last - first, (pixel) =>
    divergingWithin(cell(first + Math.floor(pixel / dim), pixel % dim), limit, dark),
  );

export interface VectorCells {
  readonly cells: Readonly<Record<StripName, HTMLElement>>;
  paint(): void;
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

  function paint(): void {
    const count = state.sides.value.keys.tokens.length;
    for (const { cell } of [made.key, made.product]) cell.style.height = `${count * ROW_HEIGHT}px`;
    const height = Math.min(scroller.clientHeight, count * ROW_HEIGHT);
    const strips = new Map(stripsOf(data).map((strip) => [strip.name, strip]));
    const dim = data.vectors.value?.keys.dim ?? 0;
    for (const name of ["query", "key", "product"] as const) {
      const single = name === "query";
      const { canvas } = made[name];
      const width = canvas.parentElement?.clientWidth ?? 0;
      const context = fitCanvas(canvas, width, single ? ROW_HEIGHT : height);
      const strip = strips.get(name);
      if (!context || !strip || !width) continue;
      const [first, last] = single ? [0, 1] : visibleRange(scroller, count);
      const image = imageOf(strip, [first, last], dim, state.dark.value);
      context.imageSmoothingEnabled = false;
      for (let row = first; row < last; row++) {
        const top = row * ROW_HEIGHT - (single ? 0 : scroller.scrollTop) + 2;
        context.drawImage(image, 0, row - first, dim, 1, 0, top, width, STRIP_HEIGHT);
      }
    }
  }

  function point(event: MouseEvent, name: StripName): void {
    const { value } = data.vectors;
    const { queries, keys } = state.sides.value;
    const box = made[name].canvas.getBoundingClientRect();
    const dim = value?.keys.dim ?? 0;
    const i = Math.floor(((event.clientX - box.left) / box.width) * dim);
    const single = name === "query";
    const offset = single ? 0 : event.clientY - box.top + scroller.scrollTop;
    const key = Math.floor(offset / ROW_HEIGHT);
    if (!value || i < 0 || i >= dim || key < 0 || key >= keys.tokens.length) {
      tip.hide();
      return;
    }
    const ofQuery = queries.tokens[data.query.value]?.label ?? "";
    tip.show(numbersAt(value, name, key, i, ofQuery, keys.tokens[key]?.label ?? ""), event);
    if (!single) state.hovered.value = { token: key, as: "key" };
  }

  /** What is hovered there is kept. */
  function click(): void {
    const { value: over } = state.hovered;
    if (over?.as === "key") toggleToken(state, over.token, "key");
  }

  function numbersAt(
    { query, keys }: Vectors,
    name: StripName,
    key: number,
    i: number,
    ofQuery: string,
    ofKey: string,
  ): string[] {
    const q = query[i] ?? 0;
    const k = keys.data[key * keys.dim + i] ?? 0;
    const error = data.vectorError();
    const line = (vector: string, token: string, value: number) =>
      say(NEURON.of, { name: `${vector}[${i}]`, token, value: numbers.exact(value, error) });
    const lines = { query: line("q", ofQuery, q), key: line("k", ofKey, k) };
    return name === "product"
      ? [
          lines.query,
          lines.key,
          `q × k = ${numbers.exact(q * k, error * (Math.abs(q) + Math.abs(k) + error))}`,
        ]
      : [lines[name]];
  }

  for (const name of ["query", "key", "product"] as const) {
    const { canvas } = made[name];
    canvas.addEventListener("pointermove", (event) => point(event, name), { signal: abort });
    canvas.addEventListener(
      "pointerleave",
      () => {
        tip.hide();
        state.hovered.value = null;
      },
      { signal: abort },
    );
    if (name !== "query") canvas.addEventListener("click", click, { signal: abort });
  }
  return {
    cells: { query: made.query.cell, key: made.key.cell, product: made.product.cell },
    paint,
  };
}
