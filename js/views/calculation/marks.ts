/** What is outlined in the shown step: the row that is followed, and what makes the number. */

import { drawBand, drawCell } from "../../draw/bands";
import type { Pen } from "../../draw/pen";
import { shortened } from "../../draw/text_width";
import type { Numbers } from "../../trace/tensor";
import type { CalculationData, Cell } from "./data";
import type { Drawn, Scene } from "./layout";
import type { Matrix } from "./matrix";
import { drawMatrix, drawNumbers, widestNumber } from "./matrix_drawing";
import type { Operation } from "./operations";
import { LABEL_SIZE, type Plan } from "./plan";
import { CALCULATION } from "./texts";
import { placeOf } from "./tokens";

const sightOf = ({ shape }: Matrix) => ({ x: 0, y: 0, width: shape[1], height: shape[0] });

const OF_ROWS = ["left", "sink", "result", "sunk"] as const;

/** The row that is followed, and the row and column that make the number. */
export function drawMarks(
  pen: Pen,
  scene: Scene,
  { right, sign }: Operation,
  drawn: Drawn,
  plan: Plan,
  cell: Cell | null,
): void {
  const { ink, data } = scene;
  const isProduct = right !== null && sign === "·";
  const band = (part: keyof Drawn, isRow: boolean, at: number | null, colour: string) => {
    const [matrix, map] = [drawn[part], plan.boxes[part]];
    if (!matrix || !map || at === null) return;
    drawBand(pen, { map, sight: sightOf(matrix), paper: ink.paper }, { isRow, at }, colour, 1.5);
  };
  const row = data.followed(drawn.result.rows);
  if (drawn.result.rows !== "one") {
    for (const part of OF_ROWS) band(part, true, row, ink.accent);
    if (right && !isProduct) band("right", true, row, ink.accent);
  }
  if (!cell) return;
  if (cell.row !== row) for (const part of OF_ROWS) band(part, true, cell.row, ink.ink);
  if (isProduct) {
    band("right", false, cell.column, ink.ink);
    band("plus", false, cell.column, ink.ink);
  }
  const single = (part: keyof Drawn, column = cell.column) => {
    const [matrix, map] = [drawn[part], plan.boxes[part]];
    if (!matrix || !map) return;
    const on = { map, sight: sightOf(matrix), paper: ink.paper };
    drawCell(pen, on, { query: part === "plus" ? 0 : cell.row, key: column }, ink.ink);
  };
  single("result");
  if (!isProduct) for (const part of ["left", "right", "plus"] as const) single(part);
  const { value: turn } = data.turn;
  if (turn) single("left", turn.other);
}

/** A row by itself, with the colours of its matrix. */
export function rowOf(matrix: Matrix, row: Numbers): Matrix {
  return {
    ...matrix,
    shape: [1, row.length],
    size: [1, row.length],
    pooling: { down: 1, across: 1 },
    data: row,
    cell: (_, column) => row[column] ?? Number.NaN,
    at: (_, column) => row[column] ?? Number.NaN,
  };
}

const kept = new WeakMap<Numbers, Map<number, Numbers>>();

/** The same row is the same object, as pictures are kept by it. */
function keptLine(data: CalculationData, matrix: Matrix, row: number): Numbers | null {
  const rows = kept.get(matrix.data) ?? new Map<number, Numbers>();
  kept.set(matrix.data, rows);
  const known = rows.get(row) ?? data.line(matrix.name, "row", row);
  if (known && rows.size < 64) rows.set(row, known);
  return known;
}

/** Where rows are low: the row of the number once more, tall enough to be seen. */
export function drawFocus(
  pen: Pen,
  scene: Scene,
  { right, sign }: Operation,
  drawn: Drawn,
  plan: Plan,
  cell: Cell,
): void {
  const { data, ink, state } = scene;
  for (const part of ["left", "result"] as const) {
    const [matrix, box] = [drawn[part], plan.focus?.[part]];
    const line = matrix && keptLine(data, matrix, cell.row);
    if (!matrix || !box || !line) continue;
    const single = rowOf(matrix, line);
    drawMatrix(pen, scene, single, box);
    drawNumbers(pen, scene, single, box, widestNumber(state, single));
    if (part === "result" || right === null || sign === "+") {
      const on = { map: box, sight: sightOf(single), paper: ink.paper };
      drawCell(pen, on, { query: 0, key: cell.column }, ink.ink);
      const { value: turn } = data.turn;
      if (turn && part === "left") drawCell(pen, on, { query: 0, key: turn.other }, ink.ink);
    }
    const words = state.say(CALCULATION.ofToken, { token: placeOf(state, matrix.rows, cell.row) });
    pen.text(box.x, box.y - 6, shortened(words, Math.max(80, box.width), LABEL_SIZE), {
      colour: ink.ink,
      size: LABEL_SIZE,
      bold: true,
    });
  }
}
