/** Rows, columns and cells of a map that are marked: to be seen on any colour. */

import { type Box, boxOf, grown, type Pen, type Sight } from "./pen";

export interface Marked {
  map: Box;
  sight: Sight;
  paper: string;
}

/** Its edges lie outside of it, so that what is in it is seen. @param line how wide they are. */
export function drawBand(
  pen: Pen,
  { map, sight, paper }: Marked,
  { isRow, at }: { isRow: boolean; at: number },
  colour: string,
  line: number,
): void {
  const cells = isRow
    ? { x: sight.x, y: at, width: sight.width, height: 1 }
    : { x: at, y: sight.y, width: 1, height: sight.height };
  const box = clipped(boxOf(map, sight, cells), map);
  if (!box) return;
  const [start, size] = isRow ? [box.y, box.height] : [box.x, box.width];
  const across = (edge: number, line: number) =>
    isRow ? { ...box, y: edge, height: line } : { ...box, x: edge, width: line };
  pen.fill(across(start - line - 1, 1), paper, 0.75);
  pen.fill(across(start - line, line), colour);
  pen.fill(across(start + size, line), colour);
  pen.fill(across(start + size + line, 1), paper, 0.75);
}

export function drawCell(
  pen: Pen,
  { map, sight, paper }: Marked,
  { query, key }: { query: number | null; key: number | null },
  colour: string,
): void {
  if (query === null || key === null) return;
  const box = clipped(boxOf(map, sight, { x: key, y: query, width: 1, height: 1 }), map);
  if (!box) return;
  const wide = grown(box, 1);
  pen.outline(wide, paper, 3);
  pen.outline(wide, colour, 1.5);
}

/** What of it is inside; null where nothing is. */
export function clipped(box: Box, within: Box): Box | null {
  const x = Math.max(box.x, within.x);
  const y = Math.max(box.y, within.y);
  const width = Math.min(box.x + box.width, within.x + within.width) - x;
  const height = Math.min(box.y + box.height, within.y + within.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}
