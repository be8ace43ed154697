/** All steps small, and what leads to what. */

import { drawBand } from "../../draw/bands";
import { grown, type Pen } from "../../draw/pen";
import { shortened, textWidth } from "../../draw/text_width";
import type { StepName } from "../../trace/calculation";
import { drawFormula, formulaWidth, partsOf } from "./formula";
import type { Scene } from "./layout";
import { drawMatrix } from "./matrix_drawing";
import { isPart } from "./operations";
import type { Overview, Stop } from "./overview_plan";
import { STEP_TEXTS } from "./step_texts";

/** @param shown the step that is shown large, and what it is made of. */
export function drawOverview(
  pen: Pen,
  scene: Scene,
  { stops, lines, size }: Overview,
  shown: { readonly name: StepName | null; readonly parts: readonly StepName[] },
): void {
  const { ink, data } = scene;
  const current = stops.find(({ name }) => name === shown.name);
  if (current) {
    const area = grown(current.area, -0.5);
    pen.fill(area, ink.wash);
    pen.outline(area, ink.accent, 1.5);
  }
  pen.lines(lines, { colour: ink.soft, width: 1.2, opacity: 0.55 });
  for (const stop of stops) {
    const { name, box } = stop;
    const matrix = data.small(name);
    if (matrix) {
      drawMatrix(pen, scene, matrix, box);
      const row = data.followed(matrix.rows);
      if (row !== null && matrix.rows !== "one") {
        const [rows, columns] = matrix.shape;
        const sight = { x: 0, y: 0, width: columns, height: rows };
        const on = { map: box, sight, paper: ink.paper };
        drawBand(pen, on, { isRow: true, at: row }, ink.accent, 1);
      }
    } else {
      pen.fill(box, ink.bar, 0.6);
      pen.outline(box, ink.rule, 1);
    }
    if (shown.parts.includes(name)) pen.outline(grown(box, 2.5), ink.accent, 1);
    drawName(pen, scene, stop, size, name === shown.name);
  }
}

/** Its word; of what is multiplied or added its symbol. */
function drawName(
  pen: Pen,
  { state, data, ink }: Scene,
  stop: Stop,
  size: number,
  isShown: boolean,
) {
  const { name, area } = stop;
  const middle = area.x + area.width / 2;
  const y = area.y + area.height - 7;
  const colour = isShown ? ink.ink : ink.soft;
  if (isPart(name) && /^[wb]_/.test(name)) {
    const parts = partsOf(data.symbol(name), state.numbers);
    drawFormula(pen, middle - formulaWidth(parts, size) / 2, y, parts, { size, colour });
    return;
  }
  const word = state.say(STEP_TEXTS[name].name);
  const least = Math.min(
    size,
    (size * (area.width - 2)) / textWidth(word, size, isShown ? 650 : 400),
  );
  const own = Math.max(8.5, least);
  const text = shortened(word, area.width + 2, own);
  pen.text(middle, y, text, { colour, size: own, anchor: "middle", bold: isShown });
}
