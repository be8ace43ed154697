/** The step that is shown: its matrices beside each other, with all that is said and marked. */

import type { Pen } from "../../draw/pen";
import type { Drawn, Scene } from "./layout";
import { drawFocus, drawMarks } from "./marks";
import type { Pooling } from "./matrix";
import { drawMatrix, drawNumbers, widestNumber } from "./matrix_drawing";
import { drawLabels, drawNames, drawPlus, drawSigns } from "./names";
import type { Operation } from "./operations";
import { PARTS, type Plan } from "./plan";

/** @returns how many numbers a pixel stands for at most. */
export function drawStep(
  pen: Pen,
  scene: Scene,
  operation: Operation,
  drawn: Drawn,
  plan: Plan,
): Pooling {
  const { data } = scene;
  const cell = data.cell.value;
  const pooled: Pooling[] = [];
  for (const part of PARTS) {
    const [matrix, box] = [drawn[part], plan.boxes[part]];
    if (!matrix || !box) continue;
    pooled.push(drawMatrix(pen, scene, matrix, box));
    drawNumbers(pen, scene, matrix, box, widestNumber(scene.state, matrix));
    if (part === "plus") drawPlus(pen, scene, matrix, box);
    else drawNames(pen, scene, matrix, box, plan);
  }
  drawLabels(pen, scene, operation, drawn, plan, cell);
  drawSigns(pen, scene, operation, plan);
  drawMarks(pen, scene, operation, drawn, plan, cell);
  if (plan.focus && cell) drawFocus(pen, scene, operation, drawn, plan, cell);
  return {
    down: Math.max(...pooled.map(({ down }) => down)),
    across: Math.max(...pooled.map(({ across }) => across)),
  };
}
