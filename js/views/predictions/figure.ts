/** The rows in sight as a figure. */

import { ROW_HEIGHT, rowsInSight } from "../../controls/virtual_rows";
import type { Figure } from "../../draw/figure";
import type { Inks } from "../../draw/inks";
import { svgPen } from "../../draw/pen";
import { scoreStep } from "../../draw/score_colours";
import { shortened, textWidth } from "../../draw/text_width";
import type { AppState } from "../../state/app_state";
import { changeColours, changeLegend } from "./change_colours";
import { isActual, keptOf, type PredictionData, probabilityOf } from "./data";
import { BAR_SHADES, type PredictionTable } from "./table";

const SIZE = 12;
const SMALL = 11;
const GAP = 16;
const BAR = 90;
const WIDEST = 200;
const HEAD_HEIGHT = 24;

export function predictionFigure(
  state: AppState,
  { scroller, columns, textOf }: PredictionTable,
  data: PredictionData,
  inks: Inks,
): Figure | null {
  const { answer, after, rows, selected } = data;
  const { value: found } = answer;
  const shown = rows.value.slice(...rowsInSight(scroller, rows.value.length));
  if (!found || !shown.length) return null;
  const pen = svgPen();
  let x = 0;
  for (const { name, title } of columns()) {
    const isText = name === "token" || name === "prediction";
    const texts = shown.map((row) => shortened(textOf(row, name), WIDEST, SIZE));
    const bar = name === "probability" ? BAR + 14 : 0;
    const numbers = Math.max(...texts.map((text) => textWidth(text, SIZE)));
    const width = Math.max(textWidth(title, SMALL), numbers + bar);
    const [place, anchor] = isText ? ([x, "start"] as const) : ([x + width, "end"] as const);
    pen.text(place, 14, title, { colour: inks.soft, size: SMALL, anchor });
    shown.forEach((row, index) => {
      const y = HEAD_HEIGHT + index * ROW_HEIGHT;
      if (bar) {
        const shares = [
          probabilityOf(found, row),
          ...(after.value ? [keptOf(after.value, row)] : []),
        ];
        const height = (ROW_HEIGHT - 10) / shares.length;
        shares.forEach((share, place) => {
          const box = { x, y: y + 5 + place * height, width: BAR, height };
          pen.fill(box, inks.wash);
          const colour = scoreStep(state, BAR_SHADES[place] ?? 1).colour;
          pen.fill({ ...box, width: (share || 0) * BAR }, colour);
        });
      }
      const step = name === "change" ? changeColours(state, data, row) : null;
      if (step) pen.fill({ x: x - 4, y, width: width + 8, height: ROW_HEIGHT }, step.colour);
      const isSelected = row.candidate === null && row.at === selected.value;
      const bold = isSelected || (name === "prediction" && isActual(found, row));
      const plain = name === "index" || row.candidate !== null ? inks.soft : inks.ink;
      const colour = step?.ink ?? plain;
      pen.text(place, y + 15, texts[index] ?? "", { colour, size: SIZE, anchor, bold });
    });
    x += width + GAP;
  }
  const height = HEAD_HEIGHT + shown.length * ROW_HEIGHT;
  return { width: x - GAP, height, marks: pen.marks, legend: changeLegend(state, data) };
}
