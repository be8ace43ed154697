/** What stands above the rows: the vector of the query, and what the columns are called. */

import { h } from "../../browser/dom";
import { drawLabel } from "../../controls/token_list";
import type { AppState } from "../../state/app_state";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

export interface Heading {
  readonly elements: readonly HTMLElement[];
  draw(): void;
}

/** `queryCells` is where the vector of the query is drawn. */
export function heading(queryCells: HTMLElement, data: NeuronData, state: AppState): Heading {
  const { say } = state;
  const queryLabel = h("span", { class: "aw-label aw-neuron-query", dir: "auto" });
  const queryName = h("span", { class: "aw-neuron-name" }, say(NEURON.query));
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
  return {
    elements: [
      h("div", { class: "aw-neuron aw-neuron-head" }, queryLabel, queryCells, queryName),
      h(
        "div",
        { class: "aw-neuron aw-columns" },
        h("span", {}, say(NEURON.token)),
        h("span", { class: "aw-vector" }, say(NEURON.key)),
        h("span", { class: "aw-vector" }, "q × k"),
        titles,
      ),
    ],
    draw() {
      drawLabel(queryLabel, state.sides.value.queries.tokens[data.query.value], state);
      const hasParts = data.hasParts();
      for (const part of [queryName, queryCells, scoreTitle]) part.hidden = !hasParts;
      logitTitle.hidden = !data.row.value?.changed;
      wordTitle.hidden = !data.hasPieces.value;
      scoreTitle.title = hasParts
        ? say(NEURON.dimension, { dim: String(state.layerMeta.value?.dim) })
        : "";
    },
  };
}
