/** Lines of attention, and the batches they are drawn in. */

import { css } from "../../draw/colour";
import type { Line, Pen } from "../../draw/pen";
import type { WeightColours } from "../../draw/weight_colours";
import { shareOfStep, stepOf } from "../../draw/weight_scale";
import type { Edges } from "../../measures/edges";
import { endOf, type Layout, laneOf, point, type Span, spreadOf } from "./layout";

/** Lines of one colour. */
interface Batch {
  colour: string;
  lines: number[];
}

/** More are drawn one device pixel wide: broader lines take Chromium five times as long. */
const MAX_BROAD_LINES = 400;

/** The strongest are drawn last, over the others. NaN is not drawn, nor what has no colour. */
function batchesOf({ edges, indices, colours }: Drawing, slots: number): Batch[] {
  const batches: Batch[] = [];
  for (const index of indices) {
    const slot = edges.slot[index] ?? 0;
    const of = colours[slot];
    const step = of ? stepOf(of.share(edges.weight[index] ?? 0)) : 0;
    if (!of || step < 1) continue;
    const place = step * slots + slot;
    batches[place] ??= { colour: css(of.ramp(shareOfStep(step))), lines: [] };
    batches[place].lines.push(index);
  }
  return batches.filter(Boolean);
}

export interface Drawing {
  edges: Edges;
  indices: Uint32Array;
  /** Of each slot. */
  colours: readonly WeightColours[];
  /** Bent lines are easier to tell apart, and slower. */
  curved: boolean;
}

function widthOf(layout: Layout, count: number): number {
  if (count > MAX_BROAD_LINES) return 1 / window.devicePixelRatio;
  return layout.slots === 1 || layout.apart ? 2 : Math.max(1, spreadOf(layout));
}

/** It starts at its query and ends at its key. */
function lineOf(layout: Layout, { edges, curved }: Drawing, index: number): Line {
  const slot = edges.slot[index] ?? 0;
  const start = endOf(layout, "query", edges.query[index] ?? 0, slot);
  const end = endOf(layout, "key", edges.key[index] ?? 0, slot);
  const lane = laneOf(layout, slot);
  if (curved) return bent(layout, lane, start, end);
  return [point(layout, lane.from, start), point(layout, lane.to, end)];
}

function bent(layout: Layout, { from, to }: Span, start: number, end: number): Line {
  const bend = 0.4 * (to - from);
  return [
    point(layout, from, start),
    point(layout, from + bend, start),
    point(layout, to - bend, end),
    point(layout, to, end),
  ];
}

export function drawLines(pen: Pen, drawing: Drawing, layout: Layout): void {
  const batches = batchesOf(drawing, layout.slots);
  const count = batches.reduce((sum, { lines }) => sum + lines.length, 0);
  const width = widthOf(layout, count);
  for (const { colour, lines } of batches) {
    pen.lines(
      lines.map((index) => lineOf(layout, drawing, index)),
      { colour, width },
    );
  }
}

/** Joins the query that is looked at to a key that is pointed at or selected, whatever the weight. */
export function drawPointer(
  pen: Pen,
  { query, key }: { query: number; key: number },
  colour: string,
  layout: Layout,
): void {
  const middle = (layout.slots - 1) / 2;
  const [start, end] = [endOf(layout, "query", query, middle), endOf(layout, "key", key, middle)];
  const line = bent(layout, { from: 0, to: layout.depth }, start, end);
  pen.lines([line], { colour, width: 1, dash: [3, 3] });
}
