/** Where rows and lines lie: columns from top to bottom, or rows of tokens from left to right. */

import { rowsWithin, type Track } from "../../controls/virtual_rows";
import { type Edges, strongest } from "../../measures/edges";

export type Side = "query" | "key";

/** Lengths run along the columns of tokens, depths from the queries to the keys. */
export interface Layout extends Track {
  /** In sight. */
  length: number;
  depth: number;
  /** How far each column is scrolled. */
  scrolled: Record<Side, number>;
  /** Slots drawn: each with lines of its own. */
  slots: number;
  /** Slots have lanes of their own, one beside the other. */
  apart: boolean;
}

export interface Span {
  from: number;
  to: number;
}

const LANE_MARGIN = 5;

/** Between queries and keys, where the lines of a slot run. */
export function laneOf({ depth, slots, apart }: Layout, slot: number): Span {
  if (!apart) return { from: 0, to: depth };
  const each = depth / slots;
  const margin = Math.min(LANE_MARGIN, 0.1 * each);
  return { from: slot * each + margin, to: (slot + 1) * each - margin };
}

/** Centre of a row. */
export const placeOf = (layout: Layout, side: Side, row: number): number =>
  (row + 0.5) * layout.pitch - layout.scrolled[side];

/** However far a row lies beyond the border, its line aims no farther than this. */
const BEYOND = 160;

/**
 * Where a line leaves a row, `offset` from its middle. To a row out of sight it ends at the border:
 * it aims beyond it, the farther the row the farther, but never so far that it runs along the column.
 */
export function endOf(layout: Layout, side: Side, row: number, offset = 0): number {
  const place = placeOf(layout, side, row) + offset;
  const beyond = place < 0 ? -place : place - layout.length;
  if (beyond <= 0) return place;
  const aim = (BEYOND * beyond) / (BEYOND + beyond);
  return place < 0 ? -aim : layout.length + aim;
}

/** First and last row of which some is in sight. */
export function rowsInSight({ scrolled, pitch, length }: Layout, side: Side): Span {
  const [from, end] = rowsWithin(scrolled[side], length, pitch);
  return { from, to: end - 1 };
}

export interface Sight {
  /** Indices of lines of which an end is in sight. */
  indices: Uint32Array;
  /** There are more. */
  cut: boolean;
}

/** Lines that leave the picture run together at its border: more would be one black line. */
const MOST_LEAVING = 48;

/** The strongest lines in sight, so many at most, and fewer of those that leave it. */
export function sightOf(edges: Edges, layout: Layout, most: number): Sight {
  const [queries, keys] = [rowsInSight(layout, "query"), rowsInSight(layout, "key")];
  const inside = new Uint32Array(edges.count);
  const leaving = new Uint32Array(edges.count);
  let [count, left] = [0, 0];
  for (let i = 0; i < edges.count; i++) {
    const [query = 0, key = 0] = [edges.query[i], edges.key[i]];
    const isFrom = query >= queries.from && query <= queries.to;
    const isTo = key >= keys.from && key <= keys.to;
    if (isFrom && isTo) inside[count++] = i;
    else if (isFrom || isTo) leaving[left++] = i;
  }
  const outside = strongestOf(edges, leaving.subarray(0, left), Math.min(most, MOST_LEAVING));
  const kept = strongestOf(edges, inside.subarray(0, count), most - outside.length);
  const indices = new Uint32Array(kept.length + outside.length);
  indices.set(kept);
  indices.set(outside, kept.length);
  return { indices: indices.sort(), cut: kept.length < count };
}

function strongestOf(edges: Edges, indices: Uint32Array, most: number): Uint32Array {
  if (indices.length <= most) return indices;
  const weights = Float32Array.from(indices, (index) => Math.abs(edges.weight[index] || 0));
  return strongest(weights, most).map((place) => indices[place] ?? 0);
}

/** From across and along to right and down. */
export const point = (layout: Layout, across: number, along: number): [number, number] =>
  layout.vertical ? [across, along] : [along, across];
