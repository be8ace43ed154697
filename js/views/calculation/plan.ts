/** Where the matrices of a step stand, in CSS pixels: A · B = C, with common axes of one size. */

import type { Box } from "../../draw/pen";

/** What is to be laid out of a matrix, as it is drawn. */
export interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** Of the labels of its rows and of its columns; 0 where they have none. */
  readonly labels: { readonly rows: number; readonly columns: number };
  /** Widest of the numbers in its cells. */
  readonly number: number;
}

export interface Parts<T> {
  readonly left: T | null;
  readonly right: T | null;
  readonly plus: T | null;
  readonly result: T;
  /** Columns beside the left one and the result. */
  readonly sink: T | null;
  readonly sunk: T | null;
}

export const PARTS = ["left", "sink", "right", "plus", "result", "sunk"] as const;

export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly boxes: Parts<Box>;
  /** The chosen row of the left one and of the result by themselves, where rows are small. */
  readonly focus: { readonly left: Box | null; readonly result: Box | null } | null;
  /** Middles of the signs between. */
  readonly signs: { readonly times: number | null; readonly equals: number | null };
  /** The line that signs stand on, and that of what is said above the matrices. */
  readonly middle: number;
  readonly title: number;
}

export const TITLE_SIZE = 13;
export const LABEL_SIZE = 11;
export const CAPTION_SIZE = 10.5;
export const SIGN_SIZE = 22;

const TITLE = 24; // with what stands above a letter
const CAPTION = 30; // two lines below each
const SIGN = { product: 30, change: 92 };
const CELL = { height: 26, width: 34, widest: 84 };
/** Around the number in a cell. */
const SPARE = 12;
export const LABEL_GAP = 6;
/** Rows lower than this are shown once more by themselves. */
const LOW = 13;
const FOCUS = { gap: 24, height: 22 };
const PLUS = 18;
/** A column beside a matrix. */
const ASIDE = { gap: 12, width: 46 };
const EDGE = 2;

/** Room is shared alike, but none takes more than it wants. */
export function shared(room: number, wanted: readonly number[]): number[] {
  const given = wanted.map(() => 0);
  let [rest, open] = [room, wanted.map((_, place) => place)];
  while (open.length) {
    const each = rest / open.length;
    const sated = open.filter((place) => (wanted[place] ?? 0) <= each);
    if (!sated.length) {
      for (const place of open) given[place] = each;
      break;
    }
    for (const place of sated) {
      given[place] = wanted[place] ?? 0;
      rest -= wanted[place] ?? 0;
    }
    open = open.filter((place) => !sated.includes(place));
  }
  return given;
}

/** @param most how tall matrices may be. */
export function planOf(
  { left, right, plus, result, sink, sunk }: Parts<Shape>,
  isSum: boolean,
  width: number,
  most: number,
): Plan {
  const [product, change] = [Boolean(left && right), Boolean(left && !right)];
  const signs = product ? 2 * SIGN.product : change ? SIGN.change : 0;
  const labels = [left, right, result].map((each) => (each ? each.labels.rows + LABEL_GAP : 0));
  const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);
  const asides = [sink, null, sunk].map((each) => (each ? ASIDE.gap + ASIDE.width : 0));
  const room = Math.max(90, width - signs - total(labels) - total(asides) - 2 * EDGE);
  // The result has as wide columns as the right one, or as the one that it is a change of.
  const pair = Math.max(wish(result), wish(right ?? left ?? result));
  const isOwn = product && !isSum;
  const wanted = [...(left && isOwn ? [wish(left)] : left ? [pair] : []), ...(right ? [pair] : [])];
  const given = shared(room, [...wanted, pair]);
  const size = given[given.length - 1] ?? 0;
  const wide = { left: left ? (given[0] ?? 0) : 0, right: right ? size : 0 };

  const pitch = (rows: number) => Math.min(CELL.height, most / rows);
  const columns = Math.max(...[left, right, result].map((each) => each?.labels.columns ?? 0));
  const top = TITLE + columns + EDGE;
  const height = result.rows * pitch(result.rows);
  const tall = right ? right.rows * pitch(right.rows) : 0;

  const all = total(labels) + wide.left + wide.right + size + signs + total(asides);
  let x = Math.max(EDGE, (width - all) / 2);
  const next = (place: number, width: number, height: number): Box => {
    x += labels[place] ?? 0;
    const box = { x, y: top, width, height };
    x += width + (asides[place] ?? 0);
    return box;
  };
  const aside = (box: Box | null, there: Shape | null): Box | null =>
    box && there && { ...box, x: box.x + box.width + ASIDE.gap, width: ASIDE.width };
  const gap = (width: number) => {
    x += width;
    return x - width / 2;
  };
  const boxLeft = left ? next(0, wide.left, height) : null;
  const times = product ? gap(SIGN.product) : null;
  const boxRight = right ? next(1, wide.right, tall) : null;
  const above = boxRight ?? boxLeft;
  const boxPlus =
    plus && above ? { ...above, y: above.y + above.height + CAPTION + 4, height: PLUS } : null;
  const equals = left ? gap(product ? SIGN.product : SIGN.change) : null;
  const boxResult = next(2, size, height);
  const bottom = (box: Box | null) => (box ? box.y + box.height + CAPTION : 0);
  const under = Math.max(bottom(boxLeft), bottom(boxResult), right ? 0 : bottom(boxPlus));
  const strip = (box: Box | null) => box && { ...box, y: under + FOCUS.gap, height: FOCUS.height };
  const focus =
    pitch(result.rows) < LOW ? { left: strip(boxLeft), result: strip(boxResult) } : null;
  const end = focus ? under + FOCUS.gap + FOCUS.height + 2 : under;
  return {
    width: Math.max(width, all),
    height: Math.ceil(Math.max(end, bottom(boxRight), bottom(boxPlus))),
    boxes: {
      left: boxLeft,
      sink: aside(boxLeft, sink),
      right: boxRight,
      plus: boxPlus,
      result: boxResult,
      sunk: aside(boxResult, sunk),
    },
    focus,
    signs: { times, equals },
    middle: top + Math.max(14, Math.min(height, tall || height) / 2),
    title: TITLE - 7,
  };
}

const widest = ({ number }: Shape) =>
  Math.min(CELL.widest, Math.max(CELL.width, Math.ceil(number) + SPARE));

const wish = (shape: Shape) => shape.columns * widest(shape);
