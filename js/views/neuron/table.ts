/** Rows of the neuron view: the keys' names to the left of the vectors, numbers to the right. */

import { h } from "../../browser/dom";
import { focusColour } from "../../controls/head_chips";
import { drawLabel, markRow, SINK } from "../../controls/token_list";
import { type Rows, virtualRows } from "../../controls/virtual_rows";
import { divergingCss } from "../../draw/scales";
import type { AppState } from "../../state/app_state";
import { exactness } from "../../trace/exactness";
import type { Numbers } from "../../trace/tensor";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

/** Scores are text on colour: never so strong that it cannot be read. */
const SCORE_SHADE = 1.8;

/** One beyond the largest, which is set aside, is coloured as the largest: it is written there. */
export function scoreCss(score: number, largest: number, dark: boolean): string {
  const shown = Math.max(-largest, Math.min(largest, score)); // NaN stays NaN
  return divergingCss(shown, largest * SCORE_SHADE, dark);
}

export interface NeuronRows {
  labels: Rows;
  numbers: Rows;
}

export function neuronRows(scroller: HTMLElement, data: NeuronData, state: AppState): NeuronRows {
  const { say, numbers } = state;

  function mark(node: HTMLElement, index: number): void {
    node.classList.toggle("aw-sink", data.isSink(index));
    if (data.isSink(index)) delete node.dataset.token;
    markRow(node, index, "key", state);
  }

  function drawName(node: HTMLElement, index: number): void {
    if (!node.firstChild) node.append(h("span", { class: "aw-label", dir: "auto" }), h("i", {}));
    const token = data.isSink(index) ? SINK : state.sides.value.keys.tokens[index];
    drawLabel(node.firstChild as HTMLElement, token, state);
    mark(node, index);
    const place = data.pieces.value[index]?.place;
    if (place) node.dataset.piece = place;
    else delete node.dataset.piece;
  }

  function drawNumbers(node: HTMLElement, index: number): void {
    if (!node.firstChild) {
      node.append(
        h("span", { class: "aw-number aw-score" }),
        h("span", { class: "aw-number" }),
        h("span", { class: "aw-softmax" }, h("i", {}), h("b", {})),
        h("span", { class: "aw-number aw-word-weight" }),
      );
    }
    const [score, logit, softmax, together] = node.children as unknown as HTMLElement[];
    const [bar, value] = (softmax?.children ?? []) as unknown as HTMLElement[];
    if (!score || !logit || !bar || !value || !together) return;
    mark(node, index);
    const row = data.row.value; // null while it is not here
    const isSink = data.isSink(index);
    const isHidden = row?.logit?.[index] === Number.NEGATIVE_INFINITY;
    const written = (values: Numbers | null | undefined) =>
      values && !isSink ? numbers.glance(values[index] ?? Number.NaN, exactness().score) : "";
    const isColoured = row?.score && !isSink && !isHidden;
    const weight = (isSink ? row?.sink : row?.attention[index]) ?? Number.NaN;
    const shareOf = (share: number) => (row ? numbers.share(share, row.errorOf(share)) : "");
    const ofWord = data.wordWeight(index);
    node.classList.toggle("aw-masked", isHidden);
    score.hidden = !data.hasParts() || data.values.isShown();
    score.textContent = written(row?.score);
    score.style.background = isColoured
      ? scoreCss(row.score?.[index] ?? 0, row.largest, state.dark.value)
      : "";
    logit.hidden = !row?.changed || data.values.isShown();
    logit.textContent = isHidden && !isSink ? "−∞" : written(row?.logit);
    value.textContent = isHidden ? say(NEURON.masked) : shareOf(weight);
    bar.style.width = `${100 * Math.min(1, Math.max(0, weight || 0))}%`;
    bar.style.background = focusColour(state);
    together.hidden = !data.hasPieces.value;
    together.textContent = ofWord === null ? "" : numbers.weight(ofWord);
  }

  return {
    labels: virtualRows(scroller, "aw-neuron-labels", drawName),
    numbers: virtualRows(scroller, "aw-neuron-numbers", drawNumbers),
  };
}
