/** Attention as a matrix: a row for each query, a column for each key. */

import { batch } from "@preact/signals-core";
import { h, onResize } from "../../browser/dom";
import { finenessOf } from "../../browser/zoom";
import { drawLegend } from "../../draw/legend";
import { namingMeasure } from "../../draw/measure_words";
import { ARROWS, ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import type { Place } from "../../plane/layout";
import { pointing } from "../../plane/pointing";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { lostWeights } from "../../tensors/lost_weights";
import { matrixControls } from "./controls";
import { matrixDrawing } from "./drawing";
import { matrixKeys } from "./keyboard";
import { mapColours } from "./map_colours";
import { matrixView } from "./plan";
import { scaleHint } from "./scale_hint";
import { MATRIX, MATRIX_KEYS } from "./texts";
import { mapWeights } from "./weights";
import { overview, placeInWords, sightInWords, subjectOf } from "./words";

export const matrix: View = {
  isMeasured: true,
  texts: MATRIX,
  shortNow: (state) => namingMeasure(state, MATRIX.ofMeasure),
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

function mount(pane: Pane): Savable {
  const { element, state, source, abort, tell, drawEachFrame } = pane;
  const { say } = state;
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = h("canvas", { class: "aw-canvas aw-matrix-marks", "aria-hidden": "true" });
  const attributes = { class: "aw-plane aw-matrix", tabindex: 0, role: "application" };
  const plot = h("div", attributes, canvas, marks);
  const hint = h("p", { class: "aw-hint aw-matrix-hint" });
  pane.body.append(plot, hint);

  const view = matrixView(state);
  const weights = mapWeights(state, source, abort, view);
  const tint = mapColours(state, weights);
  const lost = lostWeights(state, source, abort, () =>
    weights.pictures.value.flatMap(({ layer, heads }) => heads.map((head) => ({ layer, head }))),
  );
  const hand = pointing(pane, plot, view, linesOf);
  matrixKeys(plot, state, view, hand, abort);
  matrixControls(pane.controls, state, view, abort);
  const drawing = matrixDrawing(element, { state, view, weights, tint }, hand.place);
  const legend = () => tint.legend(lost.value.n > 0);

  drawEachFrame(plot, () => drawing.paint(canvas));
  drawEachFrame(plot, () => drawing.paintMarks(marks));
  onResize(plot, abort, () => {
    batch(() => {
      view.width.value = plot.clientWidth;
      view.fineness.value = finenessOf(plot);
    });
  });
  watch(abort, () => {
    const { queries, keys, height } = view.plan.value;
    plot.setAttribute("aria-label", say(MATRIX.plot, { queries, keys }));
    plot.style.height = `${height}px`;
  });
  watch(abort, () => {
    plot.hidden = !weights.pictures.value.length;
  });
  scaleHint(hint, state, view, abort);
  watch(abort, () => drawLegend(pane.legend, drawing.isReady() ? legend() : []));
  tell(() => {
    const { pending, error } = weights.status.value;
    const { heads, n } = lost.value;
    return {
      note: pending && !drawing.isReady() ? null : note(),
      warn: n ? say(MATRIX.lost, { n, heads: heads.join(", ") }) : "",
      pending,
      error,
    };
  });

  function linesOf(place: Place): string[] {
    return drawing.isReady() ? placeInWords(state, weights, place, view.wanted.value) : [];
  }

  function note(): string {
    const selected = { picture: 0, query: state.selected.value, key: state.selectedKey.value };
    const place = hand.place.value ?? selected;
    const lines = place.key !== null ? linesOf(place) : [];
    const said = lines.length ? lines : [overview(state, weights, view.wanted.value.pooling)];
    return [...said, sightInWords(state, view)].filter(Boolean).join(" · ");
  }

  return {
    figure() {
      const picture = drawing.figure();
      return picture && { ...picture, legend: legend() };
    },
    subject: () => subjectOf(state, weights.pictures.value),
  };
}
