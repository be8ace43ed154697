/** Where the parts of a heat map stand, in CSS pixels. */

import { textWidth } from "../draw/text_width";
import { LARGEST_CELL, type Layout } from "./layout";

export const LABEL_SIZE = 12;
export const AXIS_SIZE = 11;
/** Two labels nearer than this would touch. */
export const LABEL_PITCH = 14;
const EDGE = 8;

export interface HeatRoom {
  width: number;
  /** Most of it that the picture may be high. */
  height: number;
  rows: readonly string[];
  columns: readonly string[];
  axes: readonly string[];
  /** Cells are as wide as they are high. */
  isSquare: boolean;
}

export interface HeatPlan extends Layout {
  width: number;
  height: number;
}

export function heatPlan({ width, height, rows, columns, axes, isSquare }: HeatRoom): HeatPlan {
  const most = width < 480 ? 84 : 120;
  const corner = Math.max(0, ...axes.map((axis) => textWidth(axis, AXIS_SIZE))) + 16;
  const left = Math.ceil(Math.max(corner, widest(rows, most) + EDGE));
  const top = Math.ceil(Math.max(2 * AXIS_SIZE + EDGE, widest(columns, most) + EDGE));
  const [across, down] = [Math.max(80, width - left - 2), Math.max(80, height - top - 2)];
  const [n, m] = [Math.max(1, rows.length), Math.max(1, columns.length)];
  const cell = { width: across / m, height: down / n };
  const square = Math.min(cell.width, cell.height);
  const size = isSquare
    ? { width: square, height: square }
    : { width: cell.width, height: Math.min(cell.height, Math.max(cell.width, LABEL_PITCH + 4)) };
  const sized = (count: number, each: number) =>
    Math.max(1, Math.floor(count * Math.min(LARGEST_CELL, each)));
  const map = { x: left, y: top, width: sized(m, size.width), height: sized(n, size.height) };
  return {
    width,
    height: top + map.height + 2,
    maps: [map],
    queries: n,
    keys: m,
    labels: { rows: left, columns: top },
    bars: 0,
    sums: 0,
  };
}

/** Measuring takes time, so of the longest. */
function widest(labels: readonly string[], most: number): number {
  const longest = [...labels].sort((a, b) => b.length - a.length).slice(0, 12);
  const widths = longest.map((label) => textWidth(label.slice(0, 200), LABEL_SIZE));
  return Math.min(most, Math.max(12, ...widths));
}

/** Every so many rows have a label: 1, 2, 5, 10, 20, ... */
export function labelStep(cell: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) if (step * decade * cell >= LABEL_PITCH) return step * decade;
  }
}
