/** What a heat map shows. */

import type { HeatColours } from "./heat_colours";

export interface HeatPicture {
  /** Labels, one of each row and column; they may be empty. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowName: string;
  readonly columnName: string;
  /** Row by row; the same object while the numbers are the same. */
  readonly data: ArrayLike<number> & object;
  readonly colours: HeatColours;
  /** The number of a cell, where it fits. */
  write(value: number): string;
  /** What is said of a cell, or of a row or column. */
  says(row: number | null, column: number | null): readonly string[];
  /** Of the selected and the pointed row and column only the cell where both meet is marked. */
  readonly marksCells?: boolean;
  readonly selectedRow?: number | null;
  readonly selectedColumn?: number | null;
  readonly hoveredRow?: number | null;
  readonly hoveredColumn?: number | null;
  isMuted?(row: number): boolean;
  /** Whether a row, or a column where columns are tokens too, is of padding. */
  isFiller?(index: number, isRow: boolean): boolean;
  readonly isSquare?: boolean;
}
