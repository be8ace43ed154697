/** The colours of differences: one scale, as far to both sides of 0, read on any of its colours. */

import { describe, expect, it } from "vitest";
import { contrast, css, inkOn, PAPERS, type Rgb } from "../../../js/draw/colour";
import { svgPen } from "../../../js/draw/pen";
import { signedStepOf, signedSteps } from "../../../js/draw/signed_colours";
import { weightColours, weightLegend } from "../../../js/draw/weight_colours";
import { shareOf, signedShareOf } from "../../../js/draw/weight_scale";
import { inLanguage } from "../../../js/language/say";
import { roundUp } from "../../../js/shell/change_scale";
import type { State } from "../../../js/trace/contract";
import type { Edit } from "../../../js/trace/edits";
import { COLOUR_MAPS } from "../../../js/trace/options";
import { matrixPixels, shadesOf } from "../../../js/views/grid/thumbnails";
import type { Layout } from "../../../js/views/lines/layout";
import { drawLines } from "../../../js/views/lines/strokes";
import { coloursOf } from "../../../js/views/matrix/colours";
import { connected } from "../helpers/state";

const OFF: Edit = {
  edit: "head_off",
  kind: "encoder",
  layer: 0,
  heads: [0],
  tokens: null,
  value: "zero",
};
const differing: Partial<State> = { edits: [OFF], shown_pass: "difference" };
const LAYOUT = { vertical: true, pitch: 22, length: 44, depth: 100, slots: 1, apart: false };
const LINES = { ...LAYOUT, scrolled: { query: 0, key: 0 } } as Layout;
const channels = (colour: string) => (colour.match(/\d+/g) ?? []).map(Number);
const LOST: Rgb = [0, 1, 0];

it.each([false, true])("is that of weights on each side of 0 (log: %s)", (isLog) => {
  for (const size of [1e-5, 0.004, 0.1, 0.7, 1, 3]) {
    expect(signedShareOf(size, isLog, 0.8)).toBe(shareOf(size, isLog, 0.8));
    expect(signedShareOf(-size, isLog, 0.8) + shareOf(size, isLog, 0.8)).toBe(0);
  }
  expect(Math.abs(signedShareOf(0, isLog))).toBe(0);
  expect(signedShareOf(Number.NaN, isLog)).toBeNaN();
  expect([-1, 0, 1].map((share) => signedStepOf(share))).toEqual([0, 15, 30]);
});

it("ends at a round number that the largest change does not pass", () => {
  const ends = [0.0131, 0.5, 0.51, 0.02, 1e-7, 0].map(roundUp);
  expect(ends).toEqual([0.02, 0.5, 1, 0.02, 1e-7, 1]);
  expect(roundUp(Math.fround(0.2))).toBe(0.2);
});

describe.each(["light", "dark"] as const)("on %s paper", (theme) => {
  const { state } = connected({ theme, ...differing });
  state.changeScale.value = { top: 0.5, isOpen: false };
  const colours = weightColours(state, 3);

  it("is blue below 0, orange above, and can be read on", () => {
    for (let change = -0.5; change <= 0.5; change += 0.01) {
      const [red, , blue] = colours.of(change);
      if (Math.abs(change) > 0.01) expect(Math.sign(red - blue)).toBe(Math.sign(change));
      const rgb = colours.of(change);
      expect(contrast(inkOn(rgb, theme === "dark"), rgb)).toBeGreaterThanOrEqual(4.5);
    }
    for (const { colour, ink } of signedSteps(theme === "dark")) {
      const [a, b] = [colour, ink].map((css) => channels(css).map((each) => each / 255) as never);
      expect(contrast(a as never, b as never)).toBeGreaterThanOrEqual(3);
    }
    for (const end of [-0.5, 0.5]) {
      expect(contrast(colours.of(end), PAPERS[theme])).toBeGreaterThanOrEqual(3);
    }
  });

  it("gives a change one colour in lines, matrix, grid and text", () => {
    const ofMatrix = coloursOf(colours, state.dark.value);
    const steps = signedSteps(state.dark.value);
    for (const change of [-0.5, -0.1, -0.02, 0.02, 0.1, 0.5]) {
      const drawn = channels(css(ofMatrix.of(change)));
      const levels = Float32Array.of(change);
      const [...pixel] = matrixPixels(
        { rows: 1, columns: 1, levels },
        shadesOf(colours),
        LOST,
      ).data;
      const pen = svgPen();
      const edges = {
        count: 1,
        query: Uint32Array.of(0),
        key: Uint32Array.of(1),
        slot: Uint16Array.of(0),
        weight: levels,
        leftOut: 0,
        attention: 1,
      };
      const of = { edges, indices: Uint32Array.of(0), colours: [colours], curved: false };
      drawLines(pen, { ...of, emphasised: 1 }, LINES);
      const line = channels(pen.marks[0]?.getAttribute("stroke") ?? "");
      const text = channels(steps[signedStepOf(colours.share(change))]?.colour ?? "");
      drawn.forEach((channel, place) => {
        for (const other of [pixel, line, text]) {
          expect(Math.abs((other[place] ?? 999) - channel)).toBeLessThanOrEqual(8);
        }
      });
    }
  });

  it("has 0 in the middle of its legend, and both ends in numbers", () => {
    const { low, high, ticks, ramp } = weightLegend(state, colours);
    expect([low, high]).toEqual(["−0.5", "+0.5"]);
    expect(ticks?.map(({ label }) => label)).toEqual(["−0.125", "0", "0.125"]);
    expect(ticks?.map(({ at }) => at)).toEqual([0.25, 0.5, 0.75]);
    expect(ramp[(ramp.length - 1) / 2]).toBe(colours.css(0));
    state.changeScale.value = { top: 0.5, isOpen: true };
    const open = weightLegend(state, weightColours(state, null));
    expect([open.low, open.high]).toEqual(["≤ −0.5", "≥ +0.5"]);
    state.changeScale.value = { top: 0.5, isOpen: false };
  });

  it("is the same whatever palette weights have", () => {
    for (const colour_map of COLOUR_MAPS) {
      const { state: other } = connected({ theme, colour_map, ...differing });
      other.changeScale.value = { top: 0.5, isOpen: false };
      expect(weightColours(other, null).css(-0.3)).toBe(colours.css(-0.3));
    }
  });
});

it("is that of weights again where one pass is shown", () => {
  const { state } = connected({ edits: [OFF], shown_pass: "after" });
  expect(weightColours(state, 0).isSigned).toBeUndefined();
  expect(state.pass.value).toBe(JSON.stringify([OFF]));
});

it("is written with its sign, and what is too small by what it lies within", () => {
  const { state } = connected(differing);
  const write = (change: number) => state.numbers.change(change);
  expect([0, 0.1234, -0.1234, 1, -1, 0.0001, -0.0001, Number.NaN].map(write)).toEqual([
    "0",
    "+0.123",
    "−0.123",
    "+1",
    "−1",
    "<0.001",
    "<0.001",
    "NaN",
  ]);
  expect(inLanguage("en", { en: "{x}", vi: "", ru: "" }, { x: write(-0.5) })).toContain("−0.500");
});
