/** Attention as lines, from query tokens to key tokens. */

import { signal } from "@preact/signals-core";
import { fitCanvas, onResize } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { optionControls } from "../../controls/option_controls";
import type { Figure } from "../../draw/figure";
import { type Inks, inksOf } from "../../draw/inks";
import { drawLegend, type LegendItem } from "../../draw/legend";
import { canvasPen, type Pen, svgPen } from "../../draw/pen";
import { snapshot } from "../../draw/snapshot";
import { neutralWeightColours, weightLegend } from "../../draw/weight_colours";
import { tooltip } from "../../interact/tooltip";
import type { Pane, Savable, View } from "../../panel/view";
import { layerComesWhole } from "../../tensors/deriving";
import { lostWeights } from "../../tensors/lost_weights";
import { columns } from "./columns";
import { combineOf, hasPair, keyLookedAt, linesData, slotColours, slotWeightColours } from "./data";
import { type Layout, type Sight, sightOf } from "./layout";
import { drawLines, drawPointer } from "./strokes";
import { LINES, LINES_OPTIONS } from "./texts";
import { describe, pairInWords, warning, whereabouts } from "./words";

/** What two cores without a GPU stroke within 60 ms, and within a frame while they scroll. */
const MAX_LINES = { still: 4_000, scrolling: 800 };

export const lines: View = {
  texts: LINES,
  isWide: ({ direction }) => direction.value === "horizontal",
  mount,
};

function mount({ element, state, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const { say } = state;
  const { shown, byHead, pending, error, isWaiting } = linesData(state, source, abort);
  const lost = lostWeights(state, source, abort, () => state.activeHeads.value);
  const lists = columns(state, shown, abort);
  const atOnce = () => layerComesWhole(state);
  const rules = {
    top_p: { atOnce },
    threshold: { atOnce },
    segments: { shown: () => hasPair(state) },
  };
  frame.controls.append(...optionControls(state, LINES_OPTIONS, rules, abort));
  frame.body.append(lists.element);

  const isCut = signal(false);
  const inksNow = () => inksOf(element, state.dark.value);

  function drawPicture(pen: Pen, { indices }: Sight, layout: Layout, { ink }: Inks): void {
    const { edges, of, row: query } = shown.value;
    const colours = slotWeightColours(state);
    drawLines(pen, { edges, indices, colours, curved: of !== "all" }, layout);
    const key = keyLookedAt(state);
    if (of === "query" && key !== null) drawPointer(pen, { query, key }, ink, layout);
  }

  /** Of one head or of several together; the colours of heads beside each other are in none. */
  function scaleLegend(): LegendItem[] {
    const [first, second] = slotWeightColours(state);
    if (!first) return [];
    return [weightLegend(state, second ? neutralWeightColours(state) : first)];
  }

  /** Of a figure, which has no picker beside it. */
  function headsLegend(): LegendItem[] {
    if (combineOf(state) !== "each" || state.colour_map.value !== "auto") return [];
    const colours = slotColours(state);
    return state.activeHeads.value.map((head, slot) => ({
      colour: colours[slot] ?? "",
      label: say(LINES.head, { head: String(head) }),
    }));
  }

  const redraw = drawEachFrame(lists.element, () => {
    const inks = inksNow();
    lists.draw(inks);
    drawLegend(frame.legend, scaleLegend());
    const layout = lists.layout();
    const { vertical, length, depth } = layout;
    const { edges } = shown.value;
    const isScrolling = lists.isScrolling.value;
    const context = fitCanvas(lists.canvas, vertical ? depth : length, vertical ? length : depth);
    if (!context) return;
    const sight = sightOf(edges, layout, MAX_LINES[isScrolling ? "scrolling" : "still"]);
    if (!isScrolling) isCut.value = sight.cut;
    drawPicture(canvasPen(context), sight, layout, inks);
    lists.canvas.dataset.lines = String(edges.count);
  });
  onResize(lists.middle, abort, redraw); // the map beside it comes and goes

  const note = () => describe(state, shown.value, isCut.value ? MAX_LINES.still : null);
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
    if (!state.activeHeads.value.length || !edges.count) return null;
    const layout = lists.layout();
    const inks = inksNow();
    const pen = svgPen();
    drawPicture(pen, sightOf(edges, layout, MAX_LINES.still), layout, inks);
    return {
      ...snapshot(lists.parts, (_, box) => [
        svg("svg", { ...box, overflow: "hidden" }, ...pen.marks),
      ]),
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
    }),
  };
}
