/** The logit lens at all tokens: a plane of layers and tokens, read layer by layer on demand. */

import { computed, signal } from "@preact/signals-core";
import { button, fitCanvas, h, on, onAbort, onResize, showWords } from "../../browser/dom";
import type { Figure } from "../../draw/figure";
import { inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { canvasPen, svgPen } from "../../draw/pen";
import { signedColours } from "../../draw/signed_colours";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import type { Pane } from "../../panel/view";
import { watch } from "../../state/app_state";
import { lensPlane, planeTold } from "../../tensors/lens_plane";
import { cellOf, lensPlaneOf, SHORT } from "../../trace/lens_plane";
import type { PredictionData } from "./data";
import { drawPlane, drawPlaneMarks, type PlaneScene } from "./plane_drawing";
import { planeHand } from "./plane_hand";
import { planePlan } from "./plane_plan";
import { PLANE } from "./plane_texts";
import { cellInWords, progressInWords, shownPlane } from "./plane_words";

export interface PlaneFold {
  readonly element: HTMLElement;
  /** Null while it is closed, or nothing is read. */
  figure(): Figure | null;
}

/** It is asked for once it is opened; in a page that keeps it, it is open. */
export function planeFold(pane: Pane, data: PredictionData): PlaneFold {
  const { state, model, abort } = pane;
  const { say } = state;
  const isOpen = signal(false);
  const isStopped = signal(false);
  /** Of a longer text. */
  const isWhole = signal(false);
  const predictsTokens = computed(() => {
    const predicts = data.answer.value?.predicts;
    return predicts === "next token" || predicts === "token";
  });
  const plane = lensPlane(
    state,
    model,
    abort,
    () => (isWhole.value ? null : SHORT),
    () => isOpen.value && predictsTokens.value && !isStopped.value,
  );
  const shown = computed(() => shownPlane(plane, state));

  const about = h("p", { class: "aw-lens-about" });
  const words = h("span", { class: "aw-effect-words" });
  const act = { class: "aw-edit-act" };
  const turn = button("", act, abort, () => {
    if (plane.isRunning.value) isStopped.value = true;
    else again();
  });
  const whole = button("", act, abort, () => {
    isWhole.value = true;
    again();
  });
  const line = h("p", { class: "aw-effect-line" }, words, " ", turn, " ", whole);
  const legend = h("div", { class: "aw-lens-legend" });
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = h("canvas", { class: "aw-canvas aw-lens-marks", "aria-hidden": "true" });
  const plot = h("div", { class: "aw-lens-plot" }, canvas, marks);
  const scroller = h("div", { class: "aw-lens-plane", role: "grid", tabindex: 0 }, plot);
  const element = h(
    "details",
    { class: "aw-lens-fold" },
    h("summary", {}, say(PLANE.title)),
    line,
    legend,
    scroller,
    about,
  );
  on(element, "toggle", abort, () => {
    isOpen.value = element.open;
  });

  /** A question that was stopped or refused is asked anew. */
  function again(): void {
    isStopped.value = true;
    isStopped.value = false;
  }

  const width = signal(0);
  onResize(scroller, abort, () => {
    width.value = scroller.clientWidth;
  });
  const labels = computed(() =>
    (shown.value?.positions ?? []).map((position) => data.text.value[position]?.label ?? ""),
  );
  const nLayers = computed(() => shown.value?.n_layers ?? 1);
  const layerOf = (row: number) => nLayers.value - 1 - row;
  const plan = computed(() =>
    planePlan(width.value, nLayers.value, labels.value, `${say(PLANE.layer)} ↑`),
  );
  const selected = computed(() => {
    if (!data.isOfText.value || !shown.value) return { query: null, key: null };
    const key = shown.value.positions.indexOf(state.token.value ?? -1);
    const row = layerOf(state.layer.value);
    return { query: row >= 0 ? row : null, key: key >= 0 ? key : null };
  });
  const colours = () =>
    state.isDifference.value ? signedColours(state, 1) : weightColours(state, null);

  function scene(): PlaneScene {
    const { value: now } = shown;
    const before = state.isDifference.value ? plane.before.value : null;
    const cell = (row: number, column: number) => now && cellOf(now, layerOf(row), column);
    return {
      plan: plan.value,
      ink: inksOf(pane.element, state.dark.value),
      colours: colours(),
      isDark: state.dark.value,
      cell,
      value(row, column) {
        const found = cell(row, column);
        if (!state.isDifference.value) return found?.p ?? 0;
        const then = before && cellOf(before, layerOf(row), column);
        return found && then ? found.answerP - then.answerP : 0;
      },
      labels: labels.value,
      corner: `${say(PLANE.layer)} ↑`,
      layerOf,
      selected: selected.value,
    };
  }

  const linesOf = (row: number, column: number) =>
    cellInWords(state, plane, layerOf(row), column, labels.value[column] ?? "");
  const place = planeHand(pane, data, { scroller, plot, plan, shown, selected, layerOf, linesOf });
  const legendOf = () =>
    shown.value
      ? [
          weightLegend(
            state,
            colours(),
            say(state.isDifference.value ? PLANE.change : PLANE.probability),
          ),
        ]
      : [];

  pane.drawEachFrame(scroller, () => {
    const now = scene();
    const context = fitCanvas(canvas, now.plan.width, now.plan.height);
    if (context && shown.value) drawPlane(canvasPen(context), now);
  });
  pane.drawEachFrame(scroller, () => {
    const now = scene();
    const { value: at } = place;
    const context = fitCanvas(marks, now.plan.width, now.plan.height);
    if (context && shown.value) drawPlaneMarks(canvasPen(context), now, at);
  });
  watch(abort, () => drawLegend(legend, legendOf()));
  watch(abort, () => {
    element.hidden = !predictsTokens.value;
    scroller.hidden = !shown.value;
    const { width: across, height: down } = plan.value;
    plot.style.width = `${across}px`;
    plot.style.height = `${down}px`;
    const sizes = { layers: nLayers.value, tokens: labels.value.length };
    scroller.setAttribute("aria-label", say(PLANE.grid, sizes));
    scroller.toggleAttribute("data-pending", plane.isRunning.value && !shown.value);
  });
  watch(abort, () => {
    const { value: now } = shown;
    const hasAfter = state.edits.value.length > 0 && state.shown_pass.value !== "before";
    const parts = [
      now?.predicts === "token" ? PLANE.aboutHere : PLANE.about,
      ...(state.isDifference.value ? [PLANE.difference] : []),
      plan.value.hasWords ? (hasAfter ? PLANE.boldAfter : PLANE.bold) : PLANE.narrow,
    ].map((text) => say(text));
    showWords(about, now ? parts.join(" ") : "");
  });
  watch(abort, () => {
    const canAsk = model.asks.value;
    const { value: isRunning } = plane.isRunning;
    const { value: now } = plane.current;
    const all = data.answer.value?.positions.length ?? 0;
    const isPart = now !== null && now.positions.length < all;
    const said = plane.error.value ?? progressInWords(state, plane, canAsk);
    const counts = { n: now?.positions.length ?? 0, all };
    showWords(words, isPart ? `${said} ${say(PLANE.lastOnly, counts)}` : said);
    turn.textContent = say(isRunning ? PLANE.stop : PLANE.again);
    turn.hidden = !canAsk || !(isRunning || isStopped.value || plane.error.value);
    whole.textContent = say(PLANE.readAll, counts);
    whole.hidden = !canAsk || isRunning || !isPart;
  });
  watch(abort, () => {
    const isOver = isOpen.value && !plane.isRunning.value;
    planeTold(state).value = isOver ? progressInWords(state, plane, model.asks.value) : "";
  });
  onAbort(abort, () => {
    planeTold(state).value = "";
  });
  let { run } = state.meta.peek();
  watch(abort, () => {
    if (run === state.meta.value.run) return;
    run = state.meta.value.run; // another text
    isStopped.value = false;
    isWhole.value = false;
  });
  void openWhatIsKept();

  /** A page without a kernel shows what it keeps. */
  async function openWhatIsKept(): Promise<void> {
    if (state.meta.peek().read_only !== "page") return;
    for (const edits of [[], state.edits.peek()]) {
      for (const last of [null, SHORT]) {
        const found = await model
          .ask(lensPlaneOf(last, edits), { signal: abort })
          .catch(() => null);
        if (!found) continue;
        isWhole.value = last === null;
        element.open = true;
        return;
      }
    }
  }

  return {
    element,
    figure() {
      if (!isOpen.peek() || !shown.peek() || element.hidden) return null;
      const now = scene();
      const pen = svgPen();
      drawPlane(pen, now);
      drawPlaneMarks(pen, now, null);
      const { width, height } = now.plan;
      return { width, height, marks: pen.marks, legend: legendOf() };
    },
  };
}
