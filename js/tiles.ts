/** A head's thumbnail as pixels of one colour: a little matrix, or little lines. */

import type { Numbers } from "./tensor";

export const PICTURES = ["matrix", "lines"] as const;
export type Picture = (typeof PICTURES)[number];

/** Cells of a thumbnail: levels are 254·√weight, see `thumbnails` in contract.ts. */
export interface Thumbnail {
  /** Queries, down. */
  rows: number;
  /** Keys, across. */
  columns: number;
  levels: Numbers;
}

export type Channels = readonly [number, number, number]; // 0..255

/** RGBA, row by row. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

const FULL = 254;
export const LEVEL_NAN = 255;

/** Fainter lines are not to be seen, and there are many of them. */
const LEAST_LINE = 1 / 64;

/** Opacity of a weight in a picture, which its legend shows. */
export const opacityIn = (picture: Picture, weight: number): number =>
  picture === "matrix" ? Math.sqrt(weight) : weight;

/** A pixel for each cell; the root of its weight is its opacity. NaN has a colour of its own. */
export function matrixPixels(
  { rows, columns, levels }: Thumbnail,
  colour: Channels,
  lost: Channels,
): Pixels {
  const data = new Uint8ClampedArray(4 * rows * columns);
  for (let cell = 0; cell < rows * columns; cell++) {
    const level = levels[cell] ?? 0;
    data.set(level === LEVEL_NAN ? lost : colour, 4 * cell);
    data[4 * cell + 3] = level === LEVEL_NAN ? 255 : Math.round((level * 255) / FULL);
  }
  return { width: columns, height: rows, data };
}

/**
 * Queries left, keys right, in a square: a line for each cell, as opaque as its weight. Where lines
 * cross the stronger one is seen, so that many faint ones do not add up.
 */
export function linePixels(
  { rows, columns, levels }: Thumbnail,
  colour: Channels,
  lost: Channels,
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
        for (let pixel = above; pixel <= above + 1; pixel++) {
          if (pixel < 0 || pixel >= side) continue;
          const place = pixel * side + x;
          const drawn = weight * (1 - Math.abs(y - pixel));
          if (drawn <= (strength[place] ?? 0)) continue;
          strength[place] = drawn;
          isLost[place] = Number(level === LEVEL_NAN);
        }
      }
    }
  }
  const data = new Uint8ClampedArray(4 * side * side);
  for (let place = 0; place < side * side; place++) {
    data.set(isLost[place] ? lost : colour, 4 * place);
    data[4 * place + 3] = Math.round((strength[place] ?? 0) * 255);
  }
  return { width: side, height: side, data };
}
