/** Attention as a picture, query × key, as in measures/heatmaps.py. */

import type { Tensor } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";
import { farther } from "./farther";
import { isLeftOut, type Maps, together } from "./layer_maps";

/** As in measures/heatmaps.py. */
export const TILE = 512;

/**
 * (y, x): the largest of pooling × pooling weights, or of what share they are of their row's; of
 * differences, which may lie below 0, the one farthest from it.
 */
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
  const data = new Float32Array(height * width);
  const isExact = scale === "weight" && pooling === 1;
  const rowOf = together(maps, heads, tile.together);
  for (let query = top; query < bottom; query++) {
    const row = rowOf(query);
    if (isExact) {
      data.set(row.subarray(left, right), (query - top) * width);
      continue;
    }
    let most = 1;
    if (scale === "share") {
      most = Number.NaN;
      for (const weight of row) {
        const size = Math.abs(weight);
        if (!(most >= size) && !Number.isNaN(size)) most = size;
      }
    }
    const start = Math.floor((query - top) / pooling) * width;
    for (let key = left; key < right; key++) {
      const weight = row[key] ?? 0;
      const share = most > 0 ? weight / most : weight * 0; // NaN stays NaN
      const place = start + Math.floor((key - left) / pooling);
      data[place] = farther(data[place] ?? 0, share);
    }
  }
  return { shape: [height, width], data };
}

/**
 * (query + key, 4): sum, least, least above 0, most; NaN counts in the sum alone. Keys receive
 * nothing from a query without a partner, nor from padding.
 */
export function mapMargins(maps: Maps, of: AxesOf<"map_margins">): Tensor {
  const { queries, keys } = maps;
  const data = new Float32Array(4 * (queries + keys));
  const sums = new Float64Array(keys);
  const [leasts, positives, mosts] = [nothing(keys), nothing(keys), nothing(keys)];
  const rowOf = together(maps, of.heads, of.together);
  const own = maps.own && new Set(maps.own.queries);
  let place = 0;
  // By hand, and the row's own numbers in variables: every weight of a map comes by here.
  for (let query = 0; query < queries; query++) {
    const row = rowOf(query);
    if (isLeftOut(maps, row)) {
      data.fill(Number.NaN, place, place + 4);
      place += 4;
      continue;
    }
    const counts = own?.has(query) ?? true; // in what keys receive
    let sum = 0;
    let least = Number.NaN;
    let positive = Number.NaN;
    let most = Number.NaN;
    for (let key = 0; key < row.length; key++) {
      const weight = row[key] as number;
      sum += weight;
      if (counts) sums[key] = (sums[key] as number) + weight;
      if (Number.isNaN(weight)) continue;
      if (!(least <= weight)) least = weight;
      if (!(most >= weight)) most = weight;
      if (!counts) {
        if (weight > 0 && !(positive <= weight)) positive = weight;
        continue;
      }
      if (!((leasts[key] as number) <= weight)) leasts[key] = weight;
      if (!((mosts[key] as number) >= weight)) mosts[key] = weight;
      if (!(weight > 0)) continue;
      if (!(positive <= weight)) positive = weight;
      if (!((positives[key] as number) <= weight)) positives[key] = weight;
    }
    data[place++] = sum;
    data[place++] = least;
    data[place++] = positive;
    data[place++] = most;
  }
  for (let key = 0; key < keys; key++) {
    for (const numbers of [sums, leasts, positives, mosts]) data[place++] = numbers[key] as number;
  }
  return { shape: [queries + keys, 4], data };
}

const nothing = (size: number) => new Float32Array(size).fill(Number.NaN);
