/** Labels of the rows and columns: as many as there is room for, and those that are marked. */

import type { Box, Pen, Sight } from "../../draw/pen";
import { shortened, textWidth } from "../../draw/text_width";
import { LABEL_PITCH, LABEL_SIZE, labelStep, type Plan } from "./plan";
import { inSight, LIFT } from "./spans";

export interface Label {
  text: string;
  special: boolean;
}

/** A label that is shown whether or not its turn has come. */
export interface Marked {
  token: number;
  colour: string;
  back: string;
  bold: boolean;
}

export interface Side {
  labels: readonly Label[];
  isRow: boolean;
  colours: { ink: string; soft: string };
  marked: readonly Marked[];
}

export function drawLabels(
  pen: Pen,
  plan: Plan,
  sight: Sight,
  map: Box,
  { labels, isRow, colours, marked }: Side,
): void {
  const room = isRow ? plan.labels.rows : plan.labels.columns;
  if (!room) return;
  const [start, length, first, count] = isRow
    ? [map.y, map.height, sight.y, sight.height]
    : [map.x, map.width, sight.x, sight.width];
  const cell = length / count;
  const middle = (token: number) => start + (token + 0.5 - first) * cell;
  const isWithin = (token: number) => middle(token) >= start && middle(token) <= start + length;
  const draw = (token: number, colour: string, back: string | null, bold: boolean) => {
    const text = shortened(labels[token]?.text ?? "", room - 8, LABEL_SIZE);
    const at = middle(token);
    if (back) {
      const width = textWidth(text, LABEL_SIZE, bold ? 650 : 400) + 8;
      const box = isRow
        ? { x: map.x - 2 - width, y: at - 8, width, height: 16 }
        : { x: at - 8, y: map.y - 2 - width, width: 16, height: width };
      pen.fill(box, back);
    }
    const style = { colour, size: LABEL_SIZE, bold };
    if (isRow) pen.text(map.x - 6, at + LIFT * LABEL_SIZE, text, { ...style, anchor: "end" });
    else pen.text(at + LIFT * LABEL_SIZE, map.y - 6, text, { ...style, upwards: true });
  };
  const places = marked.map(({ token }) => middle(token));
  for (const token of inSight(first, count, labelStep(cell))) {
    const label = labels[token];
    const isFree = places.every((place) => Math.abs(place - middle(token)) >= LABEL_PITCH);
    if (!label || !isWithin(token) || !isFree) continue;
    draw(token, label.special ? colours.soft : colours.ink, null, false);
  }
  for (const { token, colour, back, bold } of marked) {
    if (isWithin(token)) draw(token, colour, back, bold);
  }
}

/** Width of the widest label, as far as there is room; measuring takes time, so of the longest. */
export function widestLabel(labels: readonly Label[], most: number): number {
  const longest = [...labels].sort((a, b) => b.text.length - a.text.length).slice(0, 12);
  const widths = longest.map(({ text }) => textWidth(text.slice(0, 200), LABEL_SIZE));
  return Math.min(most, Math.ceil(Math.max(12, ...widths)) + 2);
}
