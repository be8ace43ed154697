/** The attention of a layer, read a row at a time: what all else is derived from. */

import type { Numbers, Tensor } from "../trace/tensor";

export interface Maps {
  heads: number;
  queries: number;
  keys: number;
  /** Writes the weights of a query over all keys; NaN for a head that is not there. */
  read(head: number, query: number, into: Float32Array, at: number): void;
  /** How many weights of a head are NaN. */
  countNaN(head: number): number;
}

/** (head, query, key) */
export function wholeOf(maps: Maps): Tensor {
  const { heads, queries, keys } = maps;
  const data = new Float32Array(heads * queries * keys);
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < queries; query++) {
      maps.read(head, query, data, (head * queries + query) * keys);
    }
  }
  return { shape: [heads, queries, keys], data };
}

/** (head, key): mean over these queries. */
export function meanRows(maps: Maps, queries: readonly number[]): Tensor {
  const { heads, keys } = maps;
  const data = new Float32Array(heads * keys);
  const row = new Float32Array(keys);
  for (let head = 0; head < heads; head++) {
    const sums = new Float64Array(keys);
    for (const query of queries) {
      maps.read(head, query, row, 0);
      for (let key = 0; key < keys; key++) sums[key] = (sums[key] ?? 0) + (row[key] ?? 0);
    }
    for (let key = 0; key < keys; key++) {
      data[head * keys + key] = (sums[key] ?? 0) / queries.length;
    }
  }
  return { shape: [heads, keys], data };
}

/** (head): how many weights are NaN. */
export function countNaNs(maps: Maps, held: readonly number[]): Tensor {
  const data = new Int32Array(maps.heads);
  for (const head of held) data[head] = maps.countNaN(head);
  return { shape: [maps.heads], data };
}

/** A query's weights in some heads as one row: their mean, or the largest of each key. */
export function together(
  maps: Maps,
  heads: readonly number[],
  how: "mean" | "maximum",
  query: number,
): Numbers {
  const row = new Float32Array(maps.keys);
  if (how === "maximum") {
    const one = new Float32Array(maps.keys);
    heads.forEach((head, index) => {
      maps.read(head, query, index ? one : row, 0);
      if (!index) return;
      for (let key = 0; key < row.length; key++) {
        row[key] = Math.max(row[key] ?? 0, one[key] ?? 0); // NaN stays NaN
      }
    });
    return row;
  }
  const sums = new Float64Array(maps.keys);
  for (const head of heads) {
    maps.read(head, query, row, 0);
    for (let key = 0; key < row.length; key++) sums[key] = (sums[key] ?? 0) + (row[key] ?? 0);
  }
  for (let key = 0; key < row.length; key++) row[key] = (sums[key] ?? 0) / heads.length;
  return row;
}
