/** Over the maps: labels, and the rows, columns and cells that are hovered or selected. */

import { type Box, boxOf, type Pen } from "../../draw/pen";
import { drawLabels, type Marked } from "./labels";
import type { Place } from "./plan";
import type { Scene } from "./scene";

/** Rows narrower than this are one line, not two at their edges. */
const NARROW = 4;

interface Pair {
  query: number | null;
  key: number | null;
}

export interface Marks {
  hovered: Pair;
  selected: Pair;
  /** The cell under the mouse, or where the keyboard is. */
  place: Place | null;
}

export function drawMarks(pen: Pen, scene: Scene, { hovered, selected, place }: Marks): void {
  const { plan, sight, ink } = scene;
  plan.maps.forEach((map, index) => {
    for (const side of ["query", "key"] as const) {
      const marked = markedOf(scene, selected[side], hovered[side]);
      const isRow = side === "query";
      drawLabels(pen, plan, sight, map, {
        labels: isRow ? scene.rows : scene.columns,
        isRow,
        colours: ink,
        marked,
      });
      for (const { token, colour, bold } of marked) {
        drawBand(pen, scene, map, isRow, token, colour, bold ? 1.5 : 1);
      }
    }
    drawCell(pen, scene, map, selected, ink.accent);
    if (place?.picture === index) drawCell(pen, scene, map, place, ink.ink);
  });
}

/** What is both is drawn as selected. */
function markedOf({ ink }: Scene, selected: number | null, hovered: number | null): Marked[] {
  const marked: Marked[] = [];
  if (selected !== null) {
    marked.push({ token: selected, colour: ink.accent, back: ink.wash, bold: true });
  }
  if (hovered !== null && hovered !== selected) {
    marked.push({ token: hovered, colour: ink.ink, back: ink.raised, bold: false });
  }
  return marked;
}

function drawBand(
  pen: Pen,
  { sight, ink }: Scene,
  map: Box,
  isRow: boolean,
  token: number,
  colour: string,
  line: number,
): void {
  const cells = isRow
    ? { x: sight.x, y: token, width: sight.width, height: 1 }
    : { x: token, y: sight.y, width: 1, height: sight.height };
  const box = clipped(boxOf(map, sight, cells), map);
  if (!box) return;
  const [start, size] = isRow ? [box.y, box.height] : [box.x, box.width];
  const edges = size < NARROW ? [start + (size - line) / 2] : [start, start + size - line];
  const across = (edge: number, line: number) =>
    isRow ? { ...box, y: edge, height: line } : { ...box, x: edge, width: line };
  for (const edge of edges) {
    pen.fill(across(edge - 1, line + 2), ink.paper, 0.75); // to be seen on any colour
    pen.fill(across(edge, line), colour);
  }
}

function drawCell(pen: Pen, { sight, ink }: Scene, map: Box, cell: Pair, colour: string): void {
  const { query, key } = cell;
  if (query === null || key === null) return;
  const box = clipped(boxOf(map, sight, { x: key, y: query, width: 1, height: 1 }), map);
  if (!box) return;
  const wide = { x: box.x - 1, y: box.y - 1, width: box.width + 2, height: box.height + 2 };
  pen.outline(wide, ink.paper, 3);
  pen.outline(wide, colour, 1.5);
}

function clipped(box: Box, within: Box): Box | null {
  const x = Math.max(box.x, within.x);
  const y = Math.max(box.y, within.y);
  const width = Math.min(box.x + box.width, within.x + within.width) - x;
  const height = Math.min(box.y + box.height, within.y + within.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}
