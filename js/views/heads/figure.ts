/** The rows in sight as a figure. */

import { ROW_HEIGHT, rowsInSight } from "../../controls/virtual_rows";
import { hatchInks } from "../../draw/effect_colours";
import type { Figure } from "../../draw/figure";
import { hatchLines } from "../../draw/hatch";
import type { Inks } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import { svgPen } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import type { AppState } from "../../state/app_state";
import { isChosen } from "../../state/choose_head";
import type { HeadsData } from "./data";
import type { HeadTable } from "./table";

const SIZE = 12;
const SMALL = 11;
const GAP = 16;
const HEAD_HEIGHT = 24;
const anchor = "end";

export function headsFigure(
  state: AppState,
  { scroller, columns }: HeadTable,
  { rows }: HeadsData,
  legend: LegendItem[],
  inks: Inks,
): Figure | null {
  const heads = rows.value.slice(...rowsInSight(scroller, rows.value.length));
  if (!heads.length) return null;
  const pen = svgPen();
  let x = 0;
  for (const { title, text, step, isHatched } of columns()) {
    if (isHatched && !heads.some((head) => text(head) || isHatched(head))) continue; // not known
    const texts = heads.map(text);
    const width = Math.max(textWidth(title, SMALL), ...texts.map((each) => textWidth(each, SIZE)));
    pen.text(x + width, 14, title, { colour: inks.soft, size: SMALL, anchor });
    heads.forEach((head, row) => {
      const y = HEAD_HEIGHT + row * ROW_HEIGHT;
      const said = texts[row] ?? "";
      const box = { x: x - GAP / 2, y, width: width + GAP, height: ROW_HEIGHT };
      const look = said ? step?.(head) : null;
      if (look) pen.fill(box, look.colour);
      else if (isHatched?.(head)) {
        pen.lines(hatchLines(box), { colour: hatchInks(inks).line, width: 1 });
      }
      const colour = look?.ink ?? inks.ink;
      const style = { colour, size: SIZE, anchor, bold: isChosen(state, head) } as const;
      pen.text(x + width, y + 15, said, style);
    });
    x += width + GAP;
  }
  const height = HEAD_HEIGHT + heads.length * ROW_HEIGHT;
  return { width: x, height, marks: pen.marks, legend };
}
