/** Any matrix as a heat map shows it. */

import type { AppState } from "../state/app_state";
import type { HeatColours } from "./heat_colours";
import type { HeatPicture } from "./heat_picture";
import { MATRIX } from "./matrix_texts";

export interface Axis {
  /** What an item is called; null for a row or a column. */
  name: string | null;
  /** Null where they are counted from 0. */
  labels: readonly string[] | null;
}

export interface AnyMatrix {
  rows: Axis;
  columns: Axis;
  shape: readonly [number, number];
}

export function matrixPicture(
  { say, numbers }: Pick<AppState, "say" | "numbers">,
  { rows, columns, shape }: AnyMatrix,
  data: ArrayLike<number> & object,
  colours: HeatColours,
): HeatPicture {
  const [n, m] = shape;
  const [rowName, columnName] = [rows.name ?? say(MATRIX.row), columns.name ?? say(MATRIX.column)];
  const labels = ({ labels }: Axis, count: number) =>
    labels ?? Array.from({ length: count }, (_, index) => String(index));
  const [ofRows, ofColumns] = [labels(rows, n), labels(columns, m)];
  return {
    rows: ofRows,
    columns: ofColumns,
    rowName,
    columnName,
    data,
    colours,
    write: (value) => notFinite(value) ?? numbers.glance(value),
    says(row, column) {
      const named = row === null ? [] : [`${rowName} ${ofRows[row] ?? ""}`];
      if (column === null) return named;
      const both = [...named, `${columnName} ${ofColumns[column] ?? ""}`];
      if (row === null) return both;
      const value = data[row * m + column] ?? Number.NaN;
      return [...both, notFinite(value) ?? written(value)];
    },
    isSquare: n === m,
  };

  /** A count has all its digits. */
  function written(value: number): string {
    const isLong = Number.isSafeInteger(value) && Math.abs(value) >= 1e7;
    return isLong ? numbers.fixed(value, 0) : numbers.exact(value);
  }
}

function notFinite(value: number): string | null {
  if (Number.isFinite(value)) return null;
  return Number.isNaN(value) ? "NaN" : value < 0 ? "−∞" : "∞";
}
