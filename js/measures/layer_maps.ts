/** The attention of a layer, read a row at a time: what all else is derived from. */

import { at, type Numbers, shapeAt, type Tensor } from "../trace/tensor";
import { combined, countNaN, minus } from "./attention_rows";
import type { Combine } from "./edges";

/** Of a padded row of a batch, what is not padding: it alone counts in means and small pictures. */
export interface Own {
  readonly queries: readonly number[];
  readonly keys: readonly number[];
}

export interface Maps {
  heads: number;
  queries: number;
  keys: number;
  /** Weights of a query over all keys, not to be written to; NaN for a head that is not there. */
  row(head: number, query: number): Numbers;
  /** How many weights of a head are NaN. */
  countNaN(head: number): number;
  /** Queries and keys that are no padding; all of them where this is not said. */
  own?: Own | undefined;
  /** Whether rows hold no shares of 1: numbers without a common end, maybe below 0. */
  isUnbounded?: boolean;
  /** Whether queries whose rows are NaN are tokens that the pass has not, beside another. */
  lacksTokens?: boolean;
  /** Where the whole of it is here. */
  layer?: Tensor;
  /** Where the rows are differences: that before edits, and that after them. */
  passes?: readonly [before: Maps, after: Maps];
}

/** Of a whole layer (head, query, key). */
export function mapsOf(layer: Tensor, isUnbounded = false): Maps {
  const [heads, queries, keys] = [shapeAt(layer, 0), shapeAt(layer, 1), shapeAt(layer, 2)];
  const part = (row: number, rows: number) => layer.data.subarray(row * keys, (row + rows) * keys);
  return {
    heads,
    queries,
    keys,
    row: (head, query) => part(head * queries + query, 1),
    countNaN: (head) => countNaN(part(head * queries, queries)),
    layer,
    isUnbounded,
  };
}

/** That after edits minus that before; of heads together, what they make minus what they made. */
export function differenceMaps(before: Maps, after: Maps): Maps {
  const { heads, queries, keys, own } = before;
  const row = (head: number, query: number) =>
    minus(after.row(head, query), before.row(head, query));
  return {
    heads,
    queries,
    keys,
    own,
    row,
    countNaN(head) {
      let count = 0;
      for (let query = 0; query < queries; query++) count += countNaN(row(head, query));
      return count;
    },
    isUnbounded: true,
    passes: [before, after],
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
    if (queries.length === 1) {
      data.set(maps.row(head, queries[0] ?? 0), head * keys);
      continue;
    }
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

const isEmpty = (row: Numbers): boolean => countNaN(row) === row.length;

/** The queries of a map that count in means. */
export const ownQueries = ({ own, queries }: Maps): readonly number[] =>
  own?.queries ?? [...Array(queries).keys()];

/** (head, key): mean over all queries that there are and that are no padding; of two passes the difference of the means. */
export function receivedMeans(maps: Maps): Tensor {
  const { heads, passes, lacksTokens } = maps;
  if (passes) {
    const [before, after] = [receivedMeans(passes[0]), receivedMeans(passes[1])];
    return { shape: after.shape, data: minus(after.data, before.data) };
  }
  // All heads have the rows of the same tokens.
  const there = (query: number) =>
    !lacksTokens || [...Array(heads).keys()].some((head) => !isEmpty(maps.row(head, query)));
  return meanRows(maps, ownQueries(maps).filter(there));
}

/** Whether a row is of no part in what keys receive: a pass has not the token beside another. */
export const isLeftOut = ({ passes }: Maps, row: Numbers): boolean =>
  (passes?.some(({ lacksTokens }) => lacksTokens) ?? false) && isEmpty(row);

/** (head): how many weights are NaN. */
export function countNaNs(maps: Maps): Tensor {
  const data = Int32Array.from({ length: maps.heads }, (_, head) => maps.countNaN(head));
  return { shape: [maps.heads], data };
}

/** (1): the size of the weight that is farthest from 0. */
export function layerLargest({ heads, queries, row }: Maps): Tensor {
  let most = 0;
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < queries; query++) {
      for (const weight of row(head, query)) {
        const size = Math.abs(weight);
        if (size > most) most = size; // NaN is none
      }
    }
  }
  return { shape: [1], data: Float32Array.of(most) };
}

/** What a layer's heads make together: its tile, its margins and its lines are all made of it. */
const known = new WeakMap<Tensor, { name: string; map: Numbers }>();

function mapTogether(layer: Tensor, heads: readonly number[], how: Combine): Numbers {
  const name = `${how} ${heads}`;
  const last = known.get(layer);
  if (last?.name === name) return last.map;
  const map = combined(
    heads.map((head) => at(layer, head)),
    how,
  );
  known.set(layer, { name, map });
  return map;
}

/** Rows of some heads as one: their mean, or the largest of each key. */
export function together(
  maps: Maps,
  heads: readonly number[],
  how: Combine,
): (query: number) => Numbers {
  const { layer, keys, row, passes } = maps;
  if (passes) {
    const [was, now] = [together(passes[0], heads, how), together(passes[1], heads, how)];
    return (query) => minus(now(query), was(query));
  }
  const [first = 0, ...rest] = heads;
  if (!rest.length) return (query) => row(first, query);
  if (!layer) {
    return (query) =>
      combined(
        heads.map((head) => row(head, query)),
        how,
      );
  }
  const map = mapTogether(layer, heads, how);
  return (query) => map.subarray(query * keys, (query + 1) * keys);
}
