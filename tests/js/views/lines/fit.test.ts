/** Rows as large as fit, which of them have labels, and which lines are drawn. */

import { describe, expect, it } from "vitest";
import { css, type Rgb, rgbIn } from "../../../../js/draw/colour";
import type { WeightColours } from "../../../../js/draw/weight_colours";
import { shareOf } from "../../../../js/draw/weight_scale";
import { edgesOf } from "../../../../js/measures/edges";
import { LABEL_SPACING, labelFit, rowFit } from "../../../../js/views/lines/fit";
import { type Layout, sightOf } from "../../../../js/views/lines/layout";
import { strongestLeaving } from "../../../../js/views/lines/leaving";
import { namedRows } from "../../../../js/views/lines/named";
import { drawLines } from "../../../../js/views/lines/strokes";
import { token } from "../../helpers/state";

const tokens = (count: number) => Array.from({ length: count }, (_, i) => token(`token${i}`));
const HEIGHT = 460;
const sizes = (count: number) => rowFit([tokens(count)], count, HEIGHT);

describe("rows", () => {
  it.each([8, 20])("of %d tokens are as large as they are anywhere", (count) => {
    expect(sizes(count)).toMatchObject({ pitch: 22, type: 14, thinned: false });
  });

  it.each([22, 36, 48, 60, 65])("of %d tokens shrink until all are visible", (count) => {
    const { pitch, type } = sizes(count);
    expect(count * pitch).toBeCloseTo(HEIGHT, 6);
    expect(type).toBeGreaterThanOrEqual(10);
  });

  it("of a longer text scroll, and each has its label", () => {
    const { pitch, thinned } = sizes(200);
    expect(200 * pitch).toBeGreaterThan(HEIGHT);
    expect(pitch).toBeGreaterThan(LABEL_SPACING);
    expect(thinned).toBe(false);
  });

  it("of pieces of an image do not shrink", () => {
    const pieces = tokens(60).map((each) => ({ ...each, box: [0, 0, 16, 16] as const }));
    expect(rowFit([pieces as never], 60, HEIGHT).pitch).toBe(22);
  });

  it("side by side are upright, turned, or scroll", () => {
    const across = (count: number) => labelFit([tokens(count)], count, 900);
    expect(across(8)).toMatchObject({ turned: false, thinned: false });
    expect(across(60)).toMatchObject({ turned: true, pitch: 15 });
    expect(across(100)).toMatchObject({ turned: true, pitch: 9, thinned: true });
    expect(across(400).pitch * 400).toBeGreaterThan(900);
  });
});

describe("labels of rows that lie close", () => {
  const placesOf = (matter: number[], count = 64, pitch = 7.2) => {
    const named = namedRows(matter, count, pitch);
    return [...named]
      .map(([row, shift]) => ({ row, place: (row + 0.5) * pitch + shift }))
      .sort((a, b) => a.row - b.row);
  };

  it.each([[[]], [[5]], [[5, 6]], [[6, 5, 7, 4, 8]], [[2, 0, 1, 31, 30, 62, 63]]])(
    "never lie on each other nor far from their rows, and the one wanted most is there (%j)",
    (wanted) => {
      const places = placesOf(wanted);
      for (const { row, place } of places) {
        expect(Math.abs(place - (row + 0.5) * 7.2)).toBeLessThan(LABEL_SPACING - 7.2 + 0.6);
      }
      for (const [index, { place }] of places.slice(1).entries()) {
        expect(place - (places[index]?.place ?? 0)).toBeGreaterThan(LABEL_SPACING - 2.1);
      }
      expect(places.map(({ row }) => row)).toEqual(expect.arrayContaining(wanted.slice(0, 1)));
      expect(places.length).toBeGreaterThan(20);
      expect(places[0]?.place).toBeGreaterThanOrEqual(LABEL_SPACING / 2 - 1e-9);
      expect(places.at(-1)?.place).toBeLessThanOrEqual(64 * 7.2);
    },
  );

  it("stand at their rows unless they must make room", () => {
    expect(namedRows([5, 40], 64, 7.2).get(5)).toBeCloseTo(0, 9);
    const three = namedRows([6, 5, 7, 8], 64, 7.2);
    expect(Math.abs(three.get(6) ?? 9)).toBeLessThan(1); // the one wanted most hardly moves
    expect(three.get(5)).toBeLessThan(-3);
    expect(three.get(7)).toBeGreaterThan(3);
    expect(three.has(8)).toBe(false); // it would stand beside another row
  });
});

const layout = (change: Partial<Layout> = {}): Layout => ({
  vertical: true,
  pitch: 20,
  length: 200,
  depth: 150,
  scrolled: { query: 0, key: 0 },
  slots: 1,
  apart: false,
  ...change,
});
const edge = (query: number, key: number, weight: number, slot = 0) => ({
  slot,
  query,
  key,
  weight,
});

describe("lines that leave the picture", () => {
  it("are told of by the strongest, to either side", () => {
    const edges = edgesOf(
      [edge(1, 2, 0.9), edge(2, 50, 0.3), edge(3, 12, 0.2), edge(40, 50, 1)],
      0,
    );
    expect(strongestLeaving(edges, layout())).toEqual({
      ...{ query: 2, key: 50, side: "key", beyond: 41 },
      weight: edges.weight[1],
    });
    const scrolled = layout({ scrolled: { query: 620, key: 900 } });
    expect(strongestLeaving(edges, scrolled)?.weight).toBe(edges.weight[1]); // the last is inside
    const up = layout({ scrolled: { query: 600, key: 0 } });
    expect(strongestLeaving(edgesOf([edge(12, 3, 0.5)], 0), up)).toMatchObject({
      side: "query",
      beyond: -18,
    });
  });

  it("are fewer than those that stay, and the strongest of them", () => {
    const many = Array.from({ length: 300 }, (_, i) => edge(1, 20 + i, (i + 1) / 1000));
    const edges = edgesOf([...many, edge(1, 1, 0.001)], 0);
    const { indices, cut } = sightOf(edges, layout(), 4000);
    expect(cut).toBe(false);
    expect(indices.length).toBeLessThan(60);
    expect([...indices]).toContain(300); // weak, and visible
    expect([...indices]).toContain(299);
    expect([...indices]).not.toContain(0);
  });
});

/** Red and blue, as much of them as a weight's share. */
const COLOURS: WeightColours[] = ["red", "blue"].map((name, channel) => {
  const ramp = (share: number): Rgb => (channel ? [0, 0, share] : [share, 0, 0]);
  const of = (weight: number) => ramp(shareOf(weight));
  return { name, top: 1, share: shareOf, ramp, of, css: (weight) => css(of(weight)) };
});

describe("strokes", () => {
  const drawn = (list: ReturnType<typeof edge>[], change: Partial<Layout> = {}, strong = 1e9) => {
    const calls: { width: number; opacity: number; colour: string; ends: number[] }[] = [];
    const pen = {
      lines: (all: readonly (readonly (readonly number[])[])[], style: never) =>
        calls.push({ ...(style as object), ends: all.map((line) => line[0]?.[1] ?? 0) } as never),
    };
    const edges = edgesOf(list, 0);
    const indices = Uint32Array.from(list.keys());
    const style = { colours: COLOURS, curved: false, emphasised: strong };
    drawLines(pen as never, { edges, indices, ...style }, layout(change));
    return calls;
  };

  it("are as strong and as broad as the share of their weight, on a scale of 0 to 1", () => {
    for (const weight of [0.02, 0.1, 0.25, 0.5, 0.81, 1]) {
      const [line] = drawn([edge(0, 0, weight)]);
      const red = rgbIn(line?.colour ?? "")[0];
      expect(Math.abs(red - shareOf(weight))).toBeLessThanOrEqual(1 / 32);
      expect(Math.abs((line?.width ?? 0) - Math.max(0.5, 4 * shareOf(weight)))).toBeLessThan(0.13);
    }
    expect(drawn([edge(0, 0, 0)])).toEqual([]);
    expect(drawn([edge(0, 0, Number.NaN)])).toEqual([]);
  });

  it("of several heads at one pair lie side by side", () => {
    const pair = [edge(0, 0, 1, 0), edge(0, 0, 1, 1)];
    const [first, second] = drawn(pair, { slots: 2 });
    const apart = Math.abs((first?.ends[0] ?? 0) - (second?.ends[0] ?? 0));
    expect(apart).toBeCloseTo(first?.width ?? 0, 6);
    const alone = drawn([edge(0, 0, 1, 1)], { slots: 2 });
    expect(alone[0]?.ends).toEqual([10]); // the middle of its row
  });

  it("that do not stand out are hairlines", () => {
    const [weak, strong] = drawn([edge(0, 0, 0.5), edge(1, 1, 0.6)], {}, 1);
    expect(weak?.width).toBeLessThanOrEqual(0.75);
    expect(weak?.opacity).toBeLessThan(0.6);
    expect(strong?.width).toBeGreaterThan(2);
  });
});
