/** Heads at a glance, as in measures/summaries.py: small pictures of their attention. */

import type { Tensor } from "../trace/tensor";
import { farther } from "./farther";
import { type Maps, ownQueries } from "./layer_maps";

/** As in measures/summaries.py. */
export const SAMPLED_QUERIES = 512;
const THUMBNAIL_SIDE = 32;
const [THUMBNAIL_LEVELS, THUMBNAIL_NAN] = [254, 255];

/** Which rows and columns of a map a small picture stands for, and in which cells they fall. */
function planOf(maps: Maps) {
  const own = ownQueries(maps);
  const count = Math.min(own.length, SAMPLED_QUERIES);
  const rows = Array.from(
    { length: count },
    (_, index) => own[Math.floor((index * own.length) / count)] ?? 0,
  );
  const keys = maps.own?.keys ?? null;
  const length = keys?.length ?? maps.keys;
  const [height, width] = [Math.min(THUMBNAIL_SIDE, count), Math.min(THUMBNAIL_SIDE, length)];
  const [columnOf, bandOf] = [cellOf(length, width), cellOf(count, height)];
  const keyAt = (place: number) => (keys ? (keys[place] ?? 0) : place);
  return { rows, length, height, width, columnOf, bandOf, keyAt };
}

/** (head, y, x): 254·√weight of the largest in each cell; padding has no place in it. */
export function thumbnails(maps: Maps): Tensor {
  const { rows, length, height, width, columnOf, bandOf, keyAt } = planOf(maps);
  const data = new Uint8Array(maps.heads * height * width);
  for (let head = 0; head < maps.heads; head++) {
    const largest = new Float32Array(height * width).fill(Number.NaN);
    for (let index = 0; index < rows.length; index++) {
      const row = maps.row(head, rows[index] ?? 0);
      const start = (bandOf[index] ?? 0) * width;
      for (let key = 0; key < length; key++) {
        const place = start + (columnOf[key] ?? 0);
        const weight = row[keyAt(key)] ?? 0;
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
  const { rows, length, height, width, columnOf, bandOf, keyAt } = planOf(maps);
  const data = new Float32Array(maps.heads * height * width).fill(Number.NaN);
  for (let head = 0; head < maps.heads; head++) {
    for (let index = 0; index < rows.length; index++) {
      const row = maps.row(head, rows[index] ?? 0);
      const start = (head * height + (bandOf[index] ?? 0)) * width;
      for (let key = 0; key < length; key++) {
        const place = start + (columnOf[key] ?? 0);
        const change = row[keyAt(key)] ?? 0;
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
