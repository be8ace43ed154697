/** What stands around the pictures of heads: names, numbers, frames. The same on screen and in a
 * figure. */

import { svg, textAt } from "../../browser/svg";
import { type Box, grown } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import { inSight } from "./cell_pictures";
import { AXIS_SIZE, columnsWithin, columnX, LINE_HEIGHT, type Row, rowsWithin } from "./cells";
import type { GridStyle } from "./style";

const TINY = 10;

/** Of numbers so wide on cells so far apart, each so many-th is written. */
const stepFor = (pitch: number, width: number): number =>
  [1, 2, 5, 10, 20, 50].find((step) => step * pitch >= width) ?? 100;

export function cellMarks(style: GridStyle): SVGElement[] {
  const { left: x, top: y, width, height } = style.sight;
  const inside = [...rowMarks(style), ...headMarks(style)];
  return [...axisMarks(style), svg("svg", { x, y, width, height, overflow: "hidden" }, ...inside)];
}

/** Numbers of layers and heads, beside and above the pictures. */
function axisMarks({ axes, cells, sight, soft, accent, isShownLayer }: GridStyle): SVGElement[] {
  if (!axes) return [];
  const pitch = cells.size + cells.gap;
  const tall = pitch + cells.caption;
  const rows = rowsWithin(cells, sight.y, sight.y + sight.height);
  const end = sight.left - 6;
  const style = { "font-size": AXIS_SIZE, fill: soft, "text-anchor": "end" };
  const marks = [
    textAt(end, 11, `${axes.head} →`, style),
    textAt(end, 27, `${axes.layer} ↓`, style),
  ];
  const step = stepFor(pitch, textWidth(String(cells.columns), AXIS_SIZE) + 6);
  const [first, last] = columnsWithin(cells, sight.x, sight.x + sight.width);
  for (let column = first; column < last; column++) {
    const x = sight.left + columnX(cells, column) - sight.x + cells.size / 2;
    if (column % step || x < sight.left || x > sight.left + sight.width) continue;
    marks.push(textAt(x, 27, String(column), { ...style, "text-anchor": "middle" }));
  }
  /** A number beside that of the layer that is shown would run into it. */
  const isBesideShown = ({ kind, layer }: Row) => {
    const shown = rows.find((row) => row.kind === kind && isShownLayer(row));
    return Math.abs((shown?.layer ?? Number.NaN) - (layer ?? 0)) * tall < 14;
  };
  const every = stepFor(tall, 14);
  for (const row of rows) {
    const { layer, heads, y, height } = row;
    const isShown = isShownLayer(row);
    const middle = sight.top + y - sight.y + (heads.length ? cells.size : height) / 2;
    if (layer === null || (!isShown && (layer % every || isBesideShown(row)))) continue;
    if (middle < sight.top || middle > sight.top + sight.height) continue;
    const look = isShown ? { fill: accent, "font-weight": 700 } : {};
    marks.push(textAt(end, middle + 4, String(layer), { ...style, ...look }));
  }
  return marks;
}

/** What is written across rows: kinds of attention, and that there is none. */
function rowMarks({ cells, sight, ink, soft, headingOf, noAttention }: GridStyle): SVGElement[] {
  const headings = cells.headings.flatMap(({ kind, y }) => {
    if (y + 22 < sight.y || y > sight.y + sight.height) return [];
    const style = { "font-size": 12, "font-weight": 650, fill: ink };
    return [textAt(2, y - sight.y + 15, headingOf(kind), style)];
  });
  const empty = rowsWithin(cells, sight.y, sight.y + sight.height).filter(
    ({ heads, height }) => !heads.length && height >= 14,
  );
  const style = { "font-size": AXIS_SIZE, fill: soft, "font-style": "italic" };
  return [
    ...headings,
    ...empty.map(({ y, height }) =>
      textAt(cells.gap + 2 - sight.x, y - sight.y + height / 2 + 4, noAttention, style),
    ),
  ];
}

function headMarks(style: GridStyle): SVGElement[] {
  const { cells, sight, ink, accent } = style;
  return [...inSight(style)].flatMap(({ head, box: { x: left, y: top, width, height } }) => {
    const [x, y] = [left - sight.left, top - sight.top];
    const right = x + width;
    const marks: SVGElement[] = [];
    if (cells.caption >= LINE_HEIGHT) {
      const tiny = { "font-size": TINY, fill: style.captionColours(head).ink };
      const bottom = y + height + 11;
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
    if (style.isBeyond(head)) {
      const side = Math.max(5, Math.min(9, width / 4));
      const corner = `M${right} ${y}v${side}l${-side} ${-side}z`;
      marks.push(svg("path", { d: corner, "data-beyond": "", fill: ink }));
    }
    if (style.isSelected(head)) {
      const around = { x, y, width, height: height + cells.caption };
      marks.push(frame(around, accent, Math.min(2, cells.gap)));
    }
    return marks;
  });
}

/** Around a picture, in its gap. */
export const frame = (box: Box, stroke: string, width: number): SVGRectElement =>
  svg("rect", { ...grown(box, width / 2), fill: "none", stroke, "stroke-width": width });
