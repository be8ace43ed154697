/** What stands above the rows: a vector of the query, and what the columns are called. */

import { button, h } from "../../browser/dom";
import { drawLabel } from "../../controls/token_list";
import type { AppState } from "../../state/app_state";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

export interface Heading {
  readonly elements: readonly HTMLElement[];
  draw(): void;
}

/** `topCells` is where a vector of the query is drawn, or what the head gives out for it. */
export function heading(
  topCells: HTMLElement,
  data: NeuronData,
  state: AppState,
  abort: AbortSignal,
): Heading {
  const { say } = state;
  const queryLabel = h("span", { class: "aw-label aw-neuron-query", dir: "auto" });
  const topName = h("span", {});
  const step = { class: "aw-button aw-neuron-step", "data-figure": "none" };
  const turn = button("", step, abort, () => {
    state.neuron_step.value = data.values.isShown() ? "scores" : "values";
  });
  const topTitle = h("span", { class: "aw-neuron-name" }, topName, turn);
  const scoreTitle = h("span", { class: "aw-number" }, say(NEURON.score));
  const logitTitle = h("span", { class: "aw-number" }, say(NEURON.logit));
  const about = { title: say(NEURON.wordTitle) };
  const wordTitle = h("span", { class: "aw-number aw-word-weight", ...about }, say(NEURON.word));
  const titles = h(
    "span",
    { class: "aw-neuron-titles" },
    scoreTitle,
    logitTitle,
    h("span", { class: "aw-softmax" }, "softmax"),
    wordTitle,
  );
  const first = h("span", { class: "aw-vector" });
  const second = h("span", { class: "aw-vector" });
  const columns = h("span", {}, say(NEURON.token));
  return {
    elements: [
      h("div", { class: "aw-neuron aw-neuron-head" }, queryLabel, topCells, topTitle),
      h("div", { class: "aw-neuron aw-columns" }, columns, first, second, titles),
    ],
    draw() {
      drawLabel(queryLabel, state.sides.value.queries.tokens[data.query.value], state);
      const isOfValues = data.values.isShown();
      const hasParts = data.hasParts();
      const isDrawn = isOfValues ? data.values.areKnown() : hasParts;
      topName.textContent = say(isOfValues ? NEURON.outputName : NEURON.query);
      first.textContent = say(isOfValues ? NEURON.value : NEURON.key);
      second.textContent = isOfValues ? "softmax × v" : "q × k";
      turn.textContent = say(isOfValues ? NEURON.toScores : NEURON.toValues);
      turn.title = say(isOfValues ? NEURON.toScoresTitle : NEURON.toValuesTitle);
      turn.hidden = !hasParts;
      for (const part of [topName, topCells]) part.hidden = !isDrawn;
      scoreTitle.hidden = !hasParts || isOfValues;
      logitTitle.hidden = !data.row.value?.changed || isOfValues;
      wordTitle.hidden = !data.hasPieces.value;
      scoreTitle.title = hasParts
        ? say(NEURON.dimension, { dim: String(state.layerMeta.value?.dim) })
        : "";
    },
  };
}
