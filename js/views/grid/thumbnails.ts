/** A head's thumbnail as pixels: a little matrix, or little lines. */

import type { Rgb } from "../../draw/colour";
import { type Pixels, pixelsOf } from "../../draw/raster";
import type { WeightColours } from "../../draw/weight_colours";
import type { Numbers } from "../../trace/tensor";

export const PICTURES = ["matrix", "lines"] as const;
export type Picture = (typeof PICTURES)[number];

/** Cells of a thumbnail: levels are 254·√weight, see `thumbnails` in tensor_key.ts, or as they are:
 * differences, and measures whose numbers are no shares. */
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
/** Of differences there are fewer. */
const LEAST_CHANGE = 1 / 200;

/** The colours of all weights that a thumbnail may hold. */
export interface Shades {
  readonly name: string;
  /** The size that has all of the colour. */
  readonly top: number;
  /** Share of colour of a level. */
  readonly shares: Float32Array;
  /** Share of colour of a difference. */
  shareOf(change: number): number;
  /** Of a share. */
  colour(share: number): Rgb;
}

/** Of a level of which nothing is known. */
export const isLostLevel = (levels: Numbers, cell: number): boolean =>
  levels instanceof Float32Array ? Number.isNaN(levels[cell]) : levels[cell] === LEVEL_NAN;

export function shadesOf({ name, top, share, ramp, isSigned = false }: WeightColours): Shades {
  const ofSide = (side: number) =>
    Array.from({ length: FULL + 1 }, (_, step) => ramp((side * step) / FULL));
  const colours = ofSide(1);
  const below = isSigned ? ofSide(-1) : colours;
  const [ground = [0, 0, 0]] = colours;
  return {
    name,
    top,
    shares: Float32Array.from({ length: FULL + 1 }, (_, level) => share((level / FULL) ** 2)),
    shareOf: share,
    colour: (part) => (part < 0 ? below : colours)[Math.round(Math.abs(part) * FULL)] ?? ground,
  };
}

/** A pixel for each cell. NaN has a colour of its own. */
export function matrixPixels(
  { rows, columns, levels }: Thumbnail,
  { shares, shareOf, colour }: Shades,
  lost: Rgb,
): Pixels {
  if (levels instanceof Float32Array) {
    return pixelsOf(columns, rows, (cell) =>
      isLostLevel(levels, cell) ? lost : colour(shareOf(levels[cell] ?? 0)),
    );
  }
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
  { top, shares, shareOf, colour }: Shades,
  lost: Rgb,
  side: number,
): Pixels {
  const strength = new Float32Array(side * side);
  const isLost = new Uint8Array(side * side);
  const isBelow = new Uint8Array(side * side);
  const isSigned = levels instanceof Float32Array;
  const put = (place: number, share: number, cell: number) => {
    if (!(share > (strength[place] ?? 1))) return;
    strength[place] = share;
    isLost[place] = Number(isLostLevel(levels, cell));
    isBelow[place] = Number(isSigned && (levels[cell] ?? 0) < 0);
  };
  for (let row = 0; row < rows; row++) {
    const from = ((row + 0.5) / rows) * side - 0.5;
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      const level = levels[cell] ?? 0;
      const weight = isSigned ? Math.abs(level) : (level / FULL) ** 2;
      const isKnown = !isLostLevel(levels, cell);
      if (isKnown && weight < (isSigned ? LEAST_CHANGE * top : LEAST_LINE)) continue;
      const known = isSigned ? Math.abs(shareOf(level)) : (shares[level] ?? 0);
      const share = isKnown ? known : 0.5;
      const to = ((column + 0.5) / columns) * side - 0.5;
      const slope = (to - from) / Math.max(1, side - 1);
      for (let x = 0; x < side; x++) {
        const y = from + slope * x;
        const above = Math.floor(y);
        const rest = y - above;
        const place = above * side + x;
        put(place, share * (1 - rest), cell); // shared by the two pixels that it runs between
        put(place + side, share * rest, cell);
      }
    }
  }
  return pixelsOf(
    side,
    side,
    (place) => (isLost[place] ? lost : colour((isBelow[place] ? -1 : 1) * (strength[place] ?? 0))),
    (place) => Number((strength[place] ?? 0) > 0),
  );
}
