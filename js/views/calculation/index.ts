/** The calculation of one head, step by step: which two matrices make the next one. */

import { computed, signal } from "@preact/signals-core";
import { fitCanvas, h, onResize } from "../../browser/dom";
import { finenessOf } from "../../browser/zoom";
import { headChips } from "../../controls/head_chips";
import { noteOfAfter } from "../../draw/change_words";
import { inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { canvasPen } from "../../draw/pen";
import { ARROWS, ENDS } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { watch } from "../../state/app_state";
import { afterEdits } from "../../state/one_pass";
import { ungrouped } from "../../state/ungrouped";
import { lackIn } from "../../tensors/answer";
import { calculationData } from "./data";
import { calculationFigure, legendOf } from "./figure";
import { hand, type Shown, termsLine } from "./hand";
import { matricesOfStep, planOfStep, type Scene, tallestStep } from "./layout";
import type { Pooling } from "./matrix";
import { matricesOf, operationOf } from "./operations";
import { drawOverview } from "./overview";
import { overviewOf } from "./overview_plan";
import { drawStep } from "./scene";
import { stepsBar } from "./steps_bar";
import { explained } from "./terms";
import { CALCULATION, CALCULATION_KEYS } from "./texts";
import { noteOf, stepInWords, warningOf } from "./words";

export const calculation: View = {
  texts: CALCULATION,
  needs: { tensors: ["calculation"], called: CALCULATION.needs },
  isWide: () => true,
  shortcuts: {
    where: CALCULATION_KEYS.where,
    shortcuts: [
      { keys: ["ArrowLeft", "ArrowRight"], does: CALCULATION_KEYS.otherStep },
      { keys: ENDS, does: CALCULATION_KEYS.endStep },
      { keys: ["ArrowUp", "ArrowDown"], does: CALCULATION_KEYS.followToken },
      { keys: ARROWS, does: CALCULATION_KEYS.otherNumber },
      { keys: ["Enter", " "], does: CALCULATION_KEYS.selects },
    ],
  },
  mount,
};

/** How tall matrices are: less where rows are many anyway. */
const TALL = 300;
const LEAST = 120;
/** Of pictures in the overview, and of all that stands around them and the step. */
const SMALLEST = 22;
const AROUND = 240;

function mount(pane: Pane): Savable {
  const { element, source, model, abort, tell, drawEachFrame } = pane;
  const whole = afterEdits(pane.state);
  const state = ungrouped(whole); // a model computes with tokens
  const data = calculationData(state, source, model, abort);
  pane.controls.append(headChips(state, abort));

  const bar = stepsBar(data, state, abort);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const plot = h(
    "div",
    { class: "aw-plane aw-calculation", tabindex: 0, role: "application" },
    canvas,
  );
  const terms = termsLine();
  pane.body.append(bar.overview, bar.line, plot, terms.element);

  const width = signal(0);
  const fineness = signal(1);
  const pooling = signal<Pooling>({ down: 1, across: 1 });
  const overviewPlan = computed(() => {
    const { value: room } = state.room; // of a window: the step comes first
    const most = room === null ? undefined : Math.max(SMALLEST, (room - AROUND - LEAST) / 3 - 26);
    return overviewOf(data.steps.value, width.value, most);
  });
  const most = () => {
    const { value: room } = state.room;
    return room === null ? TALL : Math.max(LEAST, room - overviewPlan.value.height - AROUND);
  };
  const scene = (): Scene => ({
    state,
    data,
    ink: inksOf(element, state.dark.value),
    fineness: fineness.value,
    width: width.value,
    most: most(),
  });
  let last: Shown | null = null;
  const shownNow = (): Shown | null => {
    const { value: operation } = data.operation;
    const drawn = operation && matricesOfStep(data, operation);
    return operation && drawn
      ? { operation, drawn, plan: planOfStep(scene(), operation, drawn) }
      : null;
  };
  hand(pane, plot, data, state, () => last);

  onResize(plot, abort, () => {
    width.value = plot.clientWidth;
    fineness.value = finenessOf(plot);
  });
  watch(abort, () => {
    if (width.value) bar.place(overviewPlan.value);
  });
  watch(abort, () => {
    const operations = data.results.value.map(({ name }) => operationOf(name, data.steps.value));
    const tall = tallestStep(scene(), operations);
    if (width.value && operations.length) plot.style.height = `${tall}px`;
    plot.hidden = !data.shown.value && !data.pending();
  });
  drawEachFrame(bar.overview, () => {
    const plan = overviewPlan.value;
    const now = data.operation.value;
    const context = fitCanvas(bar.canvas, width.value, plan.height);
    const shown = { name: now?.name ?? null, parts: now ? matricesOf(now) : [] };
    if (context && width.value) drawOverview(canvasPen(context), scene(), plan, shown);
  });
  drawEachFrame(plot, () => {
    const now = shownNow();
    if (!now) return; // the one before stays, dimmed
    last = now;
    const { operation, drawn, plan } = now;
    plot.dataset.result = JSON.stringify(plan.boxes.result); // where a reader of the page finds it
    const context = fitCanvas(canvas, Math.max(plan.width, width.value), plan.height);
    if (context) pooling.value = drawStep(canvasPen(context), scene(), operation, drawn, plan);
  });
  watch(abort, () => {
    const at = data.cell.value;
    const found = at && data.isHere.value ? explained(data, state, at) : null;
    terms.element.hidden = data.shown.value === null;
    if (found || !at) terms.set(found?.lead ?? "", found?.made ?? "");
  });
  watch(abort, () => {
    const [rows = 0, columns = 0] = data.shown.value?.shape ?? [];
    const step = stepInWords(data, state);
    plot.setAttribute("aria-label", state.say(CALCULATION.plot, { step, rows, columns }));
  });
  watch(abort, () =>
    drawLegend(pane.legend, legendOf(data, state, inksOf(element, state.dark.value))),
  );
  tell(() => {
    const error = data.error();
    const isWaiting = data.pending() && !data.isHere.value;
    return {
      note: isWaiting ? null : noteOfAfter(pane.state, noteOf(data, state, pooling.value)),
      warn: warningOf(data, state),
      pending: data.pending(),
      error,
      ...lackIn(data.answer.value),
    };
  });

  return {
    figure: () => {
      const now = shownNow();
      return now && calculationFigure(scene(), now, overviewPlan.value);
    },
    subject: () => ({
      of: "tokens",
      layer: state.layer.value,
      heads: state.activeHeads.value.slice(0, 1),
      how: "each",
    }),
  };
}
