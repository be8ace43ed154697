/** Where planes of query × key stand, in CSS pixels, and what lies at a place of them. */

import type { Box, Sight } from "../draw/pen";

export interface Layout {
  /** One for each picture, all of the same size. */
  maps: readonly Box[];
  queries: number;
  keys: number;
  /** Left and above a map; nothing stands there where the cells are too small for labels. */
  labels: { rows: number; columns: number };
  /** Below and right of a map: bars of what keys receive, and of what the rows sum to. */
  bars: number;
  sums: number;
}

/** Cells are never drawn larger than this. */
export const LARGEST_CELL = 44;

export interface Place {
  picture: number;
  query: number | null;
  key: number | null;
}

/** A cell, or the token of a label or bar. */
export function placeAt(layout: Layout, sight: Sight, x: number, y: number): Place | null {
  const { maps, labels, bars, sums } = layout;
  for (const [picture, map] of maps.entries()) {
    const across = (x - map.x) / map.width;
    const down = (y - map.y) / map.height;
    const inColumn = across >= 0 && across < 1;
    const inRow = down >= 0 && down < 1;
    const key = inColumn ? Math.floor(sight.x + across * sight.width) : null;
    const query = inRow ? Math.floor(sight.y + down * sight.height) : null;
    if (inColumn && inRow) return { picture, query, key };
    const isLeft = x >= map.x - labels.rows && x < map.x + map.width + sums;
    const isAbove = y >= map.y - labels.columns && y < map.y + map.height + bars;
    if (inRow && isLeft) return { picture, query, key: null };
    if (inColumn && isAbove) return { picture, query: null, key };
  }
  return null;
}

/** Every so many of the tokens in sight. */
export function inSight(first: number, count: number, step = 1): number[] {
  const found: number[] = [];
  const start = Math.ceil(Math.floor(first) / step) * step;
  for (let token = start; token < first + count - 1e-9; token += step) found.push(token);
  return found;
}
