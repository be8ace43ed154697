/** Where rows and lines lie: columns from top to bottom, or rows of tokens from left to right. */

import { rowsWithin, type Track } from "../../controls/virtual_rows";
import { type Edges, strongest } from "../../measures/edges";

/** Lengths run along the columns of tokens, depths from the queries to the keys. */
export interface Layout extends Track {
  /** In sight. */
  length: number;
  depth: number;
  /** How far each column is scrolled. */
  scrolled: { query: number; key: number };
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

/** How far the lines of two slots lie apart at a token. */
export const spreadOf = ({ pitch, slots, apart }: Layout): number =>
  apart ? 0 : Math.min(1.5, (pitch - 8) / slots);

/** Centre of a row. */
export const placeOf = (layout: Layout, side: "query" | "key", row: number): number =>
  (row + 0.5) * layout.pitch - layout.scrolled[side];

/** However far a row lies beyond the border, its line aims no farther than this. */
const BEYOND = 160;

/**
 * Where the line of a slot leaves a row. To a row out of sight it ends at the border: it aims
 * beyond it, the farther the row the farther, but never so far that it runs along the column.
 */
export function endOf(layout: Layout, side: "query" | "key", row: number, slot: number): number {
  const offset = (slot - (layout.slots - 1) / 2) * spreadOf(layout);
  const place = placeOf(layout, side, row) + offset;
  const beyond = place < 0 ? -place : place - layout.length;
  if (beyond <= 0) return place;
  const aim = (BEYOND * beyond) / (BEYOND + beyond);
  return place < 0 ? -aim : layout.length + aim;
}

/** First and last row of which some is in sight. */
export function rowsInSight({ scrolled, pitch, length }: Layout, side: "query" | "key"): Span {
  const [from, end] = rowsWithin(scrolled[side], length, pitch);
  return { from, to: end - 1 };
}

export interface Sight {
  /** Indices of lines of which an end is in sight. */
  indices: Uint32Array;
  /** There are more. */
  cut: boolean;
}

/** The strongest lines in sight, so many at most. */
export function sightOf(edges: Edges, layout: Layout, most: number): Sight {
  const [queries, keys] = [rowsInSight(layout, "query"), rowsInSight(layout, "key")];
  const found = new Uint32Array(edges.count);
  let count = 0;
  for (let i = 0; i < edges.count; i++) {
    const [query = 0, key = 0] = [edges.query[i], edges.key[i]];
    const isIn =
      (query >= queries.from && query <= queries.to) || (key >= keys.from && key <= keys.to);
    if (isIn) found[count++] = i;
  }
  const indices = found.subarray(0, count);
  if (count <= most) return { indices, cut: false };
  const weights = Float32Array.from(indices, (index) => edges.weight[index] ?? 0);
  const kept = strongest(weights, most);
  return { indices: kept.map((place) => indices[place] ?? 0), cut: true };
}

/** From across and along to right and down. */
export const point = (layout: Layout, across: number, along: number): [number, number] =>
  layout.vertical ? [across, along] : [along, across];
