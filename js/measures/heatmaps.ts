/** Attention as a picture, query × key, as in measures/heatmaps.py. */

import type { Tensor } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";
import { type Maps, together } from "./layer_maps";

/** As in measures/heatmaps.py. */
export const TILE = 512;

/** (y, x): the largest of pooling × pooling weights, or of what share they are of their row's. */
export function mapTile(maps: Maps, tile: AxesOf<"map_tile">): Tensor {
  const { heads, scale, pooling } = tile;
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
    const row = together(maps, heads, tile.together, query);
    if (scale === "weight" && pooling === 1) {
      data.set(row.subarray(left, right), (query - top) * width);
      continue;
    }
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
export function mapMargins(maps: Maps, of: AxesOf<"map_margins">): Tensor {
  const count = maps.queries + maps.keys;
  const data = new Float32Array(4 * count).fill(Number.NaN);
  const sums = new Float64Array(count);
  const note = (place: number, weight: number) => {
    if (!((data[place + 1] as number) <= weight)) data[place + 1] = weight;
    if (weight > 0 && !((data[place + 2] as number) <= weight)) data[place + 2] = weight;
    if (!((data[place + 3] as number) >= weight)) data[place + 3] = weight;
  };
  for (let query = 0; query < maps.queries; query++) {
    const row = together(maps, of.heads, of.together, query);
    for (let key = 0, line = maps.queries; key < row.length; key++, line++) {
      const weight = row[key] as number;
      sums[query] = (sums[query] as number) + weight;
      sums[line] = (sums[line] as number) + weight;
      if (Number.isNaN(weight)) continue;
      note(4 * query, weight);
      note(4 * line, weight);
    }
  }
  sums.forEach((sum, line) => {
    data[4 * line] = sum;
  });
  return { shape: [count, 4], data };
}
