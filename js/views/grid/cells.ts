/** Where each head stands in the grid: rows of layers, or the heads of all layers by rank. */

import type { Box } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import { type Move, moved } from "../../interact/keys";
import { type Head, sameHead } from "../../state/choose_head";
import type { AttentionKind } from "../../trace/options";

/** Why a layer has no pictures. */
export type Missing = "noAttention" | "notHeld";

/** The heads of one kind of attention. */
export interface Block {
  kind: AttentionKind;
  /** Those of each layer. */
  layers: readonly (readonly Head[] | Missing)[];
  /** All of them in order; null for layer by layer. */
  ranked: readonly Head[] | null;
}

/** Names of rows and columns. */
export interface Axes {
  layer: string;
  head: string;
}

export interface Row {
  kind: AttentionKind;
  /** null where the row holds heads of several layers */
  layer: number | null;
  heads: readonly Head[];
  /** Of a row that stands for layers without pictures, one after another. */
  missing: { why: Missing; last: number } | null;
  y: number;
  height: number;
}

export interface Cells {
  rows: readonly Row[];
  headings: readonly { kind: AttentionKind; y: number }[];
  /** Of a picture: its height, and its width. */
  size: number;
  wide: number;
  gap: number;
  /** Height of what stands below a picture; 0 for nothing. */
  caption: number;
  /** Heads in the longest row. */
  columns: number;
  width: number;
  height: number;
}

export const AXIS_SIZE = 11;
/** Size of the numbers of heads. */
export const TINY = 10;

/** Room for the names of the layers, and of the heads. */
export function marginsOf(axes: Axes | null): { left: number; top: number } {
  if (!axes) return { left: 0, top: 0 };
  const names = [`${axes.layer} ↓`, `${axes.head} →`].map((name) => textWidth(name, AXIS_SIZE));
  return { left: Math.ceil(Math.max(...names)) + 10, top: 32 };
}

const HEADING_HEIGHT = 22;

/** Of a row for layers without pictures. */
const MISSING_HEIGHT = 16;

/** What is written across a row may need this. */
const NAME_WIDTH = 330;

/** What is seen of a smaller picture is no pattern, and no place to click. */
const LEAST = 8;
const LARGEST = 120;
/** Where not all can be seen at once. */
const SCROLLED = 24;

const gapOf = (size: number): number => (size >= 20 ? 2 : 1);

const LINE_HEIGHT = 14;

/** A smaller picture has no room for a number below it. */
const NUMBERED = 28;

/** Many layers of few heads leave room beside them: a picture there is wider than tall. */
const WIDEST = 4;

/**
 * Pictures of a size, each with its number below it if it has one and there is room; heads by rank
 * fill the width.
 */
export function cellsOf(
  blocks: readonly Block[],
  size: number,
  isNumbered: boolean,
  width: number,
  wide = size,
): Cells {
  const gap = gapOf(size);
  const caption = isNumbered && size >= NUMBERED ? LINE_HEIGHT : 0;
  const perRow = Math.max(1, Math.floor((width - gap) / (wide + gap)));
  const rows: Row[] = [];
  const headings: { kind: AttentionKind; y: number }[] = [];
  let y = gap;
  const add = (kind: AttentionKind, layer: number | null, heads: readonly Head[]) => {
    rows.push({ kind, layer, heads, missing: null, y, height: size + caption });
    y += size + caption + gap;
  };
  const addMissing = (kind: AttentionKind, layer: number, why: Missing) => {
    const above = rows.at(-1);
    if (above?.kind === kind && above.missing?.why === why) above.missing.last = layer;
    else {
      const height = MISSING_HEIGHT;
      rows.push({ kind, layer, heads: [], missing: { why, last: layer }, y, height });
      y += height + gap;
    }
  };
  for (const { kind, layers, ranked } of blocks) {
    if (blocks.length > 1) {
      headings.push({ kind, y });
      y += HEADING_HEIGHT;
    }
    if (ranked) {
      for (let first = 0; first < ranked.length; first += perRow) {
        add(kind, null, ranked.slice(first, first + perRow));
      }
    } else {
      for (const [layer, heads] of layers.entries()) {
        if (typeof heads === "string") addMissing(kind, layer, heads);
        else add(kind, layer, heads);
      }
    }
  }
  const columns = rows.reduce((most, row) => Math.max(most, row.heads.length), 1);
  const across = gap + columns * (wide + gap);
  const named = headings.length || rows.some(({ heads }) => !heads.length);
  const room = Math.max(across, named ? Math.min(NAME_WIDTH, width) : 0);
  return { rows, headings, size, wide, gap, caption, columns, width: room, height: y };
}

const isWithin = (cells: Cells, width: number, height: number): boolean =>
  (cells.columns === 1 || cells.width <= width) && cells.height <= height;

/** As large as lets all of it be seen at once, while that can be read; else within the width. */
export function fittingCells(
  blocks: readonly Block[],
  isNumbered: boolean,
  width: number,
  height: number,
): { cells: Cells; fits: boolean } {
  const least = blocks.some(({ ranked }) => ranked) ? NUMBERED : LEAST;
  for (let size = LARGEST; size >= least; size--) {
    const cells = cellsOf(blocks, size, isNumbered, width);
    if (!isWithin(cells, width, height)) continue;
    const { gap, columns } = cells;
    const wide = Math.min(WIDEST * size, Math.floor((width - gap) / columns) - gap);
    const isWidened = least === LEAST && size < SCROLLED && wide > size;
    return {
      cells: isWidened ? cellsOf(blocks, size, isNumbered, width, wide) : cells,
      fits: true,
    };
  }
  for (let size = Math.max(SCROLLED, least); size > least; size--) {
    const cells = cellsOf(blocks, size, isNumbered, width);
    if (isWithin(cells, width, Infinity)) return { cells, fits: false };
  }
  return { cells: cellsOf(blocks, least, isNumbered, width), fits: false };
}

export const headsOf = (kind: AttentionKind, layer: number, count: number): Head[] =>
  Array.from({ length: count }, (_, head) => ({ kind, layer, head }));

/** Whether there is room for a number: below each picture, or in its place. */
export const hasNumbers = ({ caption, wide, size }: Cells): boolean =>
  caption > 0 || (wide >= NUMBERED && size >= LINE_HEIGHT);

/** Whether it is the row of this layer, or stands for it. */
export const isRowOf = (row: Row, kind: AttentionKind, layer: number): boolean =>
  row.kind === kind &&
  row.layer !== null &&
  row.layer <= layer &&
  layer <= (row.missing?.last ?? row.layer);

/** Left edge of a column. */
export const columnX = ({ gap, wide }: Cells, column: number): number =>
  gap + column * (wide + gap);

/** Row and column of a head. */
export function placeIn(cells: Cells, head: Head): { row: number; column: number } | null {
  for (const [index, row] of cells.rows.entries()) {
    if (row.kind !== head.kind || (row.layer ?? head.layer) !== head.layer) continue;
    const column = row.heads.findIndex((other) => sameHead(other, head));
    if (column >= 0) return { row: index, column };
  }
  return null;
}

/** The picture of a head. */
export function boxOf(cells: Cells, head: Head): Box | null {
  const place = placeIn(cells, head);
  const row = place && cells.rows[place.row];
  if (!row) return null;
  return { x: columnX(cells, place.column), y: row.y, width: cells.wide, height: cells.size };
}

/** The head at a place; the gap around a picture belongs to none. */
export function headAt(cells: Cells, x: number, y: number): Head | null {
  const row = cells.rows.find((each) => y >= each.y && y < each.y + each.height);
  const column = Math.floor((x - cells.gap) / (cells.wide + cells.gap));
  if (!row || column < 0 || x >= columnX(cells, column) + cells.wide) return null;
  return row.heads[column] ?? null;
}

/** Rows of which something lies between two heights. */
export function rowsWithin(cells: Cells, top: number, bottom: number): Row[] {
  return cells.rows.filter(({ y, height }) => y + height > top && y < bottom);
}

/** First and one past the last column of which something lies between two edges. */
export function columnsWithin(cells: Cells, left: number, right: number): [number, number] {
  const pitch = cells.wide + cells.gap;
  const first = Math.floor((left - cells.gap) / pitch);
  const last = Math.ceil((right - cells.gap) / pitch);
  return [Math.max(0, first), Math.min(cells.columns, last)];
}

/** Rows that a page of them is. */
const PAGE = 5;

/** Where a move leads from a head: to an end of its row, or `far` to an end of all heads. */
export function stepFrom(cells: Cells, from: Head, { by, x, y }: Move, far: boolean): Head | null {
  const rows = cells.rows.filter(({ heads }) => heads.length);
  const now = rows.findIndex(({ heads }) => heads.some((head) => sameHead(head, from)));
  if (now < 0) return rows[0]?.heads[0] ?? null;
  const isFar = by === "end" && far;
  const down = isFar ? x * rows.length : by === "page" ? y * PAGE : y;
  const { heads = [] } = rows[moved(now, down, rows.length)] ?? {};
  const column = rows[now]?.heads.findIndex((head) => sameHead(head, from)) ?? 0;
  return heads[moved(column, by === "end" ? x * cells.columns : x, heads.length)] ?? null;
}
