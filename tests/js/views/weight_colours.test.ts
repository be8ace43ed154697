/** What is drawn of one weight has one colour in every view. */

import { describe, expect, it } from "vitest";
import { css, type Rgb } from "../../../js/draw/colour";
import { rampOf, stepsAlong } from "../../../js/draw/colour_maps";
import { headColours } from "../../../js/draw/palette";
import { svgPen } from "../../../js/draw/pen";
import { weightColours } from "../../../js/draw/weight_colours";
import { STEPS, shareOf } from "../../../js/draw/weight_scale";
import { COLOUR_MAPS } from "../../../js/trace/options";
import { LEVEL_NAN, matrixPixels, shadesOf } from "../../../js/views/grid/thumbnails";
import type { Layout } from "../../../js/views/lines/layout";
import { drawLines } from "../../../js/views/lines/strokes";
import { coloursOf } from "../../../js/views/matrix/colours";
import { connected } from "../helpers/state";

const LAYOUT: Layout = {
  vertical: true,
  pitch: 22,
  length: 44,
  depth: 100,
  scrolled: { query: 0, key: 0 },
  slots: 1,
  apart: false,
} as Layout;

const channels = (colour: string) => (colour.match(/\d+/g) ?? []).map(Number);
const LOST: Rgb = [1, 0, 0];

describe.each(["light", "dark"] as const)("on %s paper", (theme) => {
  it.each(COLOUR_MAPS.flatMap((map) => [[map, false] as const, [map, true] as const]))(
    "%s gives a weight one colour in lines, matrix, grid and text (log: %s)",
    (colour_map, log_colour) => {
      const { state } = connected({ theme, colour_map, log_colour });
      for (const head of [0, 3, null]) {
        const colours = weightColours(state, head);
        const ofMatrix = coloursOf(colours, state.dark.value);
        const steps = stepsAlong(colours.ramp, state.dark.value); // the classes of the text
        for (const weight of [0.004, 0.036, 0.1, 0.382, 0.75, 1]) {
          const drawn = channels(css(ofMatrix.of(weight)));
          const level = Math.round(254 * Math.sqrt(weight));
          const data = { rows: 1, columns: 1, levels: Uint8Array.of(level) };
          const [...pixel] = matrixPixels(data, shadesOf(colours), LOST).data;
          const pen = svgPen();
          const edges = {
            count: 1,
            query: Int32Array.of(0),
            key: Int32Array.of(1),
            slot: Int32Array.of(0),
            weight: Float32Array.of(weight),
          };
          const drawing = { edges, indices: Uint32Array.of(0), colours: [colours], curved: false };
          drawLines(pen, drawing as never, LAYOUT);
          const line = channels(pen.marks[0]?.getAttribute("stroke") ?? "");
          const word = channels(
            steps[Math.round(colours.share(weight) * (STEPS - 1))]?.colour ?? "",
          );
          for (const [name, seen] of Object.entries({ grid: pixel.slice(0, 3), line, word })) {
            expect(seen, name).toHaveLength(3);
            // Lines and words have steps, and thumbnails levels.
            const off = Math.max(...seen.map((channel, i) => Math.abs(channel - (drawn[i] ?? 0))));
            expect(off, `${name} ${weight}`).toBeLessThanOrEqual(16);
          }
        }
      }
    },
  );

  it("a head's weights have its colour, others purple, as long as nothing else is chosen", () => {
    const { state } = connected({ theme });
    expect(weightColours(state, 2).css(1)).toBe(headColours(3)[2]);
    expect(weightColours(state, null).ramp(0.5)).toEqual(rampOf("purple", theme === "dark")(0.5));
    expect(weightColours(state, 2).share(0.25)).toBe(shareOf(0.25));
  });
});

it("a level that is no number has no share", () => {
  const { state } = connected();
  const { shares } = shadesOf(weightColours(state, 0));
  expect(shares.length).toBe(LEVEL_NAN);
});
