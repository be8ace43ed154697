/** What the margins of a map tell: `map_margins` of tensor_key.ts. */

import { type Numbers, shapeAt, type Tensor } from "../trace/tensor";

/** Rows of the queries, then of the keys: sum, least, least above 0, most. */
export interface Margins {
  readonly data: Numbers;
  readonly queries: number;
  isPadding(query: number): boolean;
  /** Those that have numbers and are no padding: what keys receive is from these. */
  readonly numbered: number;
  /** Of all weights that are numbers; NaN where there is none. */
  readonly least: number;
  readonly most: number;
  /** The same of the shares of their rows. */
  readonly leastShare: number;
}

export const sumOf = ({ data }: Margins, row: number): number => data[4 * row] ?? Number.NaN;
export const mostOf = ({ data }: Margins, row: number): number => data[4 * row + 3] ?? Number.NaN;

/** The one farthest from 0: of weights the largest, of differences maybe one below. */
export function farthestOf(margins: Margins, row: number): number {
  const [least, most] = [margins.data[4 * row + 1] ?? Number.NaN, mostOf(margins, row)];
  return Math.max(Math.abs(least), Math.abs(most));
}

/** Mean attention that a key gets from the queries; the sum is NaN where one of them is lost. */
export const received = (margins: Margins, key: number): number =>
  sumOf(margins, margins.queries + key) / (margins.numbered || margins.queries);

export function readMargins(
  data: Numbers,
  queries: number,
  isPadding: (query: number) => boolean = () => false,
): Margins {
  const found = {
    least: Number.NaN,
    most: Number.NaN,
    leastShare: Number.NaN,
  };
  const lower = (name: keyof typeof found, value: number) => {
    if (!(found[name] <= value) && !Number.isNaN(value)) found[name] = value;
  };
  let numbered = 0;
  for (let query = 0; query < queries; query++) {
    const [least = Number.NaN, , most = Number.NaN] = data.subarray(4 * query + 1, 4 * query + 4);
    lower("least", least);
    lower("leastShare", most > 0 ? least / most : 0); // of weights
    if (!Number.isNaN(most) && !isPadding(query)) numbered++;
    if (!(found.most >= most) && !Number.isNaN(most)) found.most = most;
  }
  return { data, queries, isPadding, numbered, ...found };
}

/** Each row divided by its largest weight, or by the size of its largest difference. */
export function sharesOf(tile: Tensor, margins: Margins, firstQuery: number): Tensor {
  const width = shapeAt(tile, 1);
  const data = Float32Array.from(tile.data);
  for (let row = 0; row < shapeAt(tile, 0); row++) {
    const most = farthestOf(margins, firstQuery + row);
    for (let cell = row * width; cell < (row + 1) * width; cell++) {
      if (most > 0) data[cell] = (data[cell] ?? 0) / most;
    }
  }
  return { shape: tile.shape, data };
}
