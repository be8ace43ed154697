/** A head's thumbnail as pixels: a little matrix, or little lines. */

import type { Rgb } from "../../draw/colour";
import { type Pixels, pixelsOf } from "../../draw/raster";
import type { WeightColours } from "../../draw/weight_colours";
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

/** The colours of all weights that a thumbnail may hold. */
export interface Shades {
  readonly name: string;
  /** Share of colour of a level. */
  readonly shares: Float32Array;
  /** Of a share. */
  colour(share: number): Rgb;
}

export function shadesOf({ name, share, ramp }: WeightColours): Shades {
  const colours = Array.from({ length: FULL + 1 }, (_, step) => ramp(step / FULL));
  const [ground = [0, 0, 0]] = colours;
  return {
    name,
    shares: Float32Array.from({ length: FULL + 1 }, (_, level) => share((level / FULL) ** 2)),
    colour: (part) => colours[Math.round(part * FULL)] ?? ground,
  };
}

/** A pixel for each cell. NaN has a colour of its own. */
export function matrixPixels(
  { rows, columns, levels }: Thumbnail,
  { shares, colour }: Shades,
  lost: Rgb,
): Pixels {
  const ofLevel = pixelsOf(LEVEL_NAN + 1, 1, (level) =>
    level === LEVEL_NAN ? lost : colour(shares[level] ?? 0),
  );
  // A thousand heads have a million cells: each is copied whole from those of its level.
  const looks = new Uint32Array(ofLevel.data.buffer);
  const pixels = new Uint32Array(rows * columns);
  for (let cell = 0; cell < pixels.length; cell++) pixels[cell] = looks[levels[cell] ?? 0] ?? 0;
  return { width: columns, height: rows, data: new Uint8ClampedArray(pixels.buffer) };
}

/**
 * Queries left, keys right, in a square: a line for each cell, in the colour of its weight. Where
 * lines cross the stronger one is seen, so that many faint ones do not add up.
 */
export function linePixels(
  { rows, columns, levels }: Thumbnail,
  { shares, colour }: Shades,
  lost: Rgb,
  side: number,
): Pixels {
  const strength = new Float32Array(side * side);
  const isLost = new Uint8Array(side * side);
  for (let row = 0; row < rows; row++) {
    const from = ((row + 0.5) / rows) * side - 0.5;
    for (let column = 0; column < columns; column++) {
      const level = levels[row * columns + column] ?? 0;
      if (level !== LEVEL_NAN && (level / FULL) ** 2 < LEAST_LINE) continue;
      const share = level === LEVEL_NAN ? 0.5 : (shares[level] ?? 0);
      const to = ((column + 0.5) / columns) * side - 0.5;
      const slope = (to - from) / Math.max(1, side - 1);
      for (let x = 0; x < side; x++) {
        const y = from + slope * x;
        const above = Math.floor(y);
        const rest = y - above;
        const place = above * side + x;
        const high = share * (1 - rest); // shared by the two pixels that it runs between
        const low = share * rest;
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
    (place) => (isLost[place] ? lost : colour(strength[place] ?? 0)),
    (place) => Number((strength[place] ?? 0) > 0),
  );
}
