/** Where rows and lines lie: columns from top to bottom, or rows of tokens from left to right. */

import type { Track } from "../rows";
import type { Edges } from "./edges";
import { strongest } from "./edges";

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

const LANE_GAP = 10;

/** Between queries and keys, where the lines of a slot run. */
export function laneOf({ depth, slots, apart }: Layout, slot: number): Span {
  if (!apart) return { from: 0, to: depth };
  const each = depth / slots;
  return { from: slot * each + LANE_GAP / 2, to: (slot + 1) * each - LANE_GAP / 2 };
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

const inSight = (layout: Layout, side: "query" | "key", row: number): boolean => {
  const place = placeOf(layout, side, row);
  return place > -layout.pitch / 2 && place < layout.length + layout.pitch / 2;
};

export interface Sight {
  /** Indices of lines of which an end is in sight. */
  indices: Uint32Array;
  /** There are more. */
  cut: boolean;
}

/** The strongest lines in sight, so many at most. */
export function sightOf(edges: Edges, layout: Layout, most: number): Sight {
  const found = new Uint32Array(edges.count);
  let count = 0;
  for (let i = 0; i < edges.count; i++) {
    const [query = 0, key = 0] = [edges.query[i], edges.key[i]];
    if (inSight(layout, "query", query) || inSight(layout, "key", key)) found[count++] = i;
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
