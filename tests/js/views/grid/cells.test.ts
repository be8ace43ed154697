import { describe, expect, it } from "vitest";
import { css, mix, type Rgb } from "../../../../js/draw/colour";
import { shareOf } from "../../../../js/draw/weight_scale";
import type { AttentionKind } from "../../../../js/trace/options";
import {
  type Block,
  boxOf,
  cellsOf,
  columnsWithin,
  fittingCells,
  headAt,
  headsOf,
  isRowOf,
  placeIn,
  type Row,
  rowsWithin,
  stepFrom,
} from "../../../../js/views/grid/cells";
import {
  LEVEL_NAN,
  linePixels,
  matrixPixels,
  shadesOf,
} from "../../../../js/views/grid/thumbnails";
import { below, randomFrom } from "../../helpers/random";

const block = (
  counts: number[],
  kind: AttentionKind = "encoder",
  ranked: Block["ranked"] = null,
): Block => ({
  kind,
  layers: counts.map((count, layer) => (count ? headsOf(kind, layer, count) : "noAttention")),
  ranked,
});
const grid = (heads: number, layers: number) => [block(Array(layers).fill(heads))];

const BLOCKS = [
  block([3, 0, 5]),
  block([2, 2], "decoder"),
  block([4, 4], "cross", headsOf("cross", 1, 4).reverse()),
];

describe("cells", () => {
  const cells = cellsOf(BLOCKS, 40, true, 500);
  const heads = cells.rows.flatMap((row) => row.heads);

  it("hold every head once, apart from each other and within the grid", () => {
    expect(heads).toHaveLength(3 + 5 + 4 + 4);
    const boxes = heads.map((head) => boxOf(cells, head));
    const corners = new Set(boxes.map((box) => `${box?.x} ${box?.y}`));
    expect(corners.size).toBe(heads.length);
    for (const box of boxes) {
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(cells.width);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(cells.height);
    }
  });

  it("are found again under the mouse, and the gaps are nobody's", () => {
    for (const head of heads) {
      const { x = 0, y = 0 } = boxOf(cells, head) ?? {};
      expect(headAt(cells, x, y)).toEqual(head);
      expect(headAt(cells, x + 39.5, y + 53.5)).toEqual(head);
      expect(headAt(cells, x - 1, y)).toBeNull();
      expect(headAt(cells, x, y - 1)).toBeNull();
    }
    expect(headAt(cells, cells.width + 500, 40)).toBeNull();
  });

  it("in sight are those that a plain search finds", () => {
    const random = randomFrom(3);
    for (let turn = 0; turn < 200; turn++) {
      const [left, top] = [below(random, 300), below(random, 400)];
      const [right, bottom] = [left + below(random, 300) + 1, top + below(random, 300) + 1];
      const rows = cells.rows.filter(({ y, height }) => y < bottom && y + height > top);
      expect(rowsWithin(cells, top, bottom)).toEqual(rows);
      const [first, last] = columnsWithin(cells, left, right);
      for (let column = 0; column < cells.columns; column++) {
        const x = cells.gap + column * (cells.size + cells.gap);
        const isSeen = x < right && x + cells.size > left;
        if (isSeen) expect(column >= first && column < last).toBe(true);
      }
    }
  });

  it("a head that there is not has no place", () => {
    expect(placeIn(cells, { kind: "encoder", layer: 1, head: 0 })).toBeNull();
    expect(boxOf(cells, { kind: "encoder", layer: 0, head: 3 })).toBeNull();
  });
});

describe("a move leads", () => {
  const cells = cellsOf(BLOCKS, 40, true, 500);
  const from = { kind: "encoder", layer: 2, head: 4 } as const;
  it.each([
    ["left", { by: "step", x: -1, y: 0 }, false, { kind: "encoder", layer: 2, head: 3 }],
    ["right", { by: "step", x: 1, y: 0 }, false, from],
    ["up", { by: "step", x: 0, y: -1 }, false, { kind: "encoder", layer: 0, head: 2 }],
    ["down", { by: "step", x: 0, y: 1 }, false, { kind: "decoder", layer: 0, head: 1 }],
    ["to the start", { by: "end", x: -1, y: 0 }, false, { kind: "encoder", layer: 2, head: 0 }],
    ["to the end", { by: "end", x: 1, y: 0 }, true, { kind: "cross", layer: 1, head: 0 }], // the last by rank
    ["a page down", { by: "page", x: 0, y: 1 }, false, { kind: "cross", layer: 1, head: 0 }],
  ] as const)("%s", (_, move, far, to) => {
    expect(stepFrom(cells, from, move, far)).toEqual(to);
  });
});

describe("layers without pictures", () => {
  it("are one row where they follow each other for the same reason", () => {
    const of: Block = {
      kind: "encoder",
      layers: ["notHeld", "notHeld", headsOf("encoder", 2, 4), "noAttention", "notHeld"],
      ranked: null,
    };
    const { rows } = cellsOf([of], 15, false, 400);
    expect(rows.map(({ layer, missing }) => [layer, missing?.why, missing?.last])).toEqual([
      [0, "notHeld", 1],
      [2, undefined, undefined],
      [3, "noAttention", 3],
      [4, "notHeld", 4],
    ]);
    const [first, second] = rows as [Row, Row];
    expect([0, 1, 2].map((layer) => isRowOf(first, "encoder", layer))).toEqual([true, true, false]);
    expect(isRowOf(first, "decoder", 1)).toBe(false);
    expect(isRowOf(second, "encoder", 2)).toBe(true);
  });
});

describe("the size that fits", () => {
  const WIDTH = 400; // of a panel beside another in 1,000 px
  const HEIGHT = 508;
  const fitting = (heads: number, layers: number, isNumbered = false) =>
    fittingCells(grid(heads, layers), isNumbered, WIDTH, HEIGHT);

  it.each([
    [12, 6],
    [12, 12],
    [9, 30],
    [16, 24],
    [32, 32],
    [12, 48],
  ])("%i heads of %i layers are all seen, with numbers too", (heads, layers) => {
    for (const isNumbered of [false, true]) {
      const { cells, fits } = fitting(heads, layers, isNumbered);
      expect(fits).toBe(true);
      expect(cells.width).toBeLessThanOrEqual(WIDTH);
      expect(cells.height).toBeLessThanOrEqual(HEIGHT);
      expect(cells.size).toBeGreaterThanOrEqual(8);
      expect([cells.columns, cells.rows.length]).toEqual([heads, layers]);
    }
  });

  it("takes the room beside many layers of few heads", () => {
    const { size, wide } = fitting(9, 30).cells;
    expect([size, wide]).toEqual([15, 43]);
    const { cells } = fitting(12, 12);
    expect(cells.wide).toBe(cells.size); // else pictures are square
  });

  it("scrolls where all would be too small to be read", () => {
    const tall = fitting(12, 100);
    expect(tall.fits).toBe(false);
    expect(tall.cells.size).toBe(24);
    expect(tall.cells.width).toBeLessThanOrEqual(WIDTH);
    const large = fitting(64, 80);
    expect([large.fits, large.cells.size]).toEqual([false, 8]);
  });

  it("of heads by rank too, each with its name", () => {
    const ranked = headsOf("encoder", 0, 72);
    const { cells, fits } = fittingCells([block([72], "encoder", ranked)], true, 1180, 500);
    expect(fits).toBe(true);
    expect(cells.height).toBeLessThanOrEqual(500);
    expect(cells.width).toBeLessThanOrEqual(1180);
    expect(cells.caption).toBeGreaterThan(0);
    const many = fittingCells(
      [block([900], "encoder", headsOf("encoder", 0, 900))],
      true,
      400,
      500,
    );
    expect(many.fits).toBe(false);
    expect(many.cells.caption).toBeGreaterThan(0);
  });
});

const CHANNELS = { colour: [10, 20, 30], lost: [200, 100, 0] };
const rgb = ([r = 0, g = 0, b = 0]: number[]): Rgb => [r / 255, g / 255, b / 255];
const [COLOUR, LOST] = [rgb(CHANNELS.colour), rgb(CHANNELS.lost)];
/** From black to the colour, so that its channels tell the share. */
const ramp = (share: number) => mix([0, 0, 0], COLOUR, share);
const colourOf = (weight: number) => ramp(shareOf(weight));
const SHADES = shadesOf({
  name: "",
  top: 1,
  share: shareOf,
  ramp,
  of: colourOf,
  css: (weight) => css(colourOf(weight)),
});
const pixel = ({ data, width }: ReturnType<typeof matrixPixels>, x: number, y: number) => [
  ...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4),
];

describe("a matrix", () => {
  it("has a pixel for each cell, in the colour of its weight", () => {
    const weights = [0, 0.01, 0.25, 1];
    const levels = Uint8Array.from(weights, (weight) => Math.round(254 * Math.sqrt(weight)));
    const made = matrixPixels({ rows: 2, columns: 2, levels }, SHADES, LOST);
    expect([made.width, made.height]).toEqual([2, 2]);
    weights.forEach((weight, cell) => {
      const [red = 0, green = 0, blue = 0, alpha] = pixel(made, cell % 2, Math.floor(cell / 2));
      expect(alpha).toBe(255);
      const shown = [red, green, blue].map((channel) => channel / 255);
      for (const [i, channel] of colourOf(weight).entries()) {
        expect(shown[i]).toBeCloseTo(channel, 2);
      }
    });
  });

  it("shows NaN in a colour of its own", () => {
    const levels = Uint8Array.of(LEVEL_NAN, 254);
    const made = matrixPixels({ rows: 1, columns: 2, levels }, SHADES, LOST);
    expect(pixel(made, 0, 0)).toEqual([...CHANNELS.lost, 255]);
    expect(pixel(made, 1, 0)).toEqual([...CHANNELS.colour, 255]);
  });
});

describe("lines", () => {
  const draw = (levels: number[], rows: number, columns: number, side = 32) =>
    linePixels({ rows, columns, levels: Uint8Array.from(levels) }, SHADES, LOST, side);

  it("go from the query's height on the left to the key's on the right", () => {
    const made = draw([0, 0, 0, 254, 0, 0, 0, 0], 2, 4); // first query, last key
    const redAt = (x: number) => Array.from({ length: 32 }, (_, y) => pixel(made, x, y)[0] ?? 0);
    const middle = (x: number) => {
      const reds = redAt(x);
      const sum = reds.reduce((a, b) => a + b);
      return reds.reduce((total, red, y) => total + red * y, 0) / sum;
    };
    expect(middle(0)).toBeCloseTo(32 / 4 - 0.5, 1);
    expect(middle(31)).toBeCloseTo((32 * 7) / 8 - 0.5, 1);
  });

  it("have the colour of their weights, and crossing ones do not add up", () => {
    for (const weight of [0.1, 0.5, 1]) {
      const level = Math.round(254 * Math.sqrt(weight));
      const made = draw([level, level, level, level], 2, 2, 33);
      const blues = made.data.filter((_, index) => index % 4 === 2);
      const [, , blue] = colourOf(weight);
      expect(Math.max(...blues) / 255).toBeLessThanOrEqual(blue + 0.01);
      expect(Math.max(...blues) / 255).toBeGreaterThan(blue * 0.7);
    }
  });

  it("of nothing are nothing, and NaN has its own colour", () => {
    expect(
      draw([0, 0, 0, 0], 2, 2)
        .data.filter((_, index) => index % 4 === 3)
        .some(Boolean),
    ).toBe(false);
    const made = draw([LEVEL_NAN], 1, 1, 8);
    expect(pixel(made, 3, 4).slice(0, 3)).toEqual(CHANNELS.lost);
  });
});
