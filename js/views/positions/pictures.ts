/** The two pictures of positions: what each has, and what any two have together. */

import { heatColours } from "../../plane/heat_colours";
import type { HeatPicture } from "../../plane/heat_picture";
import type { AppState } from "../../state/app_state";
import type { Matrix, PositionData } from "./data";
import { POSITIONS } from "./texts";

/** Padding has no position of its own where it stands before the first. */
const labelsOf = (state: AppState, n: number, first = 0): string[] =>
  state.sides.value.queries.tokens
    .slice(0, n)
    .map(({ label }, index) => (index < first ? label : `${index - first} ${label}`));

const count = (n: number, from = 0): string[] =>
  Array.from({ length: n }, (_, index) => String(index + from).replace("-", "−"));

const mutedIn = (state: AppState) => (row: number) =>
  Boolean(state.sides.value.queries.tokens[row]?.special);

const isPadding = (state: AppState, row: number): boolean =>
  state.sides.value.queries.tokens[row]?.padding ?? false;

const writerOf = (state: AppState) => (value: number) =>
  Number.isNaN(value) ? "" : state.numbers.glance(value);

const cell = ({ data, columns }: Matrix, row: number, column: number) =>
  data[row * columns + column] ?? Number.NaN;

function tokenAt(state: AppState, at: number, first = 0): string {
  const token = state.sides.value.queries.tokens[at]?.label ?? "";
  return state.say(POSITIONS.at, { n: String(Math.max(0, at - first)), token });
}

const distanceOf = ({ say, numbers }: AppState, distance: number) =>
  `${say(POSITIONS.distance)} = ${numbers.fixed(distance, 0)}`;

/** Position × dimension; of a bias head × distance. */
export function tablePicture(state: AppState, data: PositionData): HeatPicture | null {
  const { value: matrix } = data.table;
  const { value: way } = data.way;
  if (!matrix || !way) return null;
  if (data.isBias()) return biasPicture(state, matrix);
  if (data.isOfDistance()) return distancePicture(state, data, matrix);
  const { say, numbers } = state;
  const { rows, columns } = matrix;
  const isRotary = way.meta.encoding === "rotary";
  const { first } = way.meta;
  const column = say(isRotary ? POSITIONS.pair : POSITIONS.dimension);
  return {
    rows: labelsOf(state, rows, first),
    columns: count(columns),
    rowName: say(POSITIONS.position),
    columnName: column,
    data: matrix.data,
    colours: heatColours(state, matrix.data, {
      label: say(isRotary ? POSITIONS.angle : POSITIONS.row),
      ...(way.meta.encoding === "learned" ? { setsAside: true } : { limit: 1 }),
    }),
    write: writerOf(state),
    says(row, place) {
      const named = row === null ? [] : [tokenAt(state, row, first)];
      if (place === null) return named;
      const of = `${column} ${place}`;
      if (row === null) return [of];
      const value = numbers.exact(cell(matrix, row, place));
      if (!isRotary) return [...named, of, value];
      const step = data.angle(first + 1, place);
      const angle = numbers.exact(data.angle(row, place));
      const length = numbers.glance((2 * Math.PI) / step);
      const turn = Number.isNaN(step) ? [] : [say(POSITIONS.angleOf, { angle, length })];
      return [...named, of, ...turn, `cos ${value}`];
    },
    selectedRow: state.selected.value,
    hoveredRow: state.query.value,
    isMuted: mutedIn(state),
    isFiller: (index, isRow) => isRow && isPadding(state, index),
  };
}

function biasPicture(state: AppState, matrix: Matrix): HeatPicture {
  const { say, numbers } = state;
  const { rows, columns } = matrix;
  const n = (columns + 1) / 2;
  const { value: head } = state.focusHead;
  return {
    rows: count(rows),
    columns: count(columns, 1 - n),
    rowName: say(POSITIONS.head),
    columnName: say(POSITIONS.distance),
    data: matrix.data,
    colours: heatColours(state, matrix.data, { label: say(POSITIONS.biases), isEmptyNaN: true }),
    write: writerOf(state),
    says(row, column) {
      const named = row === null ? [] : [`${say(POSITIONS.head)} ${row}`];
      if (column === null) return named;
      const distance = distanceOf(state, column + 1 - n);
      if (row === null) return [distance];
      const value = cell(matrix, row, column);
      const said = Number.isNaN(value)
        ? say(POSITIONS.unseen)
        : `${say(POSITIONS.bias)} ${numbers.exact(value)}`;
      return [...named, distance, said];
    },
    selectedRow: head === null ? null : Math.min(head, rows - 1),
  };
}

/** Distance × dimension. */
function distancePicture(state: AppState, data: PositionData, matrix: Matrix): HeatPicture {
  const { say, numbers } = state;
  const { rows, columns } = matrix;
  const n = (rows + 1) / 2;
  const column = say(POSITIONS.dimension);
  return {
    rows: count(rows, 1 - n),
    columns: count(columns),
    rowName: say(POSITIONS.distance),
    columnName: column,
    data: matrix.data,
    colours: heatColours(state, matrix.data, {
      label: say(POSITIONS.row),
      ...(data.way.value?.meta.encoding === "relative_table" ? { setsAside: true } : { limit: 1 }),
    }),
    write: writerOf(state),
    says(row, place) {
      const of = place === null ? [] : [`${column} ${place}`];
      if (row === null) return of;
      const bucket = say(POSITIONS.bucketIs, { n: numbers.fixed(data.bucket(row), 0) });
      const value = place === null ? [] : [numbers.exact(cell(matrix, row, place))];
      return [distanceOf(state, row + 1 - n), bucket, ...of, ...value];
    },
    selectedRow: chosenDistance(state, n),
  };
}

/** Of the query and the key that are selected the row of their distance. */
function chosenDistance({ selected, selectedKey, sides }: AppState, n: number): number | null {
  const [query, key] = [selected.value, sides.value.same ? selectedKey.value : null];
  return query === null || key === null || query >= n || key >= n ? null : query - key + n - 1;
}

/** Position × position. */
export function pairsPicture(state: AppState, data: PositionData): HeatPicture | null {
  const { value: matrix } = data.pairs;
  const { value: way } = data.way;
  if (!matrix || !way) return null;
  const { say, numbers } = state;
  const { rows, columns } = matrix;
  const isBias = data.isBias();
  const { first } = way.meta;
  const isRotary = way.meta.encoding === "rotary";
  const head = String(Math.min(state.focusHead.value ?? 0, (way.meta.n_heads ?? 1) - 1));
  const isOfDistance = data.isOfDistance();
  const named = isOfDistance ? POSITIONS.bucket : isRotary ? POSITIONS.left : POSITIONS.cosine;
  const name = isBias ? say(POSITIONS.biasOf, { head }) : say(named);
  const { value: over } = state.hovered;
  return {
    rows: labelsOf(state, rows, first),
    columns: labelsOf(state, columns, first),
    rowName: say(POSITIONS.query),
    columnName: say(POSITIONS.key),
    data: matrix.data,
    colours: heatColours(state, matrix.data, {
      label: name,
      ...(isBias ? { isEmptyNaN: true } : isOfDistance ? {} : { limit: 1 }),
    }),
    write: writerOf(state),
    says(row, column) {
      if (row === null) return column === null ? [] : [tokenAt(state, column, first)];
      if (column === null) return [tokenAt(state, row, first)];
      const value = cell(matrix, row, column);
      return [
        tokenAt(state, row, first),
        tokenAt(state, column, first),
        distanceOf(state, row - column),
        isOfDistance
          ? say(POSITIONS.bucketIs, { n: numbers.fixed(value, 0) })
          : Number.isNaN(value)
            ? say(POSITIONS.unseen)
            : `${name} ${numbers.exact(value)}`,
      ];
    },
    selectedRow: state.selected.value,
    ...(state.sides.value.same && {
      selectedColumn: state.selectedKey.value, // other tokens in cross-attention
      hoveredColumn: over?.as === "key" ? over.token : null,
    }),
    hoveredRow: state.query.value,
    isMuted: mutedIn(state),
    isFiller: (index) => isPadding(state, index),
    isSquare: true,
  };
}
