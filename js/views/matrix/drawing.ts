/** The matrix as it is drawn now, on the screen and in a figure. */

import { type ReadonlySignal, untracked } from "@preact/signals-core";
import { fitCanvas } from "../../browser/dom";
import { svg } from "../../browser/svg";
import type { Figure } from "../../draw/figure";
import { inksOf } from "../../draw/inks";
import { headColours } from "../../draw/palette";
import { canvasPen, svgPen } from "../../draw/pen";
import type { AppState } from "../../state/app_state";
import type { Camera } from "./camera";
import type { MapColours } from "./map_colours";
import { drawMarks, type Marks } from "./marks";
import type { Place } from "./plan";
import { drawScene, type Scene } from "./scene";
import { MATRIX } from "./texts";
import type { Weights } from "./weights";
import { unevenSums } from "./words";

export interface MatrixDrawing {
  isReady(): boolean;
  paint(): void;
  /** What is pointed at or selected, on a canvas of its own. */
  paintMarks(): void;
  figure(): Pick<Figure, "width" | "height" | "marks"> | null;
}

export function matrixDrawing(
  element: HTMLElement,
  [canvas, over]: readonly [HTMLCanvasElement, HTMLCanvasElement],
  state: AppState,
  view: Camera,
  weights: Weights,
  tint: MapColours,
  place: ReadonlySignal<Place | null>,
): MatrixDrawing {
  const { say } = state;
  const isReady = () => weights.margins.value.length > 0 && weights.margins.value.every(Boolean);

  function scene(): Scene {
    const ink = inksOf(element, state.dark.value);
    const pictures = weights.pictures.value;
    const margins = weights.margins.value;
    const colours = headColours(state.layerMeta.value?.n_heads ?? 0, state.dark.value);
    const isMany = pictures.length > 1;
    return {
      plan: view.plan.value,
      sight: view.sight.value,
      ...view.labels.value,
      shown: pictures.map(({ heads: [head = 0] }, index) => ({
        cells: (weights.tiles.value[index] ?? []).map(tint.cellsOf),
        margins: margins[index] ?? null,
        title: isMany
          ? { text: say(MATRIX.head, { head: String(head) }), colour: colours[head] ?? ink.ink }
          : null,
      })),
      colours: tint.colours.value,
      ink,
      dark: state.dark.value,
      numbers: state.numbers,
      hasSums: unevenSums(margins[0], pictures[0]) !== null,
      names: {
        query: say(MATRIX.query),
        key: say(MATRIX.key),
        received: say(MATRIX.received),
        sum: say(MATRIX.sum),
      },
      weightOf: weights.weightOf,
    };
  }

  function marks(): Marks {
    const hovered = state.hovered.value;
    return {
      hovered: place.value ?? {
        query: hovered?.as === "query" ? hovered.token : null,
        key: hovered?.as === "key" ? hovered.token : null,
      },
      selected: { query: state.selected.value, key: state.selectedKey.value },
      place: place.value,
    };
  }

  let drawn: Scene | null = null;

  function paint(): void {
    const { width, height } = view.plan.value;
    const context = fitCanvas(canvas, width, height);
    drawn = isReady() ? scene() : null;
    if (context && drawn) drawScene(canvasPen(context), drawn);
    untracked(paintMarks); // they lie on the same plan
  }

  function paintMarks(): void {
    const now = marks();
    const { width, height } = view.plan.value;
    const context = fitCanvas(over, width, height);
    if (context && drawn) drawMarks(canvasPen(context), drawn, now);
  }

  function figure() {
    if (!isReady()) return null;
    const now = scene();
    const { plan } = now;
    const pen = svgPen();
    drawScene(pen, now);
    drawMarks(pen, now, marks());
    const left = Math.min(...plan.maps.map(({ x }) => x)) - plan.labels.rows;
    const right = Math.max(...plan.maps.map(({ x, width }) => x + width)) + plan.sums;
    return {
      width: right - left,
      height: plan.height,
      marks: [svg("g", { transform: `translate(${-left} 0)` }, ...pen.marks)],
    };
  }

  return { isReady, paint, paintMarks, figure };
}
