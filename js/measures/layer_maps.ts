/** The attention of a layer, read a row at a time: what all else is derived from. */

import { type Numbers, shapeAt, type Tensor } from "../trace/tensor";
import { combined, countNaN } from "./attention_rows";

export interface Maps {
  heads: number;
  queries: number;
  keys: number;
  /** Weights of a query over all keys, not to be written to; NaN for a head that is not there. */
  row(head: number, query: number): Numbers;
  /** How many weights of a head are NaN. */
  countNaN(head: number): number;
}

/** Of a whole layer (head, query, key). */
export function mapsOf(layer: Tensor): Maps {
  const [heads, queries, keys] = [shapeAt(layer, 0), shapeAt(layer, 1), shapeAt(layer, 2)];
  const part = (row: number, rows: number) => layer.data.subarray(row * keys, (row + rows) * keys);
  return {
    heads,
    queries,
    keys,
    row: (head, query) => part(head * queries + query, 1),
    countNaN: (head) => countNaN(part(head * queries, queries)),
  };
}

/** (head, query, key) */
export function wholeOf(maps: Maps): Tensor {
  const { heads, queries, keys } = maps;
  const data = new Float32Array(heads * queries * keys);
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < queries; query++) {
      data.set(maps.row(head, query), (head * queries + query) * keys);
    }
  }
  return { shape: [heads, queries, keys], data };
}

/** (head, key): mean over these queries. */
export function meanRows(maps: Maps, queries: readonly number[]): Tensor {
  const { heads, keys } = maps;
  const data = new Float32Array(heads * keys);
  for (let head = 0; head < heads; head++) {
    const sums = new Float64Array(keys);
    for (const query of queries) {
      const row = maps.row(head, query);
      for (let key = 0; key < keys; key++) sums[key] = (sums[key] ?? 0) + (row[key] ?? 0);
    }
    for (let key = 0; key < keys; key++) {
      data[head * keys + key] = (sums[key] ?? 0) / (queries.length || 1);
    }
  }
  return { shape: [heads, keys], data };
}

/** (head): how many weights are NaN. */
export function countNaNs(maps: Maps): Tensor {
  const data = Int32Array.from({ length: maps.heads }, (_, head) => maps.countNaN(head));
  return { shape: [maps.heads], data };
}

/** A query's weights in some heads as one row: their mean, or the largest of each key. */
export const together = (
  maps: Maps,
  heads: readonly number[],
  how: "mean" | "maximum",
  query: number,
): Numbers =>
  combined(
    heads.map((head) => maps.row(head, query)),
    how,
  );
