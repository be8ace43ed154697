/** Which matrices the shown step has, and where they stand. */

import { textWidth } from "../../draw/text_width";
import { STEPS, type StepName } from "../../trace/calculation";
import type { CalculationData } from "./data";
import { type Matrix, transposed } from "./matrix";
import { type Look, widestNumber } from "./matrix_drawing";
import { matricesOf, type Operation } from "./operations";
import { LABEL_SIZE, type Parts, type Plan, planOf, type Shape } from "./plan";
import { tokensOf } from "./tokens";

export interface Scene extends Look {
  readonly data: CalculationData;
  readonly width: number;
  /** How tall matrices may be. */
  readonly most: number;
}

const WIDEST_LABEL = { usual: 92, narrow: 60 };
export const TALLEST_LABEL = 76;
/** Labels nearer than this would touch. */
export const PITCH = 11.5;
/** Room for labels of columns that are not turned. */
export const FLAT = 16;

export const widestRowLabel = ({ width }: Scene): number =>
  width < 760 ? WIDEST_LABEL.narrow : WIDEST_LABEL.usual;

export type Drawn = Parts<Matrix>;

/** Of the operation that is shown; null while one of them is on its way. */
export function matricesOfStep({ large }: CalculationData, operation: Operation): Drawn | null {
  if (matricesOf(operation).some((each) => !large(each))) return null;
  const { name, isTransposed } = operation;
  const found = (each: StepName | null) => (each === null ? null : large(each));
  const [result, right] = [large(name), found(operation.right)];
  const [left, sink] = onOneScale(found(operation.left), found(operation.sink));
  return (
    result && {
      left,
      sink,
      right: right && isTransposed ? transposed(right) : right,
      plus: found(operation.plus),
      result,
      sunk: found(operation.sunk),
    }
  );
}

/** A sink is one more number of each row, so its colours are those of the others. */
function onOneScale(left: Matrix | null, sink: Matrix | null): [Matrix | null, Matrix | null] {
  if (!left || !sink) return [left, sink];
  const range = left.range.high > sink.range.high ? left.range : sink.range;
  return [
    { ...left, range },
    { ...sink, range },
  ];
}

type Axes = Pick<Matrix, "rows" | "columns" | "shape">;

/** @param hasRows whether the tokens of its rows are written beside it. */
function shapeOf(
  scene: Scene,
  matrix: Axes,
  hasRows: boolean,
  number: number,
  tall: number,
): Shape {
  const rows = hasRows ? tokensOf(scene.state, matrix.rows) : null;
  const widest = rows ? widestLabel(rows) : 0;
  const columns = tokensOf(scene.state, matrix.columns);
  return {
    rows: matrix.shape[0],
    columns: matrix.shape[1],
    labels: { rows: Math.min(widestRowLabel(scene), widest), columns: columns ? tall : 0 },
    number,
  };
}

/** Measuring takes time, so of the longest. */
function widestLabel(tokens: readonly { label: string }[]): number {
  const longest = [...tokens].sort((a, b) => b.label.length - a.label.length).slice(0, 12);
  return Math.ceil(
    Math.max(10, ...longest.map(({ label }) => textWidth(label.slice(0, 80), LABEL_SIZE, 650))),
  );
}

/** Where its parts stand. @param number of each matrix the widest number in its cells. */
function laidOut(
  scene: Scene,
  parts: Parts<Axes>,
  isSum: boolean,
  number: (of: Axes) => number,
): Plan {
  const { left, sink, right, plus, result, sunk } = parts;
  const plan = (tall: number) => {
    const shape = (of: Axes | null, hasRows: boolean) =>
      of && shapeOf(scene, of, hasRows, number(of), tall);
    return planOf(
      {
        left: shape(left, true),
        sink: shape(sink, false),
        sunk: shape(sunk, false),
        right: shape(right, right?.rows === "key" && !isSum),
        plus: shape(plus, false),
        result: shape(result, left === null) as Shape,
      },
      isSum,
      scene.width,
      scene.most,
    );
  };
  const flat = plan(FLAT);
  const tokens = tokensOf(scene.state, result.columns);
  if (!tokens) return flat;
  const pitch = flat.boxes.result.width / result.shape[1];
  const widest = widestLabel(tokens);
  return pitch >= PITCH && widest + 4 > pitch ? plan(Math.min(TALLEST_LABEL, widest) + 8) : flat;
}

export function planOfStep(scene: Scene, operation: Operation, drawn: Drawn): Plan {
  const number = (of: Axes) => widestNumber(scene.state, of as Matrix);
  return laidOut(scene, drawn, operation.sign === "+", number);
}

/** As tall as the tallest step is: the page does not move from step to step. */
export function tallestStep(scene: Scene, operations: readonly Operation[]): number {
  const axes = (name: StepName | null, isTurned = false): Axes | null => {
    const meta = scene.data.steps.value.find((step) => step.name === name);
    if (!meta || name === null) return null;
    const [rows, columns] = STEPS[name];
    const [height, width] = meta.shape;
    return isTurned
      ? { rows: columns, columns: rows, shape: [width, height] }
      : { rows, columns, shape: meta.shape };
  };
  const heights = operations.map(({ name, left, sink, right, plus, sunk, sign, isTransposed }) => {
    const result = axes(name);
    if (!result) return 0;
    const beside = { sink: axes(sink), sunk: axes(sunk), plus: axes(plus) };
    const parts = { left: axes(left), right: axes(right, isTransposed), result, ...beside };
    return laidOut(scene, parts, sign === "+", () => 0).height;
  });
  return Math.max(60, ...heights);
}
