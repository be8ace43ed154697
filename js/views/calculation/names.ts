/** What the matrices of the shown step are called, and the signs between them. */

import type { Box, Pen } from "../../draw/pen";
import { beyondInWords } from "../../draw/scale_words";
import { shortened, textWidth } from "../../draw/text_width";
import { FILLER_SIZE } from "../../draw/token_ink";
import type { Axis, StepName } from "../../trace/calculation";
import type { Cell } from "./data";
import { drawFormula, formulaWidth, partsOf } from "./formula";
import { type Drawn, FLAT, PITCH, type Scene, TALLEST_LABEL, widestRowLabel } from "./layout";
import { isShare, type Matrix } from "./matrix";
import type { Operation } from "./operations";
import { CAPTION_SIZE, LABEL_GAP, LABEL_SIZE, type Plan, SIGN_SIZE, TITLE_SIZE } from "./plan";
import { STEP_TEXTS } from "./step_texts";
import { AXES, CALCULATION } from "./texts";
import { placeOf, tokensOf } from "./tokens";

/** What it is called above it, and below how large it is and where its colours end. */
export function drawNames(pen: Pen, scene: Scene, matrix: Matrix, box: Box, plan: Plan): void {
  const { state, ink, data } = scene;
  const { say, numbers } = state;
  const symbol = `${data.symbol(matrix.name)}${matrix.isTransposed ? "ᵀ" : ""}`;
  const parts = partsOf(symbol, numbers);
  drawFormula(pen, box.x, plan.title, parts, { size: TITLE_SIZE, colour: ink.ink, bold: true });
  const start = box.x + formulaWidth(parts, TITLE_SIZE) + 10;
  const name = say(STEP_TEXTS[matrix.name].name);
  const room = box.x + box.width + 22 - start;
  const isOther = name.toLowerCase() !== symbol.toLowerCase() && name !== symbol.replace("ᵀ", "");
  if (isOther && textWidth(name, LABEL_SIZE) <= room) {
    pen.text(start, plan.title, name, { colour: ink.soft, size: LABEL_SIZE });
  }
  const style = { colour: ink.soft, size: CAPTION_SIZE };
  const y = box.y + box.height;
  const most = Math.max(box.width + 24, 44);
  const counted = ([matrix.rows, matrix.columns] as const).map((axis, place) => {
    const n = matrix.shape[place] ?? 0;
    return `${numbers.fixed(n, 0)} ${say(AXES[axis], { n })}`.trim();
  });
  const long = counted.join(" × ");
  const short = matrix.shape.map((n) => numbers.fixed(n, 0)).join(" × ");
  pen.text(box.x, y + 13, textWidth(long, CAPTION_SIZE) <= most ? long : short, style);
  pen.text(box.x, y + 26, shortened(scaleInWords(scene, matrix), most, CAPTION_SIZE), style);
}

function scaleInWords({ state }: Scene, { name, range }: Matrix): string {
  const { say, numbers } = state;
  if (isShare(name)) return "0 … 1";
  const beyond = beyondInWords(say, range, (value) => numbers.end(value));
  return [`± ${numbers.end(range.high)}`, ...beyond].join("  ");
}

export function drawPlus(pen: Pen, { state, data, ink }: Scene, { name }: Matrix, box: Box): void {
  const parts = partsOf(`+ ${data.symbol(name)}`, state.numbers);
  const width = formulaWidth(parts, TITLE_SIZE);
  const y = box.y + box.height / 2 + 5;
  drawFormula(pen, box.x - width - 6, y, parts, { size: TITLE_SIZE, colour: ink.ink, bold: true });
}

/** Of a column whose label stands alone. */
const ALONE = 100;

/** Tokens beside rows and above columns, as many as there is room for; those of the number always. */
export function drawLabels(
  pen: Pen,
  scene: Scene,
  { sign }: Operation,
  drawn: Drawn,
  plan: Plan,
  cell: Cell | null,
): void {
  const isSum = sign === "+";
  const { state, ink } = scene;
  const most = widestRowLabel(scene);
  const label = (axis: Axis, at: number, marked: number | null) => {
    const padding = tokensOf(state, axis)?.[at]?.padding ?? false;
    return {
      colour: at === marked ? ink.ink : padding ? ink.edge : ink.soft,
      bold: at === marked,
      size: padding ? FILLER_SIZE : LABEL_SIZE,
    };
  };
  const every = (count: number, pitch: number, marked: number | null) =>
    pitch >= PITCH
      ? Array.from({ length: count }, (_, at) => at)
      : marked === null || marked >= count
        ? []
        : [marked];
  for (const part of ["left", "right", "result"] as const) {
    const [matrix, box] = [drawn[part], plan.boxes[part]];
    if (!matrix || !box) continue;
    const [rows, columns] = matrix.shape;
    const hasRows = part === "left" || (part === "result" && !drawn.left);
    const isOfKeys = part === "right" && matrix.rows === "key" && matrix.columns !== "key";
    if ((hasRows || isOfKeys) && tokensOf(state, matrix.rows)) {
      const pitch = box.height / rows;
      const marked = isOfKeys ? scene.data.followed("key") : (cell?.row ?? null);
      for (const at of every(rows, pitch, marked)) {
        const text = shortened(placeOf(state, matrix.rows, at), most, LABEL_SIZE);
        const y = Math.max(box.y + 8, box.y + (at + 0.5) * pitch + 4);
        pen.text(box.x - LABEL_GAP, y, text, { ...label(matrix.rows, at, marked), anchor: "end" });
      }
    }
    if (!tokensOf(state, matrix.columns)) continue;
    const pitch = box.width / columns;
    const isProduct = drawn.right !== null && !isSum;
    const marked = part === "left" && isProduct ? null : (cell?.column ?? null);
    const isTurned = box.y - plan.title > FLAT + 12;
    for (const at of every(columns, pitch, marked)) {
      const x = box.x + (at + 0.5) * pitch;
      const text = placeOf(state, matrix.columns, at);
      const style = label(matrix.columns, at, marked);
      if (isTurned && pitch >= PITCH) {
        const shown = shortened(text, TALLEST_LABEL, LABEL_SIZE);
        pen.text(x + 4, box.y - 5, shown, { ...style, turned: "up" });
      } else {
        const shown = shortened(text, pitch >= PITCH ? pitch : ALONE, LABEL_SIZE);
        const half = textWidth(shown, LABEL_SIZE, 650) / 2;
        const middle = Math.min(Math.max(x, box.x + half), box.x + box.width - half);
        pen.text(middle, box.y - 5, shown, { ...style, anchor: "middle" });
      }
    }
  }
}

/** What is done to each number, where there is one matrix. */
function changeInWords({ state, data }: Scene, name: StepName): string {
  const { say, numbers } = state;
  if (name.endsWith("_rotated")) return say(CALCULATION.rotates);
  if (name.endsWith("_normed") || name === "input") return say(CALCULATION.norms);
  if (name === "masked") return say(CALCULATION.masks);
  if (name === "weights") return "softmax";
  if (name === "edited") return say(CALCULATION.edits);
  if (name === "block") return say(CALCULATION.sums);
  const scale = data.answer.value.answer?.scale;
  return name === "scaled" && scale !== undefined ? `× ${numbers.end(Number(scale))}` : "× c";
}

export function drawSigns(pen: Pen, scene: Scene, operation: Operation, plan: Plan): void {
  const { ink } = scene;
  const { times, equals } = plan.signs;
  const isSum = operation.sign === "+";
  const style = { colour: ink.ink, size: SIGN_SIZE, anchor: "middle" } as const;
  if (times !== null)
    pen.text(times, plan.middle + (isSum ? 7 : 11), isSum ? "+" : "·", {
      ...style,
      size: isSum ? SIGN_SIZE : 1.6 * SIGN_SIZE,
    });
  if (equals === null) return;
  if (times !== null) {
    pen.text(equals, plan.middle + 7, "=", style);
    return;
  }
  const [y, half] = [plan.middle, 30];
  const words = shortened(changeInWords(scene, operation.name), 88, LABEL_SIZE);
  pen.text(equals, y - 8, words, { colour: ink.ink, size: LABEL_SIZE, anchor: "middle" });
  const point = equals + half;
  pen.lines(
    [
      [
        [equals - half, y],
        [point, y],
      ],
      [
        [point - 5, y - 4],
        [point, y],
      ],
      [
        [point - 5, y + 4],
        [point, y],
      ],
    ],
    { colour: ink.ink, width: 1.5 },
  );
}
