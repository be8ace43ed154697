/** Lines of attention: how broad and opaque they are, where they lie, and in which batches they are drawn. */

import { css } from "../../draw/colour";
import type { Line, Pen } from "../../draw/pen";
import type { WeightColours } from "../../draw/weight_colours";
import { STEPS, shareOfStep, stepOf } from "../../draw/weight_scale";
import { type Edges, strongest } from "../../measures/edges";
import { endOf, type Layout, laneOf, point, type Span } from "./layout";

/** Of a weight of 1, where rows lie far enough apart: of one bundle, and of heads on each other. */
const BROADEST = { alone: 4, overlaid: 2.5 };

/** More are drawn one device pixel wide at most: broader lines take Chromium five times as long. */
const MAX_BROAD_LINES = 400;

/** The palest and finest that a canvas still gives its own colour. */
const FINEST = 0.5;

/** Lines that are there for the structure alone: none of the weakest, which would be a haze. */
const HAIRLINE = { width: 0.75, least: 4, opacity: 0.35 };

export interface Drawing {
  edges: Edges;
  indices: Uint32Array;
  /** Of each slot. */
  colours: readonly WeightColours[];
  /** Bent lines are easier to tell apart, and slower. */
  curved: boolean;
  /** So many of the strongest stand out, the others are hairlines. */
  emphasised: number;
}

/** Lines of one colour, width and opacity. */
interface Batch {
  colour: string;
  /** Of the scale: width follows it too. */
  step: number;
  isHairline: boolean;
  lines: number[];
}

/** The strongest is drawn last. NaN is not drawn. */
function batchesOf({ edges, indices, emphasised, colours }: Drawing, slots: number): Batch[] {
  const isHair = new Uint8Array(indices.length);
  if (emphasised < indices.length) {
    const weights = Float32Array.from(indices, (index) => Math.abs(edges.weight[index] || 0));
    isHair.fill(1);
    if (emphasised) for (const place of strongest(weights, emphasised)) isHair[place] = 0;
  }
  const batches: Batch[] = [];
  indices.forEach((index, at) => {
    const slot = edges.slot[index] ?? 0;
    const of = colours[slot];
    const share = of?.share(edges.weight[index] ?? 0) ?? 0;
    const step = stepOf(Math.abs(share));
    const isHairline = isHair[at] === 1;
    if (!of || step < (isHairline ? HAIRLINE.least : 1)) return;
    const side = share < 0 ? -1 : 1;
    const place = 2 * (((isHairline ? 0 : STEPS) + step) * slots + slot) + Number(side > 0);
    const colour = () => css(of.ramp(side * shareOfStep(step)));
    batches[place] ??= { colour: colour(), step, isHairline, lines: [] };
    batches[place].lines.push(index);
  });
  return batches.filter(Boolean);
}

/** Lines of several heads lie on each other. */
export const isOverlaid = ({ slots, apart }: Layout): boolean => slots > 1 && !apart;

const broadestOf = (layout: Layout): number =>
  Math.min(BROADEST[isOverlaid(layout) ? "overlaid" : "alone"], 0.4 * layout.pitch);

/**
 * How far each line lies from the middle of its rows, so that those of a pair of rows lie side by
 * side, in order of their heads, and together are no broader than a row.
 */
function offsetsOf(batches: readonly Batch[], { edges }: Drawing, layout: Layout): Float32Array {
  const offsets = new Float32Array(edges.count);
  if (!isOverlaid(layout)) return offsets;
  const broadest = broadestOf(layout);
  const pairs = new Map<number, { index: number; width: number }[]>();
  for (const { step, isHairline, lines } of batches) {
    if (isHairline) continue;
    const width = broadest * shareOfStep(step);
    for (const index of lines) {
      const pair = (edges.query[index] ?? 0) * 2 ** 26 + (edges.key[index] ?? 0);
      const ofPair = pairs.get(pair);
      if (ofPair) ofPair.push({ index, width });
      else pairs.set(pair, [{ index, width }]);
    }
  }
  for (const ofPair of pairs.values()) {
    if (ofPair.length < 2) continue;
    const all = ofPair.reduce((sum, { width }) => sum + width, 0);
    const scale = Math.min(1, (0.8 * layout.pitch) / all);
    ofPair.sort((a, b) => (edges.slot[a.index] ?? 0) - (edges.slot[b.index] ?? 0));
    let place = (-scale * all) / 2;
    for (const { index, width } of ofPair) {
      offsets[index] = place + (scale * width) / 2;
      place += scale * width;
    }
  }
  return offsets;
}

/** It starts at its query and ends at its key. */
function lineOf(layout: Layout, { edges, curved }: Drawing, index: number, offset: number): Line {
  const start = endOf(layout, "query", edges.query[index] ?? 0, offset);
  const end = endOf(layout, "key", edges.key[index] ?? 0, offset);
  const lane = laneOf(layout, edges.slot[index] ?? 0);
  if (curved) return bent(layout, lane, start, end);
  return [point(layout, lane.from, start), point(layout, lane.to, end)];
}

function bent(layout: Layout, { from, to }: Span, start: number, end: number): Line {
  const bend = 0.4 * (to - from);
  return [
    point(layout, from, start),
    point(layout, from + bend, start),
    point(layout, to - bend, end),
    point(layout, to, end),
  ];
}

export function drawLines(pen: Pen, drawing: Drawing, layout: Layout): void {
  const batches = batchesOf(drawing, layout.slots);
  const offsets = offsetsOf(batches, drawing, layout);
  const thin = 1 / window.devicePixelRatio;
  let weaker = batches.reduce(
    (sum, { isHairline, lines }) => sum + Number(!isHairline) * lines.length,
    0,
  );
  for (const { colour, step, isHairline, lines } of batches) {
    const isBroad = weaker <= MAX_BROAD_LINES;
    if (!isHairline) weaker -= lines.length;
    const width = Math.max(FINEST, broadestOf(layout) * shareOfStep(step));
    const style = isHairline
      ? { width: Math.min(thin, HAIRLINE.width), opacity: HAIRLINE.opacity }
      : { width: isBroad ? width : Math.min(thin, width) };
    pen.lines(
      lines.map((index) => lineOf(layout, drawing, index, offsets[index] ?? 0)),
      { colour, ...style },
    );
  }
}

/** Joins the query that is looked at to a key that is pointed at or selected, whatever the weight. */
export function drawPointer(
  pen: Pen,
  { query, key }: { query: number; key: number },
  colour: string,
  layout: Layout,
): void {
  const [start, end] = [endOf(layout, "query", query), endOf(layout, "key", key)];
  const line = bent(layout, { from: 0, to: layout.depth }, start, end);
  pen.lines([line], { colour, width: 1, dash: [3, 3] });
}
