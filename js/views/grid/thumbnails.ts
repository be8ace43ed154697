/** A head's thumbnail as pixels of one colour: a little matrix, or little lines. */

import type { Rgb } from "../../draw/colour";
import { type Pixels, pixelsOf } from "../../draw/raster";
import type { Numbers } from "../../trace/tensor";

export const PICTURES = ["matrix", "lines"] as const;
export type Picture = (typeof PICTURES)[number];

/** Cells of a thumbnail: levels are 254·√weight, see `thumbnails` in tensor_key.ts. */
export interface Thumbnail {
  /** Queries, down. */
  rows: number;
  /** Keys, across. */
  columns: number;
  levels: Numbers;
}

const FULL = 254;
export const LEVEL_NAN = 255;

/** Fainter lines are not to be seen, and there are many of them. */
const LEAST_LINE = 1 / 50;

/** Opacity of a weight in a picture, which its legend shows. */
export const opacityIn = (picture: Picture, weight: number): number =>
  picture === "matrix" ? Math.sqrt(weight) : weight;

/** A pixel for each cell; the root of its weight is its opacity. NaN has a colour of its own. */
export function matrixPixels({ rows, columns, levels }: Thumbnail, colour: Rgb, lost: Rgb): Pixels {
  const ofLevel = pixelsOf(
    256,
    1,
    (level) => (level === LEVEL_NAN ? lost : colour),
    (level) => Math.min(1, level / FULL),
  );
  // A thousand heads have a million cells: each is copied whole from those of its level.
  const looks = new Uint32Array(ofLevel.data.buffer);
  const pixels = new Uint32Array(rows * columns);
  for (let cell = 0; cell < pixels.length; cell++) pixels[cell] = looks[levels[cell] ?? 0] ?? 0;
  return { width: columns, height: rows, data: new Uint8ClampedArray(pixels.buffer) };
}

/**
 * Queries left, keys right, in a square: a line for each cell, as opaque as its weight. Where lines
 * cross the stronger one is seen, so that many faint ones do not add up.
 */
export function linePixels(
  { rows, columns, levels }: Thumbnail,
  colour: Rgb,
  lost: Rgb,
  side: number,
): Pixels {
  const strength = new Float32Array(side * side);
  const isLost = new Uint8Array(side * side);
  for (let row = 0; row < rows; row++) {
    const from = ((row + 0.5) / rows) * side - 0.5;
    for (let column = 0; column < columns; column++) {
      const level = levels[row * columns + column] ?? 0;
      const weight = level === LEVEL_NAN ? 0.5 : (level / FULL) ** 2;
      if (weight < LEAST_LINE) continue;
      const to = ((column + 0.5) / columns) * side - 0.5;
      const slope = (to - from) / Math.max(1, side - 1);
      for (let x = 0; x < side; x++) {
        const y = from + slope * x;
        const above = Math.floor(y);
        const rest = y - above;
        const place = above * side + x;
        const high = weight * (1 - rest); // shared by the two pixels that it runs between
        const low = weight * rest;
        if (high > (strength[place] ?? 1)) {
          strength[place] = high;
          isLost[place] = Number(level === LEVEL_NAN);
        }
        if (low > (strength[place + side] ?? 1)) {
          strength[place + side] = low;
          isLost[place + side] = Number(level === LEVEL_NAN);
        }
      }
    }
  }
  return pixelsOf(
    side,
    side,
    (place) => (isLost[place] ? lost : colour),
    (place) => strength[place] ?? 0,
  );
}
