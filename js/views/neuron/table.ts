/** Rows of the neuron view: the keys' names to the left of the vectors, numbers to the right. */

import { h } from "../../browser/dom";
import { focusColour } from "../../controls/head_chips";
import { drawLabel, markRow, SINK } from "../../controls/token_list";
import { type Rows, virtualRows } from "../../controls/virtual_rows";
import type { AppState } from "../../state/app_state";
import { cellsOf } from "./cells";
import type { NeuronData } from "./data";

export interface NeuronRows {
  labels: Rows;
  numbers: Rows;
}

export function neuronRows(scroller: HTMLElement, data: NeuronData, state: AppState): NeuronRows {
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
    const cells = cellsOf(data, state, index);
    node.classList.toggle("aw-masked", cells?.isHidden ?? false);
    score.hidden = !data.hasParts();
    score.textContent = cells?.score.text ?? "";
    score.style.background = cells?.score.colour ?? "";
    logit.hidden = !data.row.value?.changed;
    logit.textContent = cells?.logit ?? "";
    value.textContent = cells?.softmax.text ?? "";
    bar.style.width = `${100 * (cells?.softmax.share ?? 0)}%`;
    bar.style.background = focusColour(state);
    together.hidden = !data.hasPieces.value;
    together.textContent = cells?.sum ?? "";
  }

  return {
    labels: virtualRows(scroller, "aw-neuron-labels", drawName),
    numbers: virtualRows(scroller, "aw-neuron-numbers", drawNumbers),
  };
}
