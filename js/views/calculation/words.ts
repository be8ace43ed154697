/** The calculation in words: the step, its formula, how exact it is and what is missing. */

import type { AppState } from "../../state/app_state";
import { STEPS, type StepMeta } from "../../trace/calculation";
import type { CalculationData } from "./data";
import { type Part, partsOf, plainFormula } from "./formula";
import type { Pooling } from "./matrix";
import { doesOf, STEP_TEXTS } from "./step_texts";
import { AFTER, BEFORE, CALCULATION } from "./texts";
import { placeOf } from "./tokens";
import { turnFormula } from "./turning";

/** "Step 8 of 15". */
export function placeInWords({ results, shown }: CalculationData, { say }: AppState): string {
  const place = results.value.findIndex(({ name }) => name === shown.value?.name);
  return say(CALCULATION.step, { place: place + 1, count: results.value.length });
}

/** Of a scale that is one over the root of the dimensions. */
const NEAR = 1e-6;

/** With the numbers that stand for letters in it. */
export function formulaOf(data: CalculationData, { numbers }: AppState, step: StepMeta): Part[] {
  const { answer } = data.answer.value;
  const formula = step.formula.replace(/, \u2212\u221e.*/, "").replace(" and sink", ", sink");
  const isMasked = step.name === "masked" && step.formula.includes("−∞");
  if (step.name.endsWith("_rotated") && answer?.rotation) {
    return partsOf(turnFormula(step.formula, data.turn.value?.isFirst ?? true), numbers);
  }
  if (step.name !== "scaled" || !answer) {
    return partsOf(isMasked ? `${formula} + mask` : formula, numbers);
  }
  const scale = Number(answer.scale);
  const root = answer.dim > 0 && Math.abs(scale * Math.sqrt(answer.dim) - 1) < NEAR;
  const value = `s = ${numbers.end(scale)}${root ? ` = 1/√${answer.dim}` : ""}`;
  const cap = answer.softcap;
  const capped = cap === null ? formula : "scaled = cap · tanh(scores · s / cap)";
  const known = cap === null ? value : `${value},  cap = ${numbers.exact(cap)}`;
  return [...partsOf(capped, numbers), { text: ",   ", as: "sign" }, ...valuesOf(known)];
}

/** Its numbers are written already. */
const valuesOf = (known: string): Part[] =>
  known
    .split(/(\bs\b|\bcap\b)/)
    .filter(Boolean)
    .map((text) => ({ text, as: text === "s" || text === "cap" ? "name" : "sign" }));

/** What a screen reader is told of the step. */
export function stepInWords(data: CalculationData, state: AppState): string {
  const { value: step } = data.shown;
  if (!step) return "";
  const { name } = STEP_TEXTS[step.name];
  return state.say(CALCULATION.told, {
    place: placeInWords(data, state),
    name: state.say(name),
    formula: plainFormula(formulaOf(data, state, step)),
    does: state.say(doesOf(step.name, data.steps.value)),
  });
}

/** The token of the row that is outlined. */
function followedToken(data: CalculationData, state: AppState, { name }: StepMeta): string {
  const [rows] = STEPS[name];
  const isOfOthers = rows === "key" && !state.sides.value.same;
  const row = isOfOthers ? (data.followed("key") ?? data.cell.value?.row ?? 0) : data.query.value;
  return placeOf(state, isOfOthers ? "key" : "query", row);
}

/** Below the picture. */
export function noteOf(data: CalculationData, state: AppState, pooling: Pooling): string {
  const { say } = state;
  const head = state.focusHead.value;
  if (head === null) return say(CALCULATION.noHead);
  const { value: step } = data.shown;
  if (!step) return "";
  const { answer } = data.answer.value;
  const exact = answer?.of_arrays ? CALCULATION.exactArrays : CALCULATION.exact;
  const { down, across } = pooling;
  return [
    `${say(CALCULATION.of, {
      layer: String(state.layer.value),
      head: String(head),
      token: followedToken(data, state, step),
    })}.`,
    say(step.is_exact ? exact : CALCULATION.again),
    ...(down * across > 1 ? [say(CALCULATION.pooled, { down, across })] : []),
  ].join(" ");
}

/** What the steps lack, and what to do. */
export function warningOf(data: CalculationData, { say }: AppState): string {
  const { before, after } = data.answer.value.answer?.missing ?? {};
  const said = [before && BEFORE[before], after && AFTER[after]];
  const told = new Set(said.flatMap((text) => (text ? [say(text)] : []))); // one reason is said once
  return [...told].join(" ");
}
