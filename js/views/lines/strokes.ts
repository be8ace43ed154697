/** Lines of attention: the batches they are drawn in, on a canvas or as paths of a figure. */

import { svg } from "../../browser/svg";
import { opacityLevel, opacityOf } from "../../draw/scales";
import type { Edges } from "../../measures/edges";
import { endOf, type Layout, laneOf, point, spreadOf } from "./layout";

/** Lines of one colour and opacity. */
interface Batch {
  slot: number;
  opacity: number;
  lines: number[];
}

/** More are drawn one device pixel wide: broader lines take Chromium five times as long. */
const MAX_BROAD_LINES = 400;

/** The strongest is opaque, and drawn last. NaN is not drawn. */
function batchesOf(edges: Edges, indices: Uint32Array, strongest: number, slots: number): Batch[] {
  const batches: Batch[] = [];
  for (const index of indices) {
    const level = opacityLevel((edges.weight[index] ?? 0) / strongest);
    if (!level) continue;
    const slot = edges.slot[index] ?? 0;
    const place = level * slots + slot;
    batches[place] ??= { slot, opacity: opacityOf(level), lines: [] };
    batches[place].lines.push(index);
  }
  return batches.filter(Boolean);
}

export interface Drawing {
  edges: Edges;
  indices: Uint32Array;
  strongest: number;
  colours: readonly string[];
  /** Bent lines are easier to tell apart, and slower. */
  curved: boolean;
}

function widthOf(layout: Layout, count: number): number {
  if (count > MAX_BROAD_LINES) return 1 / window.devicePixelRatio;
  return layout.slots === 1 || layout.apart ? 2 : Math.max(1, spreadOf(layout));
}

/** Points of a line: its start, two that bend it, its end. */
function pointsOf(layout: Layout, { edges }: Drawing, index: number): [number, number][] {
  const slot = edges.slot[index] ?? 0;
  const { from, to } = laneOf(layout, slot);
  const start = endOf(layout, "query", edges.query[index] ?? 0, slot);
  const end = endOf(layout, "key", edges.key[index] ?? 0, slot);
  const bend = 0.4 * (to - from);
  return [
    point(layout, from, start),
    point(layout, from + bend, start),
    point(layout, to - bend, end),
    point(layout, to, end),
  ];
}

export function strokeLines(
  context: CanvasRenderingContext2D,
  drawing: Drawing,
  layout: Layout,
): void {
  const { edges, indices, strongest, colours, curved } = drawing;
  const batches = batchesOf(edges, indices, strongest, layout.slots);
  const count = batches.reduce((sum, { lines }) => sum + lines.length, 0);
  context.lineWidth = widthOf(layout, count);
  for (const { slot, opacity, lines } of batches) {
    context.strokeStyle = colours[slot] ?? "";
    context.globalAlpha = opacity;
    context.beginPath();
    for (const index of lines) {
      const [a, b, c, d] = pointsOf(layout, drawing, index) as Four;
      context.moveTo(...a);
      if (curved) context.bezierCurveTo(...b, ...c, ...d);
      else context.lineTo(...d);
    }
    context.stroke();
  }
}

type Four = [[number, number], [number, number], [number, number], [number, number]];

/** The same lines for a figure. */
export function lineMarks(drawing: Drawing, layout: Layout): SVGElement[] {
  const { edges, indices, strongest, colours, curved } = drawing;
  const batches = batchesOf(edges, indices, strongest, layout.slots);
  const count = batches.reduce((sum, { lines }) => sum + lines.length, 0);
  const width = Math.max(0.5, widthOf(layout, count));
  return batches.map(({ slot, opacity, lines }) => {
    const paths = lines.map((index) => {
      const [a, b, c, d] = pointsOf(layout, drawing, index).map((at) => at.map(short).join(" "));
      return curved ? `M${a}C${b} ${c} ${d}` : `M${a}L${d}`;
    });
    return svg("path", {
      d: paths.join(""),
      fill: "none",
      stroke: colours[slot] ?? "",
      "stroke-opacity": String(opacity),
      "stroke-width": width,
    });
  });
}

const short = (value: number) => Math.round(value * 100) / 100;

/** Joins the query to the key under the mouse, whatever the weight. */
export function strokePointer(
  context: CanvasRenderingContext2D,
  query: number,
  key: number,
  colour: string,
  layout: Layout,
): void {
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.strokeStyle = colour;
  context.beginPath();
  const middle = (layout.slots - 1) / 2;
  const [start, end] = [endOf(layout, "query", query, middle), endOf(layout, "key", key, middle)];
  const bend = 0.4 * layout.depth;
  context.moveTo(...point(layout, 0, start));
  context.bezierCurveTo(
    ...point(layout, bend, start),
    ...point(layout, layout.depth - bend, end),
    ...point(layout, layout.depth, end),
  );
  context.stroke();
  context.setLineDash([]);
}
