/** Rows of the neuron view: the keys' names to the left of the vectors, numbers to the right. */

import { h } from "../../browser/dom";
import { focusColour } from "../../controls/head_chips";
import { drawLabel, markRow, SINK } from "../../controls/token_list";
import { type Rows, virtualRows } from "../../controls/virtual_rows";
import { divergingCss } from "../../draw/scales";
import type { AppState } from "../../state/app_state";
import { exactness } from "../../trace/exactness";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

export interface NeuronRows {
  labels: Rows;
  numbers: Rows;
}

/** Scores are text on colour: never so strong that it cannot be read. */
const SCORE_SHADE = 1.8;

/** One beyond the largest, which is set aside, is coloured as the largest: it is written there. */
export function scoreCss(score: number, largest: number, dark: boolean): string {
  const shown = Math.max(-largest, Math.min(largest, score)); // NaN stays NaN
  return divergingCss(shown, largest * SCORE_SHADE, dark);
}

export function neuronRows(scroller: HTMLElement, data: NeuronData, state: AppState): NeuronRows {
  const { say, numbers } = state;

  function markSink(node: HTMLElement, index: number): void {
    node.classList.toggle("aw-sink", data.isSink(index));
    if (data.isSink(index)) delete node.dataset.token;
  }

  function drawName(node: HTMLElement, index: number): void {
    if (!node.firstChild) node.append(h("span", { class: "aw-label", dir: "auto" }));
    const label = node.firstChild as HTMLElement;
    markSink(node, index);
    drawLabel(label, data.isSink(index) ? SINK : state.sides.value.keys.tokens[index], state);
    markRow(node, index, "key", state);
    const place = data.pieces.value[index]?.place ?? "";
    if (place) node.dataset.piece = place;
    else delete node.dataset.piece;
  }

  function drawNumbers(node: HTMLElement, index: number): void {
    if (!node.firstChild) {
      node.append(
        h("span", { class: "aw-number aw-score" }),
        h("span", { class: "aw-number" }),
        h("span", { class: "aw-softmax" }, h("i", {}), h("b", {})),
        h("span", { class: "aw-number aw-word-sum" }),
      );
    }
    const [score, logit, softmax, together] = node.children as unknown as HTMLElement[];
    const [bar, value] = (softmax?.children ?? []) as unknown as HTMLElement[];
    if (!score || !logit || !bar || !value || !together) return;
    markSink(node, index);
    markRow(node, index, "key", state);
    const row = data.row.value;
    const sink = data.isSink(index);
    const hidden = row?.logit?.[index] === Number.NEGATIVE_INFINITY;
    node.classList.toggle("aw-masked", hidden);
    const known = row?.score && !sink ? row.score : null;
    score.hidden = !data.hasParts();
    score.textContent = known ? numbers.glance(known[index] ?? Number.NaN, exactness().score) : "";
    score.style.background =
      row && known && !hidden ? scoreCss(known[index] ?? 0, row.largest, state.dark.value) : "";
    logit.hidden = !row?.changed;
    logit.textContent =
      !row?.logit || sink
        ? ""
        : hidden
          ? "−∞"
          : numbers.glance(row.logit[index] ?? Number.NaN, exactness().score);
    const weight = (sink ? row?.sink : row?.attention[index]) ?? Number.NaN;
    value.textContent = !row
      ? ""
      : hidden
        ? say(NEURON.masked)
        : numbers.share(weight, row.errorOf(weight));
    bar.style.width = `${100 * Math.min(1, (row && weight) || 0)}%`;
    bar.style.background = focusColour(state);
    const sum = data.wordSum(index);
    together.hidden = !data.hasPieces.value;
    together.textContent = sum === null ? "" : `Σ ${numbers.share(sum, row?.errorOf(sum) ?? 0)}`;
  }

  return {
    labels: virtualRows(scroller, "aw-neuron-labels", drawName),
    numbers: virtualRows(scroller, "aw-neuron-numbers", drawNumbers),
  };
}
