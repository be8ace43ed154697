/** A matrix of the calculation as it is drawn: its numbers, or what stands for blocks of them. */

import { type Range, rangeAboutZero, UNIT_RANGE } from "../../draw/range";
import { fartherShown } from "../../measures/farther";
import { type Axis, STEPS, type StepMeta, type StepName } from "../../trace/calculation";
import type { Numbers, Tensor } from "../../trace/tensor";

/** How many rows and columns a number of a picture stands for. */
export interface Pooling {
  readonly down: number;
  readonly across: number;
}

export interface Matrix {
  readonly name: StepName;
  readonly rows: Axis;
  readonly columns: Axis;
  /** Of the matrix itself. */
  readonly shape: readonly [rows: number, columns: number];
  /** Of the numbers that are here. */
  readonly size: readonly [rows: number, columns: number];
  readonly pooling: Pooling;
  readonly isTransposed: boolean;
  readonly data: Numbers;
  /** Of the numbers that are here. */
  cell(row: number, column: number): number;
  /** The number for a row and a column of the matrix: that of its block. */
  at(row: number, column: number): number;
  /** Of the colours. */
  readonly range: Range;
}

/** A whole matrix of so many numbers crosses at once. */
const WHOLE = 2 ** 19;
const FINE = 512;

/** By powers of two, until no more numbers are left than `most` each way. */
export function poolingOf([rows, columns]: StepMeta["shape"], most: number): Pooling {
  const step = (count: number) => 2 ** Math.max(0, Math.ceil(Math.log2(count / most)));
  return { down: step(rows), across: step(columns) };
}

/** Of a matrix that is looked at closely. */
export const finePooling = (shape: StepMeta["shape"]): Pooling =>
  shape[0] * shape[1] <= WHOLE ? { down: 1, across: 1 } : poolingOf(shape, FINE);

export const isWhole = ({ down, across }: Pooling): boolean => down === 1 && across === 1;

/** Weights, and what is left of them for a sink. */
export const isShare = (name: string): boolean => name === "weights" || name === "sunk";

const ranges = new WeakMap<Numbers, Range>();

function rangeOf(name: StepName, data: Numbers): Range {
  if (isShare(name)) return UNIT_RANGE;
  const range = ranges.get(data) ?? rangeAboutZero(data);
  ranges.set(data, range);
  return range;
}

export function matrixOf(
  { name, shape }: Pick<StepMeta, "name" | "shape">,
  tensor: Tensor,
  pooling: Pooling,
): Matrix {
  const [height = 0, width = 1] = tensor.shape;
  const { data } = tensor;
  const { down, across } = pooling;
  const [rows, columns] = STEPS[name];
  const cell = (row: number, column: number) => data[row * width + column] ?? Number.NaN;
  return {
    name,
    rows,
    columns,
    shape,
    size: [height, width],
    pooling,
    isTransposed: false,
    data,
    cell,
    at: (row, column) => cell(Math.floor(row / down), Math.floor(column / across)),
    range: rangeOf(name, data),
  };
}

/** Rows are its columns, and columns its rows. */
export function transposed(matrix: Matrix): Matrix {
  const { rows, columns, shape, size, pooling, at, cell } = matrix;
  return {
    ...matrix,
    rows: columns,
    columns: rows,
    shape: [shape[1], shape[0]],
    size: [size[1], size[0]],
    pooling: { down: pooling.across, across: pooling.down },
    isTransposed: !matrix.isTransposed,
    cell: (row, column) => cell(column, row),
    at: (row, column) => at(column, row),
  };
}

/** Numbers in rows, so few that each has a pixel: of several the one that stands for them. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  /** Numbers of the matrix for one of the picture. */
  readonly pooling: Pooling;
}

/** @param most pixels that there are, across and down. */
export function pictureOf(
  { size, cell, pooling }: Matrix,
  most: { readonly width: number; readonly height: number },
): Picture {
  const step = (count: number, pixels: number) =>
    Math.max(1, Math.ceil(count / Math.max(1, Math.floor(pixels))));
  const [down, across] = [step(size[0], most.height), step(size[1], most.width)];
  const [height, width] = [Math.ceil(size[0] / down), Math.ceil(size[1] / across)];
  const values = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < size[0]; row++) {
    const start = Math.floor(row / down) * width;
    for (let column = 0; column < size[1]; column++) {
      const place = start + Math.floor(column / across);
      values[place] = fartherShown(values[place] ?? 0, cell(row, column));
    }
  }
  return {
    width,
    height,
    values,
    pooling: { down: down * pooling.down, across: across * pooling.across },
  };
}
