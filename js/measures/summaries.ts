/** Heads at a glance, as in measures/summaries.py: small pictures of their attention. */

import type { Tensor } from "../trace/tensor";
import { farther } from "./farther";
import type { Maps } from "./layer_maps";

/** As in measures/summaries.py. */
export const SAMPLED_QUERIES = 512;
const THUMBNAIL_SIDE = 32;
const [THUMBNAIL_LEVELS, THUMBNAIL_NAN] = [254, 255];

/** (head, y, x): 254·√weight of the largest in each cell. */
export function thumbnails(maps: Maps): Tensor {
  const rows = Math.min(maps.queries, SAMPLED_QUERIES);
  const [height, width] = [Math.min(THUMBNAIL_SIDE, rows), Math.min(THUMBNAIL_SIDE, maps.keys)];
  const columnOf = cellOf(maps.keys, width);
  const bandOf = cellOf(rows, height);
  const data = new Uint8Array(maps.heads * height * width);
  for (let head = 0; head < maps.heads; head++) {
    const largest = new Float32Array(height * width).fill(Number.NaN);
    for (let index = 0; index < rows; index++) {
      const row = maps.row(head, Math.floor((index * maps.queries) / rows));
      const start = (bandOf[index] ?? 0) * width;
      for (let key = 0; key < row.length; key++) {
        const place = start + (columnOf[key] ?? 0);
        const weight = row[key] ?? 0;
        if (!((largest[place] ?? 0) >= weight) && !Number.isNaN(weight)) largest[place] = weight;
      }
    }
    largest.forEach((weight, cell) => {
      data[head * height * width + cell] = Number.isNaN(weight) ? THUMBNAIL_NAN : levelOf(weight);
    });
  }
  return { shape: [maps.heads, height, width], data };
}

/** (head, y, x): of the differences in each cell the one farthest from 0, as measures/differences.py
 * has it. */
export function differenceThumbnails(maps: Maps): Tensor {
  const rows = Math.min(maps.queries, SAMPLED_QUERIES);
  const [height, width] = [Math.min(THUMBNAIL_SIDE, rows), Math.min(THUMBNAIL_SIDE, maps.keys)];
  const columnOf = cellOf(maps.keys, width);
  const bandOf = cellOf(rows, height);
  const data = new Float32Array(maps.heads * height * width).fill(Number.NaN);
  for (let head = 0; head < maps.heads; head++) {
    for (let index = 0; index < rows; index++) {
      const row = maps.row(head, Math.floor((index * maps.queries) / rows));
      const start = (head * height + (bandOf[index] ?? 0)) * width;
      for (let key = 0; key < row.length; key++) {
        const place = start + (columnOf[key] ?? 0);
        const change = row[key] ?? 0;
        if (Number.isNaN(change)) continue;
        data[place] = Number.isNaN(data[place]) ? change : farther(data[place] ?? 0, change);
      }
    }
  }
  return { shape: [maps.heads, height, width], data };
}

/** In the precision of NumPy, which rounds a half to the even number. */
function levelOf(weight: number): number {
  const root = Math.fround(Math.sqrt(Math.min(1, Math.max(0, weight))));
  const level = Math.fround(THUMBNAIL_LEVELS * root);
  const rounded = Math.round(level);
  return rounded - level === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

/** Which of `cells` each of `size` falls into; a cell begins at cell · size / cells, rounded down. */
function cellOf(size: number, cells: number): Int32Array {
  const found = new Int32Array(size);
  for (let cell = 0; cell < cells; cell++) found.fill(cell, Math.floor((cell * size) / cells));
  return found;
}
