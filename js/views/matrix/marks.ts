/** Over the maps: labels, and the rows, columns and cells that are hovered or selected. */

import { drawBand, drawCell } from "../../draw/bands";
import type { Pen } from "../../draw/pen";
import { drawLabels, type Marked } from "./labels";
import type { Place } from "./plan";
import type { Scene } from "./scene";

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
    const on = { map, sight, paper: ink.paper };
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
        drawBand(pen, on, { isRow, at: token }, colour, bold ? 1.5 : 1);
      }
    }
    drawCell(pen, on, selected, ink.accent);
    if (place?.picture === index) drawCell(pen, on, place, ink.ink);
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
