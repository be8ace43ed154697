/** The matrix as it is drawn now, on the screen and in a figure. */

import type { ReadonlySignal } from "@preact/signals-core";
import { fitCanvas } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { inksOf } from "../../draw/inks";
import { canvasPen, type Pen, svgPen } from "../../draw/pen";
import type { Place } from "../../plane/layout";
import { drawMarks } from "./marks";
import { drawScene, type Scene } from "./scene";

/** `place` is the cell under the mouse, or where the keyboard is. */
export function matrixDrawing(
  element: HTMLElement,
  parts: Omit<Scene, "ink">,
  place: ReadonlySignal<Place | null>,
) {
  const { state, view, weights } = parts;
  const isReady = () => weights.margins.value.length > 0 && weights.margins.value.every(Boolean);
  const scene = (): Scene => ({ ...parts, ink: inksOf(element, state.dark.value) });

  function paintOn(canvas: HTMLCanvasElement, draw: (pen: Pen) => void): void {
    const { width, height } = view.plan.value;
    const context = fitCanvas(canvas, width, height);
    if (context && isReady()) draw(canvasPen(context));
  }

  return {
    isReady,
    paint: (canvas: HTMLCanvasElement) => paintOn(canvas, (pen) => drawScene(pen, scene())),
    /** What is pointed at or selected, on a canvas of its own. */
    paintMarks: (canvas: HTMLCanvasElement) =>
      paintOn(canvas, (pen) => drawMarks(pen, scene(), place.value)),
    figure() {
      if (!isReady()) return null;
      const { maps, labels, sums, height } = view.plan.value;
      const pen = svgPen();
      drawScene(pen, scene());
      drawMarks(pen, scene(), place.value);
      const left = Math.min(...maps.map(({ x }) => x)) - labels.rows;
      const right = Math.max(...maps.map(({ x, width }) => x + width)) + sums;
      return {
        width: right - left,
        height,
        marks: [svg("g", { transform: `translate(${-left} 0)` }, ...pen.marks)],
      };
    },
  };
}
