/** The calculation as a figure, and what its colours stand for. */

import { svg } from "../../browser/svg";
import { divergingScale } from "../../draw/diverging_scale";
import type { Figure } from "../../draw/figure";
import type { Inks } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import { svgPen } from "../../draw/pen";
import { rangeAboutZero } from "../../draw/range";
import { wrapped } from "../../draw/text_width";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import type { AppState } from "../../state/app_state";
import type { CalculationData } from "./data";
import { drawFormula, formulaWidth } from "./formula";
import type { Shown } from "./hand";
import type { Scene } from "./layout";
import { matricesOf } from "./operations";
import { drawOverview } from "./overview";
import type { Overview } from "./overview_plan";
import { drawStep } from "./scene";
import { explained } from "./terms";
import { CALCULATION } from "./texts";
import { formulaOf, placeInWords } from "./words";

/**
 * Weights have the scale of every view, each other matrix one of its own. What the overview shows
 * has its place here at every step, so that nothing moves from one step to the next.
 */
export function legendOf(data: CalculationData, state: AppState, ink: Inks): LegendItem[] {
  const { say } = state;
  const { value: operation } = data.operation;
  if (!operation) return [];
  const names = data.steps.value.map(({ name }) => name);
  const scale = divergingScale(rangeAboutZero(), 0, state.dark.value, state);
  const items: LegendItem[] = [];
  if (names.some((name) => name !== "weights")) {
    items.push({ ...scale, low: "−", high: "+", beyond: [], label: say(CALCULATION.ownScale) });
  }
  if (names.includes("weights")) {
    const colours = weightColours(state, state.focusHead.value);
    items.push(weightLegend(state, colours, say(CALCULATION.weight)));
  }
  if (names.includes("masked") && hasHidden(data)) {
    items.push({ colour: ink.bar, hatch: ink.soft, label: say(CALCULATION.masked) });
  }
  return items;
}

const hasHidden = ({ small }: CalculationData): boolean =>
  small("masked")?.data.includes(Number.NEGATIVE_INFINITY) ?? false;

const FORMULA = 16;
const GAP = 14;
const LINE = 17;
const SIZE = 12;

export function calculationFigure(scene: Scene, shown: Shown, overview: Overview): Figure {
  const { data, state, ink, width } = scene;
  const { operation, drawn, plan } = shown;
  const above = svgPen();
  drawOverview(above, scene, overview, { name: operation.name, parts: matricesOf(operation) });
  const middle = svgPen();
  const step = data.shown.value;
  if (step) {
    const place = `${placeInWords(data, state)}   `;
    middle.text(0, FORMULA, place, { colour: ink.soft, size: SIZE });
    const parts = formulaOf(data, state, step);
    const start = formulaWidth([{ text: place, as: "sign" }], SIZE) + 8;
    drawFormula(middle, start, FORMULA, parts, { size: FORMULA, colour: ink.ink });
  }
  const below = svgPen();
  drawStep(below, scene, operation, drawn, plan);
  const terms = svgPen();
  const at = data.cell.value;
  const found = at && explained(data, state, at);
  const lines = found ? wrapped(`${found.lead} ${found.made}`, width, SIZE) : [];
  lines.forEach((line, place) => {
    terms.text(0, (place + 1) * LINE, line, { colour: ink.ink, size: SIZE });
  });
  const tops = [0, overview.height + GAP];
  tops.push((tops[1] ?? 0) + FORMULA + GAP + 8);
  tops.push((tops[2] ?? 0) + plan.height + 4);
  const group = (place: number, marks: readonly SVGElement[]) =>
    svg("g", { transform: `translate(0 ${tops[place] ?? 0})` }, ...marks);
  return {
    width: Math.max(width, plan.width),
    height: (tops[3] ?? 0) + lines.length * LINE + 6,
    marks: [above, middle, below, terms].map(({ marks }, place) => group(place, marks)),
    legend: legendOf(data, state, ink),
  };
}
