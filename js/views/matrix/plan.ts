/** Where the parts of the matrix stand, in CSS pixels, and which cells are in sight. */

import type { Box, Sight } from "../../draw/pen";

export interface Plan {
  width: number;
  height: number;
  /** One for each picture. */
  maps: readonly Box[];
  /** Left and above a map; nothing stands there where the cells are too small for labels. */
  labels: { rows: number; columns: number };
  /** Below and right of a map: bars of what keys receive, and of what the rows sum to. */
  bars: number;
  sums: number;
  /** Above each map stands whose it is. */
  titles: number;
  /** Of a cell with everything in sight. */
  cell: { width: number; height: number };
}

export const LABEL_SIZE = 12;
/** Two labels nearer than this would touch. */
export const LABEL_PITCH = 14;
const LARGEST_CELL = 44;
const GAP = 14;
const BARS = 40;
const SUMS = 60;
const TITLE = 20;
const EDGE = 8;

export interface Room {
  width: number;
  pictures: number;
  queries: number;
  keys: number;
  /** Widest label of each side. */
  labels: { rows: number; columns: number };
}

export function planOf({ width, pictures, queries, keys, labels }: Room): Plan {
  return pictures > 1
    ? planOfMany(width, pictures, queries, keys, labels)
    : planOfOne(width, queries, keys, labels);
}

function planOfOne(width: number, queries: number, keys: number, labels: Room["labels"]): Plan {
  const rows = Math.max(66, labels.rows + EDGE); // the name of the bars stands there too
  const columns = Math.max(36, labels.columns + EDGE); // and those of the axes in the corner
  const room = Math.max(120, width - rows - SUMS);
  const size = sizeOf(room, Math.min(640, Math.max(300, room)), queries, keys);
  const x = Math.max(rows, Math.floor((width - rows - size.width - SUMS) / 2) + rows);
  return {
    width: Math.max(width, rows + size.width + SUMS),
    height: columns + size.height + BARS,
    maps: [{ x, y: columns, ...size }],
    labels: { rows, columns },
    bars: BARS,
    sums: SUMS,
    titles: 0,
    cell: { width: size.width / keys, height: size.height / queries },
  };
}

function planOfMany(
  width: number,
  pictures: number,
  queries: number,
  keys: number,
  labels: Room["labels"],
): Plan {
  const wished = pictures <= 4 ? 260 : pictures <= 12 ? 180 : 130;
  const most = Math.min(pictures, Math.max(1, Math.floor((width + GAP) / (wished + GAP))));
  const across = Math.ceil(pictures / Math.ceil(pictures / most)); // rows of equal length
  const room = Math.min(360, (width - 2 + GAP) / across - GAP); // their outlines stand outside
  const labelled = sizeOf(room - labels.rows - EDGE, 320, queries, keys);
  const hasLabels = labelled.height / queries >= LABEL_PITCH && labelled.width > 0;
  const [rows, columns] = hasLabels ? [labels.rows + EDGE, labels.columns + EDGE] : [0, 0];
  const size = hasLabels ? labelled : sizeOf(room, 320, queries, keys);
  const step = { x: rows + size.width + GAP, y: TITLE + columns + size.height + GAP };
  const left = Math.max(0, Math.floor((width - across * step.x + GAP) / 2));
  const maps = Array.from({ length: pictures }, (_, index) => ({
    x: left + (index % across) * step.x + rows,
    y: Math.floor(index / across) * step.y + TITLE + columns,
    ...size,
  }));
  return {
    width,
    height: Math.ceil(pictures / across) * step.y - GAP + 2,
    maps,
    labels: { rows, columns },
    bars: 0,
    sums: 0,
    titles: TITLE,
    cell: { width: size.width / keys, height: size.height / queries },
  };
}

/** Square cells, unless one side would be a sliver. */
function sizeOf(width: number, height: number, queries: number, keys: number) {
  const cell = Math.min(width / keys, height / queries, LARGEST_CELL);
  const stretch = (count: number, most: number) =>
    Math.floor(Math.max(count * cell, Math.min(160, count * LARGEST_CELL, most)));
  return { width: stretch(keys, width), height: stretch(queries, height) };
}

// ---- zoom --------------------------------------------------------------------------------------

/** How much larger than fitted, and the cell in the middle, as shares of the whole. */
export interface Zoom {
  factor: number;
  x: number;
  y: number;
}

export const FIT: Zoom = { factor: 1, x: 0.5, y: 0.5 };

/** Cells are never drawn larger than this. */
export const largestFactor = ({ cell }: Plan): number =>
  Math.max(1, LARGEST_CELL / Math.min(cell.width, cell.height));

export function sightOf({ factor, x, y }: Zoom, queries: number, keys: number): Sight {
  const size = 1 / factor;
  const start = (middle: number) => Math.min(1 - size, Math.max(0, middle - size / 2));
  return {
    x: start(x) * keys,
    y: start(y) * queries,
    width: size * keys,
    height: size * queries,
  };
}

/** By this much larger, while what is at a place of the map (shares of it) stays there. */
export function zoomed(zoom: Zoom, by: number, at: { x: number; y: number }, most: number): Zoom {
  const factor = Math.min(most, Math.max(1, zoom.factor * by));
  const { x: left, y: top, width: size } = sightOf(zoom, 1, 1);
  const middle = (start: number, place: number) => start + place * size + (0.5 - place) / factor;
  return clamped({ factor, x: middle(left, at.x), y: middle(top, at.y) });
}

/** Moved by shares of what is in sight. */
export const panned = (zoom: Zoom, x: number, y: number): Zoom =>
  clamped({ ...zoom, x: zoom.x + x / zoom.factor, y: zoom.y + y / zoom.factor });

/** Moved no further than needed for a cell to be in sight. */
export function revealing(zoom: Zoom, x: number | null, y: number | null): Zoom {
  const half = 0.5 / zoom.factor;
  const near = (middle: number, place: number | null) =>
    place === null || Math.abs(place - middle) < half ? middle : place;
  return clamped({ ...zoom, x: near(zoom.x, x), y: near(zoom.y, y) });
}

function clamped({ factor, x, y }: Zoom): Zoom {
  const half = 0.5 / factor;
  const inside = (middle: number) => Math.min(1 - half, Math.max(half, middle));
  return { factor, x: inside(x), y: inside(y) };
}

// ---- cells and pixels --------------------------------------------------------------------------

/** How many cells, each way, come to one pixel: 1, 2, 4, 8, ... */
export function poolingFor(cell: number, pixelsPerUnit: number): number {
  let pooling = 1;
  while (cell * pooling * pixelsPerUnit < 1 - 1e-9) pooling *= 2;
  return pooling;
}

export interface Place {
  picture: number;
  query: number | null;
  key: number | null;
}

/** What is at a place of the canvas: a cell, or the token of a label or bar. */
export function placeAt(plan: Plan, sight: Sight, x: number, y: number): Place | null {
  for (const [picture, map] of plan.maps.entries()) {
    const across = (x - map.x) / map.width;
    const down = (y - map.y) / map.height;
    const inColumn = across >= 0 && across < 1;
    const inRow = down >= 0 && down < 1;
    const key = inColumn ? Math.floor(sight.x + across * sight.width) : null;
    const query = inRow ? Math.floor(sight.y + down * sight.height) : null;
    if (inColumn && inRow) return { picture, query, key };
    const isLeft = x >= map.x - plan.labels.rows && x < map.x + map.width + plan.sums;
    const isAbove = y >= map.y - plan.labels.columns && y < map.y + map.height + plan.bars;
    if (inRow && isLeft) return { picture, query, key: null };
    if (inColumn && isAbove) return { picture, query: null, key };
  }
  return null;
}

/** Every so many tokens have a label: 1, 2, 5, 10, 20, ... */
export function labelStep(cell: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) if (step * decade * cell >= LABEL_PITCH) return step * decade;
  }
}
