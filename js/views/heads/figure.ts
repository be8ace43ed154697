/** The rows in sight as a figure. */

import { svg } from "../../browser/svg";
import { ROW_HEIGHT } from "../../controls/virtual_rows";
import { type Figure, textAt, textWidth } from "../../draw/figure";
import type { Head } from "../../state/choose_head";
import type { HeadsData } from "./data";
import type { Column } from "./table";

const SIZE = 12;
const GAP = 16;
const HEAD_HEIGHT = 24;

/** `colours` are those of the style sheet. */
export function headsFigure(
  heads: readonly Head[],
  columns: readonly Column[],
  { shareOf }: HeadsData,
  isSelected: (head: Head) => boolean,
  colours: { soft: string; low: string; high: string },
): Figure {
  const marks: SVGElement[] = [];
  let x = 0;
  for (const { title, by, text } of columns) {
    const texts = heads.map(text);
    const width = Math.max(textWidth(title, 11), ...texts.map((each) => textWidth(each, SIZE)));
    const right = { "text-anchor": "end" };
    marks.push(textAt(x + width, 14, title, { "font-size": 11, fill: colours.soft, ...right }));
    heads.forEach((head, row) => {
      const y = HEAD_HEIGHT + row * ROW_HEIGHT;
      if (by && texts[row]) {
        const box = { x: x - GAP / 2, y, width: width + GAP, height: ROW_HEIGHT };
        marks.push(svg("rect", { ...box, fill: colours.low }));
        marks.push(svg("rect", { ...box, fill: colours.high, opacity: shareOf(head, by) }));
      }
      const weight = isSelected(head) ? { "font-weight": 700 } : {};
      marks.push(
        textAt(x + width, y + 15, texts[row] ?? "", { "font-size": SIZE, ...right, ...weight }),
      );
    });
    x += width + GAP;
  }
  return { width: x, height: HEAD_HEIGHT + heads.length * ROW_HEIGHT, marks, legend: [] };
}
