/** One matrix in its box: colours, hatching where the mask hides, numbers where there is room. */

import { css, inkOn, type Rgb, rgbIn } from "../../draw/colour";
import { hatchLines } from "../../draw/hatch";
import type { Inks } from "../../draw/inks";
import type { Box, Pen } from "../../draw/pen";
import { raster } from "../../draw/raster";
import { divergingWithin } from "../../draw/scales";
import { textWidth } from "../../draw/text_width";
import { weightColours } from "../../draw/weight_colours";
import type { AppState } from "../../state/app_state";
import type { Numbers } from "../../trace/tensor";
import { isShare, isWhole, type Matrix, type Picture, pictureOf } from "./matrix";

export interface Shades {
  /** What is drawn with the same name looks the same. */
  readonly name: string;
  of(value: number): Rgb;
}

/** Of weights those of every view, else blue below 0 and orange above it. */
export function shadesOf(state: AppState, { name, range }: Matrix, hidden: string): Shades {
  const { value: dark } = state.dark;
  const ground = rgbIn(hidden);
  const isHidden = (value: number) => value === Number.NEGATIVE_INFINITY;
  if (isShare(name)) {
    const colours = weightColours(state, state.focusHead.value);
    return {
      name: colours.name,
      of: (value) => (Number.isNaN(value) ? [0.5, 0.5, 0.5] : colours.of(value)),
    };
  }
  return {
    name: [range.high, dark, hidden].join(),
    of: (value) => (isHidden(value) ? ground : divergingWithin(value, range.high, dark)),
  };
}

interface Drawn {
  readonly name: string;
  readonly picture: Picture;
  readonly canvas: HTMLCanvasElement;
}

/** Of the numbers, by how large they were drawn. */
const drawn = new WeakMap<Numbers, Map<string, Drawn>>();
const MOST_KEPT = 6;

function pixelsFor(
  matrix: Matrix,
  { width, height }: Box,
  fineness: number,
  shades: Shades,
): Drawn {
  const most = { width: width * fineness, height: height * fineness };
  const name = `${Math.round(most.width)} ${Math.round(most.height)} ${matrix.isTransposed} ${shades.name}`;
  const known = drawn.get(matrix.data) ?? new Map<string, Drawn>();
  drawn.set(matrix.data, known);
  const before = known.get(name);
  if (before) return before;
  const picture = pictureOf(matrix, most);
  const canvas = raster(picture.width, picture.height, (pixel) =>
    shades.of(picture.values[pixel] ?? Number.NaN),
  );
  const made = { name, picture, canvas };
  if (known.size >= MOST_KEPT) known.clear();
  known.set(name, made);
  return made;
}

export interface Look {
  readonly state: AppState;
  readonly ink: Inks;
  /** Pixels of the screen for one of the page. */
  readonly fineness: number;
}

/** Lower rows are hatched together, where all of them are hidden. */
const HATCHED = 5;

/** How many numbers of the matrix a pixel stands for. */
export function drawMatrix(pen: Pen, { state, ink, fineness }: Look, matrix: Matrix, box: Box) {
  const [rows, columns] = matrix.shape;
  const shades = shadesOf(state, matrix, ink.bar);
  const { canvas, picture } = pixelsFor(matrix, box, fineness, shades);
  const { down, across } = picture.pooling;
  const sight = { x: 0, y: 0, width: columns, height: rows };
  const cells = {
    canvas,
    x: 0,
    y: 0,
    width: picture.width * across,
    height: picture.height * down,
  };
  pen.cells(box, sight, [cells]);
  drawHidden(pen, ink, matrix, box);
  pen.outline(
    { x: box.x - 0.5, y: box.y - 0.5, width: box.width + 1, height: box.height + 1 },
    ink.rule,
    1,
  );
  return picture.pooling;
}

/** The hidden stretches of each row, or of a band of low rows. */
function drawHidden(pen: Pen, ink: Inks, { name, shape, at }: Matrix, box: Box): void {
  if (name !== "masked") return; // all else is finite
  const [rows, columns] = shape;
  const [across, down] = [box.width / columns, box.height / rows];
  const band = Math.ceil(HATCHED / down);
  const lines = [];
  for (let row = 0; row < rows; row += band) {
    const end = Math.min(rows, row + band);
    const isHidden = (column: number) => {
      for (let each = row; each < end; each++) {
        if (at(each, column) !== Number.NEGATIVE_INFINITY) return false;
      }
      return true;
    };
    for (let column = 0; column < columns; ) {
      let stop = column;
      while (stop < columns && isHidden(stop)) stop += 1;
      if (stop > column) {
        const [x, y] = [column * across, row * down];
        const size = { width: (stop - column) * across, height: (end - row) * down };
        lines.push(...hatchLines({ x: box.x + x, y: box.y + y, ...size }, x + y));
      }
      column = Math.max(stop, column + 1);
    }
  }
  if (lines.length) pen.lines(lines, { colour: ink.soft, width: 1, opacity: 0.55 });
}

const SIZES = [12, 11, 10] as const;
const ROOM = 5;
/** More numbers are never written. */
const MOST = 1200;

/** A number as the matrix has it: weights as everywhere, others at a glance. */
export function numberInWords({ numbers }: AppState, name: string, value: number): string {
  if (value === Number.NEGATIVE_INFINITY) return "−∞";
  return isShare(name) ? numbers.share(value, 0) : numbers.glance(value);
}

/** Widest of the numbers; none where there are too many to be written. */
export function widestNumber(state: AppState, { name, shape, pooling, at }: Matrix): number {
  const [rows, columns] = shape;
  if (!isWhole(pooling) || rows * columns > MOST) return 0;
  let most = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = at(row, column);
      if (value === Number.NEGATIVE_INFINITY) continue;
      most = Math.max(most, textWidth(numberInWords(state, name, value), SIZES[0]));
    }
  }
  return most;
}

/** All of them, or none where one is wider than its cell. */
export function drawNumbers(
  pen: Pen,
  { state, ink }: Look,
  matrix: Matrix,
  box: Box,
  widest: number,
  rows: readonly number[] = Array.from({ length: matrix.shape[0] }, (_, row) => row),
): void {
  const [, columns] = matrix.shape;
  const [across, down] = [box.width / columns, box.height / Math.max(1, rows.length)];
  const size = SIZES.find(
    (each) => (widest * each) / SIZES[0] + ROOM <= across && each + 4 <= down,
  );
  if (!widest || size === undefined) return;
  const shades = shadesOf(state, matrix, ink.bar);
  rows.forEach((row, place) => {
    for (let column = 0; column < columns; column++) {
      const value = matrix.at(row, column);
      if (value === Number.NEGATIVE_INFINITY) continue; // hatched
      pen.text(
        box.x + (column + 0.5) * across,
        box.y + (place + 0.5) * down + 0.36 * size,
        numberInWords(state, matrix.name, value),
        { colour: css(inkOn(shades.of(value), state.dark.value)), size, anchor: "middle" },
      );
    }
  });
}
