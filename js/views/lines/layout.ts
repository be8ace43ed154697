/** Where rows and lines lie: columns from top to bottom, or rows of tokens from left to right. */

import { ROW_HEIGHT, rowsWithin, type Track } from "../../controls/virtual_rows";
import { textWidth } from "../../draw/text_width";
import { type Edges, strongest } from "../../measures/edges";
import type { TokenMeta } from "../../trace/contract";

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

/** How far the lines of two slots lie apart at a token. */
export const spreadOf = ({ pitch, slots, apart }: Layout): number =>
  apart ? 0 : Math.min(1.5, (pitch - 8) / slots);

/** Centre of a row. */
export const placeOf = (layout: Layout, side: Side, row: number): number =>
  (row + 0.5) * layout.pitch - layout.scrolled[side];

/** However far a row lies beyond the border, its line aims no farther than this. */
const BEYOND = 160;

/**
 * Where the line of a slot leaves a row. To a row out of sight it ends at the border: it aims
 * beyond it, the farther the row the farther, but never so far that it runs along the column.
 */
export function endOf(layout: Layout, side: Side, row: number, slot: number): number {
  const offset = (slot - (layout.slots - 1) / 2) * spreadOf(layout);
  const place = placeOf(layout, side, row) + offset;
  const beyond = place < 0 ? -place : place - layout.length;
  if (beyond <= 0) return place;
  const aim = (BEYOND * beyond) / (BEYOND + beyond);
  return place < 0 ? -aim : layout.length + aim;
}

/** First and last row of which some is in sight. */
function rowsInSight({ scrolled, pitch, length }: Layout, side: Side): Span {
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

// ---- side by side ----------------------------------------------------------------------------

const LABEL_SIZE = 14;

export interface LabelFit {
  pitch: number;
  /** Labels read from top to bottom. */
  turned: boolean;
  /** Room for the longest label that is shown in full. */
  label: number;
}

/** A weight must stand below its token. */
const LEAST_UPRIGHT = 46;
const MOST_UPRIGHT = 160;
const MOST_TURNED = 110;

/** How wide a token is where tokens stand side by side: upright while all fit, else turned. */
export function labelFit(lists: readonly (readonly TokenMeta[])[], width: number): LabelFit {
  const count = Math.max(1, ...lists.map((tokens) => tokens.length));
  const longest = Math.max(...lists.map(longestLabel));
  const needed = Math.max(LEAST_UPRIGHT, longest + 12);
  if (needed * count <= width) {
    return { pitch: Math.min(MOST_UPRIGHT, width / count), turned: false, label: 22 };
  }
  return {
    pitch: ROW_HEIGHT,
    turned: true,
    label: Math.min(MOST_TURNED, Math.max(24, longest + 8)),
  };
}

const measured = new WeakMap<readonly TokenMeta[], number>();

/** Width of the longest label: among those with most characters, or thousands would be measured. */
function longestLabel(tokens: readonly TokenMeta[]): number {
  const known = measured.get(tokens);
  if (known !== undefined) return known;
  const labels = tokens.map(({ label }) => label).sort((a, b) => b.length - a.length);
  const widths = labels.slice(0, 24).map((label) => textWidth(label, LABEL_SIZE));
  const longest = Math.max(0, ...widths);
  measured.set(tokens, longest);
  return longest;
}
