/** Attention as lines, from query tokens to key tokens. */

import { signal } from "@preact/signals-core";
import { fitCanvas, h, onResize } from "../../browser/dom";
import type { Figure } from "../../draw/figure";
import { tooltip } from "../../interact/tooltip";
import { formatWeight } from "../../language/numbers";
import type { Pane, Savable, View } from "../../panel/view";
import { watch } from "../../state/app_state";
import { layerComesWhole } from "../../tensors/deriving";
import { lostWeights } from "../../tensors/lost_weights";
import { columns } from "./columns";
import { lineControls } from "./controls";
import { combineOf, linesData, slotColours } from "./data";
import { linesFigure } from "./figure";
import { type Sight, sightOf } from "./layout";
import { type Drawing, strokeLines, strokePointer } from "./strokes";
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
  const { say } = state;
  const { shown, byHead, pending, error, waiting } = linesData(state, source, abort);
  const lost = lostWeights(state, source, abort, () => state.activeHeads.value);
  const lists = columns(state, shown, abort);
  lineControls(frame.controls, state, () => layerComesWhole(state), abort);
  frame.body.append(lists.element);
  const most = h("span", { class: "aw-legend-high" });
  frame.legend.append(
    `${say(LINES.weight)} 0`,
    h("span", { class: "aw-ramp aw-ramp-opacity", "aria-hidden": "true" }),
    most,
  );
  watch(abort, () => {
    const { strongest, edges } = shown.value;
    most.textContent = edges.count ? formatWeight(strongest) : "";
  });

  const isCut = signal(false);

  function drawingOf({ indices }: Sight): Drawing {
    const { edges, strongest, of } = shown.value;
    return { edges, indices, strongest, colours: slotColours(state), curved: of !== "all" };
  }

  function draw(): void {
    lists.draw();
    const layout = lists.layout();
    const { vertical, length, depth } = layout;
    const { of, row, edges } = shown.value;
    const isScrolling = lists.isScrolling.value;
    const context = fitCanvas(lists.canvas, vertical ? depth : length, vertical ? length : depth);
    if (!context) return;
    const sight = sightOf(edges, layout, MAX_LINES[isScrolling ? "scrolling" : "still"]);
    if (!isScrolling) isCut.value = sight.cut;
    strokeLines(context, drawingOf(sight), layout);
    const hovered = state.hovered.value;
    const key = hovered?.as === "key" ? hovered.token : state.selectedKey.value;
    if (of === "query" && key !== null) {
      strokePointer(context, row, key, state.dark.value ? "white" : "black", layout);
    }
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
    return linesFigure(state, {
      layout,
      drawing: drawingOf(sightOf(shown.value.edges, layout, MAX_LINES.still)),
      shown: shown.value,
      counts: lists.counts(),
      fit: lists.labels(),
      room: lists.room(),
      soft: getComputedStyle(element).getPropertyValue("--aw-soft").trim(),
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
