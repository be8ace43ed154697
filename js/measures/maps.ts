import { at, type Numbers, shapeAt, type Tensor } from "../trace/tensor";
import { meanOf } from "./attention_rows";

export type Together = "mean" | "maximum";
export type Scale = "weight" | "share";

/** Rows of the queries, then of the keys: sum, least, least above 0, most. */
export interface Margins {
  readonly data: Numbers;
  readonly queries: number;
  /** Of all weights that are numbers; NaN where there is none. */
  readonly least: number;
  readonly leastPositive: number;
  readonly most: number;
  /** The same of the shares of their rows. */
  readonly leastShare: number;
  readonly leastPositiveShare: number;
}

export const sumOf = ({ data }: Margins, row: number): number => data[4 * row] ?? Number.NaN;
export const mostOf = ({ data }: Margins, row: number): number => data[4 * row + 3] ?? Number.NaN;

/** Mean attention that a key gets from the queries. */
export const received = (margins: Margins, key: number): number =>
  sumOf(margins, margins.queries + key) / margins.queries;

/** The largest weight that each key gets. */
export const mostByKey = ({ data, queries }: Margins): number[] =>
  Array.from(
    { length: data.length / 4 - queries },
    (_, key) => data[4 * (queries + key) + 3] ?? Number.NaN,
  );

export function readMargins(data: Numbers, queries: number): Margins {
  const found = {
    least: Number.NaN,
    leastPositive: Number.NaN,
    most: Number.NaN,
    leastShare: Number.NaN,
    leastPositiveShare: Number.NaN,
  };
  const lower = (name: keyof typeof found, value: number) => {
    if (!(found[name] <= value) && !Number.isNaN(value)) found[name] = value;
  };
  for (let query = 0; query < queries; query++) {
    const [least = Number.NaN, positive = Number.NaN, most = Number.NaN] = data.subarray(
      4 * query + 1,
      4 * query + 4,
    );
    lower("least", least);
    lower("leastPositive", positive);
    lower("leastShare", most > 0 ? least / most : 0);
    lower("leastPositiveShare", positive / most);
    if (!(found.most >= most) && !Number.isNaN(most)) found.most = most;
  }
  return { data, queries, ...found };
}

/** The map of heads together, of a whole layer (head, query, key). */
export function togetherOf(layer: Tensor, heads: readonly number[], together: Together): Numbers {
  const maps = heads.map((head) => at(layer, head));
  if (together === "mean" || maps.length < 2) return meanOf(maps);
  const most = Float32Array.from(maps[0] ?? []);
  for (const map of maps.slice(1)) {
    for (let cell = 0; cell < most.length; cell++) {
      most[cell] = Math.max(most[cell] ?? 0, map[cell] ?? 0); // NaN stays NaN
    }
  }
  return most;
}

export function marginsOf(map: Numbers, queries: number, keys: number): Margins {
  const data = new Float32Array(4 * (queries + keys)).fill(Number.NaN);
  const sums = new Float64Array(queries + keys);
  const count = (row: number, weight: number) => {
    const place = 4 * row;
    sums[row] = (sums[row] ?? 0) + weight;
    if (Number.isNaN(weight)) return;
    if (!((data[place + 1] ?? 0) <= weight)) data[place + 1] = weight;
    if (weight > 0 && !((data[place + 2] ?? 0) <= weight)) data[place + 2] = weight;
    if (!((data[place + 3] ?? 0) >= weight)) data[place + 3] = weight;
  };
  for (let query = 0; query < queries; query++) {
    for (let key = 0; key < keys; key++) {
      const weight = map[query * keys + key] ?? Number.NaN;
      count(query, weight);
      count(queries + key, weight);
    }
  }
  sums.forEach((sum, row) => {
    data[4 * row] = sum;
  });
  return readMargins(data, queries);
}

/** Each row divided by its largest weight. */
export function sharesOf(tile: Tensor, margins: Margins, firstQuery: number): Tensor {
  const width = shapeAt(tile, 1);
  const data = Float32Array.from(tile.data);
  for (let row = 0; row < shapeAt(tile, 0); row++) {
    const most = mostOf(margins, firstQuery + row);
    for (let cell = row * width; cell < (row + 1) * width; cell++) {
      if (most > 0) data[cell] = (data[cell] ?? 0) / most;
    }
  }
  return { shape: tile.shape, data };
}

/** The largest of each pooling × pooling numbers; NaN where one of them is. */
export function pooled(tile: Tensor, pooling: number): Tensor {
  if (pooling === 1) return tile;
  const [height, width] = [shapeAt(tile, 0), shapeAt(tile, 1)];
  const [rows, columns] = [Math.ceil(height / pooling), Math.ceil(width / pooling)];
  const data = new Float32Array(rows * columns).fill(Number.NEGATIVE_INFINITY);
  for (let y = 0; y < height; y++) {
    const start = Math.floor(y / pooling) * columns;
    for (let x = 0; x < width; x++) {
      const place = start + Math.floor(x / pooling);
      data[place] = Math.max(data[place] ?? 0, tile.data[y * width + x] ?? 0);
    }
  }
  return { shape: [rows, columns], data };
}
