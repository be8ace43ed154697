/** Over the maps: labels, and the rows, columns and cells that are hovered or selected. */

import { drawBand, drawCell } from "../../draw/bands";
import type { Box, Pen } from "../../draw/pen";
import { shortened, textWidth } from "../../draw/text_width";
import { FILLER_SIZE, labelInk } from "../../draw/token_ink";
import { inSight, type Place } from "../../plane/layout";
import { LIFT } from "./bars";
import { LABEL_PITCH, LABEL_SIZE } from "./plan";
import type { Scene } from "./scene";

/** A row or a column whose label is shown whether or not its turn has come. */
interface Marked {
  at: number;
  colour: string;
  back: string;
  bold: boolean;
}

/** @param place the cell under the mouse, or where the keyboard is. */
export function drawMarks(pen: Pen, scene: Scene, place: Place | null): void {
  const { state, view, ink } = scene;
  const over = state.hovered.value;
  const hovered = place ?? {
    query: over?.as === "query" ? over.token : null,
    key: over?.as === "key" ? over.token : null,
  };
  const selected = { query: state.selected.value, key: state.selectedKey.value };
  view.plan.value.maps.forEach((map, index) => {
    const on = { map, sight: view.sight.value, paper: ink.paper };
    for (const side of ["query", "key"] as const) {
      const isRow = side === "query";
      const marked: Marked[] = [];
      const [chosen, pointed] = [selected[side], hovered[side]];
      if (chosen !== null) {
        marked.push({ at: chosen, colour: ink.accent, back: ink.wash, bold: true });
      }
      if (pointed !== null && pointed !== chosen) {
        marked.push({ at: pointed, colour: ink.ink, back: ink.raised, bold: false });
      }
      drawLabels(pen, scene, map, isRow, marked);
      for (const { at, colour, bold } of marked) {
        drawBand(pen, on, { isRow, at }, colour, bold ? 1.5 : 1);
      }
    }
    drawCell(pen, on, selected, ink.accent);
    if (place?.picture === index) drawCell(pen, on, place, ink.ink);
  });
}

/** As many as there is room for, and those that are marked. */
function drawLabels(
  pen: Pen,
  { state, view, ink }: Scene,
  map: Box,
  isRow: boolean,
  marked: readonly Marked[],
): void {
  const { labels } = view.plan.value;
  const sight = view.sight.value;
  const { tokens } = state.sides.value[isRow ? "queries" : "keys"];
  const room = isRow ? labels.rows : labels.columns;
  if (!room) return;
  const [start, length, first, count] = isRow
    ? [map.y, map.height, sight.y, sight.height]
    : [map.x, map.width, sight.x, sight.width];
  const cell = length / count;
  const middle = (token: number) => start + (token + 0.5 - first) * cell;
  const draw = (token: number, colour: string, back: string | null, bold: boolean) => {
    const at = middle(token);
    if (at < start || at > start + length) return;
    const text = shortened(tokens[token]?.label ?? "", room - 8, LABEL_SIZE);
    if (back) {
      const width = textWidth(text, LABEL_SIZE, bold ? 650 : 400) + 8;
      const box = isRow
        ? { x: map.x - 2 - width, y: at - 8, width, height: 16 }
        : { x: at - 8, y: map.y - 2 - width, width: 16, height: width };
      pen.fill(box, back);
    }
    const size = tokens[token]?.padding ? FILLER_SIZE : LABEL_SIZE;
    const style = { colour, size, bold };
    const base = at + LIFT * LABEL_SIZE;
    if (isRow) pen.text(map.x - 6, base, text, { ...style, anchor: "end" });
    else pen.text(base, map.y - 6, text, { ...style, turned: "up" });
  };
  for (const token of inSight(first, count, labelStep(cell))) {
    const isFree = marked.every(({ at }) => Math.abs(at - token) * cell >= LABEL_PITCH);
    if (isFree) draw(token, labelInk(ink, tokens[token]), null, false);
  }
  for (const { at, colour, back, bold } of marked) draw(at, colour, back, bold);
}

/** Every so many tokens have a label: 1, 2, 5, 10, 20, ... */
export function labelStep(cell: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) if (step * decade * cell >= LABEL_PITCH) return step * decade;
  }
}
