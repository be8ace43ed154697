/** Attention as lines, from query tokens to key tokens. */

import { signal } from "@preact/signals-core";
import { fitCanvas, onResize } from "../../browser/dom";
import type { Figure } from "../../draw/figure";
import { type Inks, inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { canvasPen, type Pen, svgPen } from "../../draw/pen";
import { tooltip } from "../../interact/tooltip";
import type { Pane, Savable, View } from "../../panel/view";
import { layerComesWhole } from "../../tensors/deriving";
import { lostWeights } from "../../tensors/lost_weights";
import { columns } from "./columns";
import { lineControls } from "./controls";
import { combineOf, linesData, slotColours } from "./data";
import { linesFigure } from "./figure";
import { type Layout, type Sight, sightOf } from "./layout";
import { weightLegend } from "./legend";
import { type Drawing, drawLines, drawPointer } from "./strokes";
import { LINES } from "./texts";
import { describe, pairInWords, warning, whereabouts } from "./words";

/** What two cores without a GPU stroke within 60 ms, and within a frame while they scroll. */
const MAX_LINES = { still: 4_000, scrolling: 800 };

export const lines: View = {
  texts: LINES,
  isWide: ({ direction }) => direction.value === "horizontal",
  mount,
};

function mount({ element, state, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const { shown, byHead, pending, error, waiting } = linesData(state, source, abort);
  const lost = lostWeights(state, source, abort, () => state.activeHeads.value);
  const lists = columns(state, shown, abort);
  lineControls(frame.controls, state, () => layerComesWhole(state), abort);
  frame.body.append(lists.element);

  const isCut = signal(false);

  function drawingOf({ indices }: Sight): Drawing {
    const { edges, strongest, of } = shown.value;
    return { edges, indices, strongest, colours: slotColours(state), curved: of !== "all" };
  }

  const inksNow = () => inksOf(element, state.dark.value);

  function drawPicture(pen: Pen, sight: Sight, layout: Layout, { ink }: Inks): void {
    drawLines(pen, drawingOf(sight), layout);
    const { of, row: query } = shown.value;
    const hovered = state.hovered.value;
    const key = hovered?.as === "key" ? hovered.token : state.selectedKey.value;
    if (of === "query" && key !== null) drawPointer(pen, { query, key }, ink, layout);
  }

  function draw(): void {
    const inks = inksNow();
    lists.draw(inks);
    drawLegend(frame.legend, [weightLegend(state, shown.value, inks)]);
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
  }

  const redraw = drawEachFrame(lists.element, draw);
  lists.onScroll(redraw);
  onResize(lists.middle, abort, redraw); // the map beside it comes and goes

  const note = () => describe(state, shown.value, isCut.value ? MAX_LINES.still : null);
  tell(() => ({
    note: error.value !== null ? "" : waiting.value ? null : note(),
    where: whereabouts(state),
    warn: warning(state, lost.value),
    pending: pending.value,
    error: error.value ?? lost.value.error,
  }));

  const tip = tooltip(element, abort);
  lists.keyRows.addEventListener(
    "pointermove",
    (event) => {
      const said = pairInWords(state, shown.value, byHead.value);
      if (said) tip.show(said, event);
      else tip.hide();
    },
    { signal: abort },
  );
  lists.keyRows.addEventListener("pointerleave", () => tip.hide(), { signal: abort });

  function figure(): Figure | null {
    if (!state.activeHeads.value.length || !shown.value.edges.count) return null;
    const layout = lists.layout();
    const inks = inksNow();
    const pen = svgPen();
    drawPicture(pen, sightOf(shown.value.edges, layout, MAX_LINES.still), layout, inks);
    return linesFigure(state, {
      layout,
      lines: pen.marks,
      shown: shown.value,
      counts: lists.counts(),
      fit: lists.labels(),
      room: lists.room(),
      inks,
    });
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
