/** What stands around the pictures of heads: names, numbers, frames. The same on screen and in a
 * figure. */

import { svg, textAt } from "../../browser/svg";
import { type Box, grown } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import { inSight } from "./cell_pictures";
import { AXIS_SIZE, columnsWithin, columnX, hasNumbers, type Row, rowsWithin, TINY } from "./cells";
import type { GridStyle } from "./style";

/** Of numbers so wide on cells so far apart, each so many-th is written. */
const stepFor = (pitch: number, width: number): number =>
  [1, 2, 5, 10, 20, 50].find((step) => step * pitch >= width) ?? 100;

export function cellMarks(style: GridStyle): SVGElement[] {
  const { left: x, top: y, width, height } = style.sight;
  const inside = [...rowMarks(style), ...headMarks(style)];
  return [...axisMarks(style), svg("svg", { x, y, width, height, overflow: "hidden" }, ...inside)];
}

/** Size of the letter of a label. */
const LETTER = 9;

const shownLook = (accent: string) => ({ fill: accent, "font-weight": 700 });

/** Numbers of layers and heads, beside and above the pictures. */
function axisMarks(style: GridStyle): SVGElement[] {
  const { axes, cells, sight, soft, accent } = style;
  if (!axes) return [];
  const pitch = cells.wide + cells.gap;
  const tall = cells.size + cells.caption + cells.gap;
  const rows = rowsWithin(cells, sight.y, sight.y + sight.height);
  const end = sight.left - 6;
  const plain = { "font-size": AXIS_SIZE, fill: soft, "text-anchor": "end" };
  const lookOf = (isShown: boolean) => (isShown ? shownLook(accent) : {});
  const marks = [
    textAt(end, 11, `${axes.head} →`, plain),
    textAt(end, 27, `${axes.layer} ↓`, plain),
  ];
  const wide = textWidth(String(cells.columns), AXIS_SIZE) + 6;
  const step = stepFor(pitch, wide);
  const [first, last] = columnsWithin(cells, sight.x, sight.x + sight.width);
  const { shownHeads } = style;
  // Numbers of all would run into each other; a number beside that of one would run into it.
  const own = shownHeads.length * wide <= cells.columns * pitch ? shownHeads : [];
  const isBesideOwn = (column: number) =>
    own.some((head) => Math.abs(head - column) * pitch < wide);
  for (let column = first; column < last; column++) {
    const x = sight.left + columnX(cells, column) - sight.x + cells.wide / 2;
    if (x < sight.left || x > sight.left + sight.width) continue;
    const isShown = own.includes(column);
    if (!isShown && (column % step || isBesideOwn(column))) continue;
    const look = { ...plain, ...lookOf(isShown), "text-anchor": "middle" };
    marks.push(textAt(x, 27, String(column), look));
  }
  const isBesideShown = ({ kind, layer }: Row) => {
    const shown = rows.find((row) => row.kind === kind && style.isShownLayer(row));
    return Math.abs((shown?.layer ?? Number.NaN) - (layer ?? 0)) * tall < 14;
  };
  const every = stepFor(tall, 14);
  for (const row of rows) {
    const { layer, y, missing } = row;
    const isShown = style.isShownLayer(row);
    const middle = sight.top + y - sight.y + cells.size / 2;
    if (layer === null || missing) continue;
    if (!isShown && (layer % every || isBesideShown(row))) continue;
    if (middle < sight.top || middle > sight.top + sight.height) continue;
    marks.push(textAt(end, middle + 4, String(layer), { ...plain, ...lookOf(isShown) }));
  }
  return marks;
}

/** What is written across rows: kinds of attention, and why there are no pictures. */
function rowMarks(style: GridStyle): SVGElement[] {
  const { cells, sight, ink, soft, accent, headingOf } = style;
  const headings = cells.headings.flatMap(({ kind, y }) => {
    if (y + 22 < sight.y || y > sight.y + sight.height) return [];
    const look = { "font-size": 12, "font-weight": 650, fill: ink };
    return [textAt(2, y - sight.y + 15, headingOf(kind), look)];
  });
  const missing = rowsWithin(cells, sight.y, sight.y + sight.height).filter((row) => row.missing);
  return [
    ...headings,
    ...missing.map((row) => {
      const shown = style.isShownLayer(row) ? shownLook(accent) : {};
      const look = { "font-size": AXIS_SIZE, fill: soft, ...shown };
      const y = row.y - sight.y + row.height / 2 + 4;
      return textAt(cells.gap + 2 - sight.x, y, style.missingOf(row), look);
    }),
  ];
}

function headMarks(style: GridStyle): SVGElement[] {
  const { cells, ink } = style;
  const marks = [...inSight(style)].flatMap(({ head, box: { x: left, y: top, width, height } }) => {
    const [x, y] = [left - style.sight.left, top - style.sight.top];
    const right = x + width;
    const marks: SVGElement[] = [];
    if (hasNumbers(cells)) {
      const tiny = { "font-size": TINY, fill: style.captionColours(head).ink };
      const bottom = cells.caption ? y + height + 11 : y + height / 2 + 4;
      const [first, second] = style.captionOf(head);
      if (first !== undefined && second !== undefined) {
        marks.push(
          textAt(x + 2, bottom, first, { ...tiny, "font-weight": 650 }),
          textAt(right - 2, bottom, second, { ...tiny, "text-anchor": "end" }),
        );
      } else if (first !== undefined) {
        marks.push(textAt(x + width / 2, bottom, first, { ...tiny, "text-anchor": "middle" }));
      }
    }
    const side = Math.max(5, Math.min(9, width / 4));
    const letter = style.letterOf(head);
    if (letter) {
      const end = right - (style.isBeyond(head) ? side : 0);
      const wide = Math.ceil(textWidth(letter, LETTER)) + 3;
      const plate = { x: end - wide, y, width: wide, height: LETTER + 1, fill: style.plate };
      const look = { "font-size": LETTER, "font-weight": 700, fill: ink, "text-anchor": "end" };
      marks.push(svg("rect", plate), textAt(end - 1, y + 8, letter, { ...look, "data-label": "" }));
    }
    if (style.isBeyond(head)) {
      const corner = `M${right} ${y}v${side}l${-side} ${-side}z`;
      marks.push(svg("path", { d: corner, "data-beyond": "", fill: ink }));
    }
    return marks;
  });
  return [...marks, ...selected(style)];
}

/** One frame around selected heads that stand side by side. */
function selected({ cells, sight, accent, isSelected }: GridStyle): SVGElement[] {
  const frames: SVGElement[] = [];
  for (const row of rowsWithin(cells, sight.y, sight.y + sight.height)) {
    let from = -1;
    for (let column = 0; column <= row.heads.length; column++) {
      const head = row.heads[column];
      if (head && isSelected(head)) {
        if (from < 0) from = column;
      } else if (from >= 0) {
        const x = columnX(cells, from);
        const width = columnX(cells, column) - cells.gap - x;
        const box = { x: x - sight.x, y: row.y - sight.y, width, height: row.height };
        frames.push(frame(box, accent, 2));
        from = -1;
      }
    }
  }
  return frames;
}

/** Around a picture, in its gap. */
export const frame = (box: Box, stroke: string, width: number): SVGRectElement =>
  svg("rect", { ...grown(box, width / 2), fill: "none", stroke, "stroke-width": width });
