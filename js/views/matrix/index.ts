/** Attention as a matrix: a row for each query, a column for each key. */

import { batch } from "@preact/signals-core";
import { h, onResize } from "../../browser/dom";
import { drawLegend } from "../../draw/legend";
import { tooltip } from "../../interact/tooltip";
import { ARROWS, ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { lostWeights } from "../../tensors/lost_weights";
import { camera } from "./camera";
import { matrixControls } from "./controls";
import { matrixDrawing } from "./drawing";
import { mapColours } from "./map_colours";
import type { Place } from "./plan";
import { pointing } from "./pointing";
import { MATRIX, MATRIX_KEYS } from "./texts";
import { mapWeights } from "./weights";
import { overview, placeInWords, sightInWords, subjectOf } from "./words";

export const matrix: View = {
  texts: MATRIX,
  shortcuts: {
    where: MATRIX_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: DOES.otherCell },
      { keys: ENDS, does: DOES.endCell },
      { keys: PAGES, does: DOES.page },
      { hold: "Shift", keys: ARROWS, does: MATRIX_KEYS.otherMap },
      { keys: ["Enter", " "], does: MATRIX_KEYS.selectCell },
      { keys: ["+", "-"], does: DOES.zoom },
      { keys: ["0"], does: DOES.fit },
    ],
  },
  mount,
};

function mount({ element, state, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const { say } = state;
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = h("canvas", { class: "aw-canvas aw-matrix-marks", "aria-hidden": "true" });
  const plot = h("div", { class: "aw-matrix", tabindex: 0, role: "application" }, canvas, marks);
  frame.body.append(plot);
  const tip = tooltip(element, abort);

  const view = camera(state);
  const weights = mapWeights(state, source, abort, view.wanted);
  const tint = mapColours(state, weights);
  const lost = lostWeights(state, source, abort, () =>
    weights.pictures.value.flatMap((picture) => picture.heads),
  );
  const { place, mouse } = pointing(plot, state, view, abort);
  matrixControls(frame.controls, state, view, abort);
  const drawing = matrixDrawing(element, [canvas, marks], state, view, weights, tint, place);
  const { isReady } = drawing;
  const legend = () => tint.legend(lost.value.n > 0);

  drawEachFrame(plot, drawing.paint);
  drawEachFrame(plot, drawing.paintMarks);
  onResize(plot, abort, () => {
    batch(() => {
      view.width.value = plot.clientWidth;
      view.fineness.value = window.devicePixelRatio || 1;
    });
  });
  watch(abort, () => {
    const { queries, keys } = view.counts.value;
    plot.toggleAttribute("data-zoomed", view.factor.value > 1);
    plot.setAttribute("aria-label", say(MATRIX.plot, { queries, keys }));
    plot.style.height = `${view.plan.value.height}px`;
    plot.dataset.maps = view.plan.value.maps
      .map(({ x, y, width, height }) => `${x} ${y} ${width} ${height}`)
      .join(";");
  });
  watch(abort, () => drawLegend(frame.legend, isReady() ? legend() : []));
  watch(abort, () => {
    const lines = mouse.value && place.value ? linesOf(place.value) : [];
    if (mouse.value && lines.length) tip.show(lines, mouse.value);
    else tip.hide();
  });
  tell(() => {
    const { pending, error } = weights.status.value;
    return { note: pending && !isReady() ? null : note(), warn: warning(), pending, error };
  });

  function linesOf(cell: Place): string[] {
    return isReady() ? placeInWords(state, weights, cell, view.wanted.value) : [];
  }

  function note(): string {
    const selected = { picture: 0, query: state.selected.value, key: state.selectedKey.value };
    const cell = place.value ?? selected;
    const lines = cell.key !== null ? linesOf(cell) : [];
    const said = lines.length ? lines : [overview(state, weights, view.pooling.value)];
    return [...said, sightInWords(state, view)].filter(Boolean).join(" · ");
  }

  function warning(): string {
    const { heads, n } = lost.value;
    return n ? say(MATRIX.lost, { n, heads: heads.join(", ") }) : "";
  }

  return {
    figure() {
      const picture = drawing.figure();
      return picture && { ...picture, legend: legend() };
    },
    subject: () => subjectOf(state, weights.pictures.value),
  };
}
