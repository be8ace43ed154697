/** Attention as pictures: small ones of every head as in measures/summaries.py, tiles as in measures/heatmaps.py. */

import { SAMPLED_QUERIES } from "../trace/contract";
import type { Tensor } from "../trace/tensor";
import { type Maps, together } from "./layer_maps";

/** As in measures/summaries.py. */
const THUMBNAIL_SIDE = 32;
const [THUMBNAIL_LEVELS, THUMBNAIL_NAN] = [254, 255];

/** As in measures/heatmaps.py. */
const TILE = 512;

/** (head, y, x): 254·√weight of the largest in each cell. */
export function thumbnailsOf(maps: Maps): Tensor {
  const rows = Math.min(maps.queries, SAMPLED_QUERIES);
  const [height, width] = [Math.min(THUMBNAIL_SIDE, rows), Math.min(THUMBNAIL_SIDE, maps.keys)];
  const columnOf = cellOf(maps.keys, width);
  const bandOf = cellOf(rows, height);
  const data = new Uint8Array(maps.heads * height * width);
  const row = new Float32Array(maps.keys);
  for (let head = 0; head < maps.heads; head++) {
    const largest = new Float32Array(height * width).fill(Number.NaN);
    for (let index = 0; index < rows; index++) {
      maps.read(head, Math.floor((index * maps.queries) / rows), row, 0);
      const start = (bandOf[index] ?? 0) * width;
      for (let key = 0; key < row.length; key++) {
        const place = start + (columnOf[key] ?? 0);
        const weight = row[key] ?? 0;
        if (!((largest[place] ?? 0) >= weight) && !Number.isNaN(weight)) largest[place] = weight;
      }
    }
    largest.forEach((weight, cell) => {
      const level = Math.round(THUMBNAIL_LEVELS * Math.sqrt(Math.min(1, Math.max(0, weight))));
      data[head * height * width + cell] = Number.isNaN(weight) ? THUMBNAIL_NAN : level;
    });
  }
  return { shape: [maps.heads, height, width], data };
}

/** Which of `cells` each of `size` falls into; a cell begins at cell · size / cells, rounded down. */
function cellOf(size: number, cells: number): Int32Array {
  const found = new Int32Array(size);
  for (let cell = 0; cell < cells; cell++) found.fill(cell, Math.floor((cell * size) / cells));
  return found;
}

export interface Together {
  heads: readonly number[];
  how: "mean" | "maximum";
}

/** (y, x): the largest of pooling × pooling weights, or of what share they are of their row's. */
export function tileOf(
  maps: Maps,
  { heads, how }: Together,
  scale: string,
  pooling: number,
  tile: { row: number; column: number },
): Tensor {
  const span = TILE * pooling;
  const [top, left] = [tile.row * span, tile.column * span];
  const bottom = Math.min(maps.queries, top + span);
  const right = Math.min(maps.keys, left + span);
  const [height, width] = [
    Math.ceil((bottom - top) / pooling),
    Math.ceil((right - left) / pooling),
  ];
  const data = new Float32Array(height * width).fill(Number.NEGATIVE_INFINITY);
  for (let query = top; query < bottom; query++) {
    const row = together(maps, heads, how, query);
    let most = 1;
    if (scale === "share") {
      most = Number.NaN;
      for (const weight of row) if (!(most >= weight) && !Number.isNaN(weight)) most = weight;
    }
    const start = Math.floor((query - top) / pooling) * width;
    for (let key = left; key < right; key++) {
      const weight = row[key] ?? 0;
      const share = most > 0 ? weight / most : weight * 0; // NaN stays NaN
      const place = start + Math.floor((key - left) / pooling);
      data[place] = Math.max(data[place] ?? 0, share);
    }
  }
  return { shape: [height, width], data };
}

/** (query + key, 4): sum, least, least above 0, most; NaN counts in the sum alone. */
export function marginsOf(maps: Maps, { heads, how }: Together): Tensor {
  const count = maps.queries + maps.keys;
  const data = new Float32Array(4 * count).fill(Number.NaN);
  const sums = new Float64Array(count);
  const note = (line: number, weight: number) => {
    const place = 4 * line;
    sums[line] = (sums[line] ?? 0) + weight;
    if (Number.isNaN(weight)) return;
    if (!((data[place + 1] ?? 0) <= weight)) data[place + 1] = weight;
    if (weight > 0 && !((data[place + 2] ?? 0) <= weight)) data[place + 2] = weight;
    if (!((data[place + 3] ?? 0) >= weight)) data[place + 3] = weight;
  };
  for (let query = 0; query < maps.queries; query++) {
    together(maps, heads, how, query).forEach((weight, key) => {
      note(query, weight);
      note(maps.queries + key, weight);
    });
  }
  sums.forEach((sum, line) => {
    data[4 * line] = sum;
  });
  return { shape: [count, 4], data };
}
