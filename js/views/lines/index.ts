/** Attention as lines, from query tokens to key tokens. */

import { signal } from "@preact/signals-core";
import { fitCanvas, onResize } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { optionControls } from "../../controls/option_controls";
import { noteOfDifference } from "../../draw/change_words";
import type { Figure } from "../../draw/figure";
import { type Inks, inksOf } from "../../draw/inks";
import { drawLegend, type LegendItem } from "../../draw/legend";
import { isUnboundedHere, namingMeasure } from "../../draw/measure_words";
import { canvasPen, type Pen, svgPen } from "../../draw/pen";
import { snapshot } from "../../draw/snapshot";
import { neutralWeightColours, weightLegend } from "../../draw/weight_colours";
import { tooltip } from "../../interact/tooltip";
import { MEASURE } from "../../language/texts/measures";
import type { Pane, Savable, View } from "../../panel/view";
import { shownHeads } from "../../state/shown_heads";
import { layerComesWhole } from "../../tensors/deriving";
import { lostWeights } from "../../tensors/lost_weights";
import { columns } from "./columns";
import { hasPair, keyLookedAt, linesData } from "./data";
import { type Layout, rowsInSight, type Sight, sightOf } from "./layout";
import { combineOf, nameOf, slotColours, slotWeightColours } from "./slots";
import { drawLines, drawPointer, isOverlaid } from "./strokes";
import { LINES, LINES_OPTIONS } from "./texts";
import { describe, pairInWords, warning, whereabouts } from "./words";

/** What two cores without a GPU stroke within 60 ms, and within a frame while they scroll. */
const MAX_LINES = { still: 4_000, scrolling: 800 };

/** Behind the lines that are looked at. */
const MAX_HAIRLINES = 1_500;

/** Of several heads at once so many lines stand out for each visible query, and of a short text. */
const EMPHASISED = { ofQuery: 2, least: 128 };

export const lines: View = {
  isMeasured: true,
  texts: LINES,
  shortNow: (state) => namingMeasure(state, LINES.ofMeasure),
  isWide: ({ direction }) => direction.value === "horizontal",
  mount,
};

function mount({ element, state, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const { shown, all, byHead, pending, error, isWaiting } = linesData(state, source, abort);
  const lost = lostWeights(state, source, abort, () => shownHeads(state));
  const lists = columns(state, shown, abort);
  const atOnce = () => layerComesWhole(state);
  const rules = {
    top_p: {
      atOnce,
      title: () =>
        namingMeasure(state, LINES.topPOfMeasure) || state.say(LINES_OPTIONS.top_p.title),
    },
    threshold: {
      atOnce,
      usable: () => !isUnboundedHere(state),
      title: () => (isUnboundedHere(state) ? state.say(MEASURE.noThreshold) : ""),
    },
    segments: { shown: () => hasPair(state) },
  };
  frame.controls.append(...optionControls(state, LINES_OPTIONS, rules, abort));
  frame.body.append(lists.element);

  const most = signal<number | null>(null); // of those that could be drawn there are more
  const standOut = signal<number | null>(null);
  const inksNow = () => inksOf(element, state.dark.value);

  /** How many lines stand out: of several heads on each other all would be a haze. Null for all. */
  function emphasised(layout: Layout): number | null {
    if (shown.value.of !== "all" || !isOverlaid(layout)) return null;
    const { from, to } = rowsInSight(layout, "query");
    const rows = Math.min(to + 1, state.sides.value.queries.tokens.length) - from;
    return Math.max(EMPHASISED.least, EMPHASISED.ofQuery * rows);
  }

  function drawPicture(pen: Pen, { indices }: Sight, layout: Layout, { ink }: Inks): void {
    const { edges, of, row: query } = shown.value;
    const style = { colours: slotWeightColours(state), curved: of !== "all" };
    const strong = emphasised(layout) ?? indices.length;
    drawLines(pen, { edges, indices, emphasised: strong, ...style }, layout);
    const key = keyLookedAt(state);
    if (of === "query" && key !== null) drawPointer(pen, { query, key }, ink, layout);
  }

  /** The other lines, behind those that are looked at. */
  function drawGround(pen: Pen, layout: Layout): void {
    const { indices } = sightOf(all.value, layout, MAX_HAIRLINES);
    const style = { colours: slotWeightColours(state), curved: true, emphasised: 0 };
    drawLines(pen, { edges: all.value, indices, ...style }, layout);
  }

  const hasGround = () => shown.value.of === "query" || shown.value.of === "key";

  /** Of one head or of several together; the colours of heads beside each other are in none. */
  function scaleLegend(): LegendItem[] {
    const [first, second] = slotWeightColours(state);
    if (!first) return [];
    return [weightLegend(state, second ? neutralWeightColours(state) : first)];
  }

  /** Of a figure, which has no picker beside it. */
  function headsLegend(): LegendItem[] {
    if (state.isSigned.value) return []; // its colours are those of both signs
    if (combineOf(state) !== "each" || state.colour_map.value !== "auto") return [];
    const colours = slotColours(state);
    return shownHeads(state).map((head, slot) => ({
      colour: colours[slot] ?? "",
      label: nameOf(state, head),
    }));
  }

  const redraw = drawEachFrame(lists.element, () => {
    const inks = inksNow();
    const layout = lists.draw(inks);
    drawLegend(frame.legend, scaleLegend());
    const { vertical, length, depth } = layout;
    const { edges } = shown.value;
    const isScrolling = lists.isScrolling.value;
    const size = vertical ? ([depth, length] as const) : ([length, depth] as const);
    refreshGround(size, layout, isScrolling);
    const context = fitCanvas(lists.canvas, ...size);
    if (!context) return;
    const sight = sightOf(edges, layout, MAX_LINES[isScrolling ? "scrolling" : "still"]);
    if (!isScrolling) {
      const strong = emphasised(layout);
      most.value = sight.cut ? MAX_LINES.still : null;
      standOut.value = strong !== null && strong < sight.indices.length ? strong : null;
    }
    drawPicture(canvasPen(context), sight, layout, inks);
    lists.canvas.dataset.lines = String(edges.count);
  });
  /** Pointing at other rows does not change it, and it takes longer than what does. */
  let ground: unknown[] = [];
  function refreshGround(size: readonly [number, number], layout: Layout, isMoving: boolean): void {
    const { ground: canvas } = lists;
    canvas.hidden = !hasGround() || isMoving;
    const colours = slotWeightColours(state).map(({ name }) => name);
    const now = [all.value, ...colours, JSON.stringify(layout), window.devicePixelRatio];
    if (canvas.hidden || now.every((part, place) => part === ground[place])) return;
    ground = now;
    const context = fitCanvas(canvas, ...size);
    if (context) drawGround(canvasPen(context), layout);
  }

  onResize(lists.middle, abort, redraw); // the map beside it comes and goes

  const note = () => {
    const said = describe(state, shown.value, most.value, standOut.value);
    const isNothing = shown.value.of !== "nothing" && !all.value.attention && !pending.value;
    return noteOfDifference(state, said, isNothing);
  };
  tell(() => ({
    note: error.value !== null ? "" : isWaiting.value ? null : note(),
    where: whereabouts(state),
    warn: warning(state, lost.value),
    pending: pending.value,
    error: error.value ?? lost.value.error,
  }));
  tooltip(element, abort).follow(lists.keyRows, () =>
    pairInWords(state, shown.value, byHead.value),
  );

  function figure(): Figure | null {
    const { edges } = shown.value;
    if (!shownHeads(state).length || !edges.count) return null;
    const layout = lists.layout();
    const inks = inksNow();
    const pen = svgPen();
    if (hasGround()) drawGround(pen, layout);
    drawPicture(pen, sightOf(edges, layout, MAX_LINES.still), layout, inks);
    return {
      ...snapshot(lists.parts, (canvas, box) =>
        canvas === lists.canvas ? [svg("svg", { ...box, overflow: "hidden" }, ...pen.marks)] : [],
      ),
      legend: [...scaleLegend(), ...headsLegend()],
    };
  }

  return {
    figure,
    subject: () => ({
      of: "weights",
      layer: state.layer.value,
      heads: state.activeHeads.value,
      how: combineOf(state),
      pairs: state.pairs.value,
    }),
  };
}
