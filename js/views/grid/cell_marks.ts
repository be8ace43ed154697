/** What stands around the pictures of heads: names, numbers, frames. The same on screen and in a
 * figure. */

import { svg, textAt } from "../../browser/svg";
import { textWidth } from "../../draw/text_width";
import type { Head } from "../../state/choose_head";
import { inSight, type PictureStyle } from "./cell_pictures";
import { columnsWithin, columnX, LINE_HEIGHT, rowsWithin } from "./cells";

export interface Labels {
  /** Names of the two axes; null where rows are no layers. */
  axes: { layer: string; head: string } | null;
  headingOf(kind: Head["kind"]): string;
  noAttention: string;
  /** Below a picture: left and right, or one in the middle. */
  captionOf(head: Head): readonly string[];
  /** Its number is beyond the scale. */
  isBeyond(head: Head): boolean;
  isSelected(head: Head): boolean;
  isShownLayer(kind: Head["kind"], layer: number | null): boolean;
  ink: string;
  soft: string;
  accent: string;
  /** Of what is beyond the scale. */
  mark: string;
}

const SMALL = 11;
const TINY = 10;

/** Of numbers so wide on cells so far apart, each so many-th is written. */
const stepFor = (pitch: number, width: number): number =>
  [1, 2, 5, 10, 20, 50].find((step) => step * pitch >= width) ?? 100;

/** Room for the names of the layers, and of the heads. */
export function marginsOf(axes: Labels["axes"]): { left: number; top: number } {
  if (!axes) return { left: 0, top: 0 };
  const names = [`${axes.layer} ↓`, `${axes.head} →`].map((name) => textWidth(name, SMALL));
  return { left: Math.ceil(Math.max(...names)) + 10, top: 32 };
}

export function cellMarks(pictureStyle: PictureStyle, labels: Labels): SVGElement[] {
  const { cells, sight } = pictureStyle;
  const { axes, ink, soft, accent } = labels;
  const pitch = cells.size + cells.gap;
  const rows = rowsWithin(cells, sight.y, sight.y + sight.height);
  const outside: SVGElement[] = [];
  if (axes) {
    const end = sight.left - 6;
    const style = { "font-size": SMALL, fill: soft, "text-anchor": "end" };
    outside.push(
      textAt(end, 11, `${axes.head} →`, style),
      textAt(end, 27, `${axes.layer} ↓`, style),
    );
    const step = stepFor(pitch, textWidth(String(cells.columns), SMALL) + 6);
    const [first, last] = columnsWithin(cells, sight.x, sight.x + sight.width);
    for (let column = first; column < last; column++) {
      const x = sight.left + columnX(cells, column) - sight.x + cells.size / 2;
      if (column % step || x < sight.left || x > sight.left + sight.width) continue;
      outside.push(textAt(x, 27, String(column), { ...style, "text-anchor": "middle" }));
    }
    const tall = stepFor(pitch + cells.caption, 14);
    for (const { kind, layer, heads, y, height } of rows) {
      const shown = labels.isShownLayer(kind, layer);
      const middle = sight.top + y - sight.y + (heads.length ? cells.size : height) / 2;
      if (layer === null || (!shown && (layer % tall || isBesideShown(kind, layer)))) continue;
      if (middle < sight.top || middle > sight.top + sight.height) continue;
      outside.push(
        textAt(end, middle + 4, String(layer), {
          ...style,
          ...(shown ? { fill: accent, "font-weight": 700 } : {}),
        }),
      );
    }
  }

  /** A number beside that of the layer that is shown would run into it. */
  function isBesideShown(kind: Head["kind"], layer: number): boolean {
    const shown = rows.find((row) => row.kind === kind && labels.isShownLayer(kind, row.layer));
    return Math.abs((shown?.layer ?? Number.NaN) - layer) * (pitch + cells.caption) < 14;
  }

  const inside: SVGElement[] = [];
  for (const { kind, y } of cells.headings) {
    if (y + 22 < sight.y || y > sight.y + sight.height) continue;
    const style = { "font-size": 12, "font-weight": 650, fill: ink };
    inside.push(textAt(2, y - sight.y + 15, labels.headingOf(kind), style));
  }
  for (const { heads, y, height } of rows) {
    if (heads.length || height < 14) continue;
    const style = { "font-size": SMALL, fill: soft, "font-style": "italic" };
    const middle = y - sight.y + height / 2 + 4;
    inside.push(textAt(cells.gap + 2 - sight.x, middle, labels.noAttention, style));
  }
  for (const { head, box } of inSight(pictureStyle)) {
    const [x, y] = [box.x - sight.left, box.y - sight.top];
    if (cells.caption >= LINE_HEIGHT) {
      const style = { "font-size": TINY, fill: ink };
      const bottom = y + box.height + 11;
      const [first, second] = labels.captionOf(head);
      if (first !== undefined && second !== undefined) {
        inside.push(
          textAt(x + 2, bottom, first, { ...style, "font-weight": 650 }),
          textAt(x + box.width - 2, bottom, second, { ...style, "text-anchor": "end" }),
        );
      } else if (first !== undefined) {
        const middle = { ...style, "text-anchor": "middle" };
        inside.push(textAt(x + box.width / 2, bottom, first, middle));
      }
    }
    if (labels.isBeyond(head)) {
      const side = Math.max(5, Math.min(9, box.width / 4));
      const right = x + box.width;
      const corner = `M${right} ${y}v${side}l${-side} ${-side}z`;
      inside.push(svg("path", { d: corner, "data-beyond": "", fill: labels.mark }));
    }
    if (labels.isSelected(head)) {
      const height = box.height + cells.caption;
      inside.push(frame({ ...box, x, y, height }, accent, Math.min(2, cells.gap)));
    }
  }
  const { left: x, top: y, width, height } = sight;
  return [...outside, svg("svg", { x, y, width, height, overflow: "hidden" }, ...inside)];
}

/** Around a picture, in its gap. */
export function frame(
  box: { x: number; y: number; width: number; height: number },
  colour: string,
  width: number,
): SVGRectElement {
  return svg("rect", {
    x: box.x - width / 2,
    y: box.y - width / 2,
    width: box.width + width,
    height: box.height + width,
    fill: "none",
    stroke: colour,
    "stroke-width": width,
  });
}
