/** Controls of the matrix: which head, how coloured, how large. */

import { button, h } from "../../browser/dom";
import { headChips } from "../../controls/head_chips";
import { optionControls } from "../../controls/option_controls";
import { ZOOM_STEP } from "../../plane/camera";
import { type AppState, watch } from "../../state/app_state";
import { shownHeads } from "../../state/shown_heads";
import type { MatrixView } from "./plan";
import { MATRIX, MATRIX_OPTIONS } from "./texts";

export function matrixControls(
  element: HTMLElement,
  state: AppState,
  view: MatrixView,
  abort: AbortSignal,
): void {
  const { say } = state;
  const isOne = () =>
    !state.pairs.value.length &&
    (state.combine.value === "overlay" || state.activeHeads.value.length < 2);
  const flags = optionControls(state, MATRIX_OPTIONS, {}, abort);
  const named = (label: string, title: string, act: () => void) =>
    button(label, { "aria-label": title, title }, abort, act);
  const out = named("−", say(MATRIX.zoomOut), () => view.zoomBy(1 / ZOOM_STEP));
  const larger = named("+", say(MATRIX.zoomIn), () => view.zoomBy(ZOOM_STEP));
  const fit = button(say(MATRIX.fit), { title: say(MATRIX.fitTitle) }, abort, view.fit);
  const zoom = h("span", { class: "aw-buttons" }, out, larger, fit);
  element.append(
    headChips(state, abort, isOne),
    h("span", { class: "aw-buttons" }, ...flags),
    zoom,
  );

  watch(abort, () => {
    const factor = view.factor.value;
    zoom.hidden = view.largest.value <= 1 || !shownHeads(state).length;
    larger.disabled = factor >= view.largest.value * 0.999;
    out.disabled = factor <= 1;
    fit.disabled = factor <= 1;
  });
}
