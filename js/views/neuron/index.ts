/**
 * How one head comes by the attention of one query token: q, k, q × k, q · k, softmax; and what it
 * gives out: v, softmax × v and their sum.
 */

import { h, on } from "../../browser/dom";
import { headChips } from "../../controls/head_chips";
import { optionControls } from "../../controls/option_controls";
import { linkKeys, linkRows } from "../../controls/token_list";
import { revealer, tellHeight } from "../../controls/virtual_rows";
import { noteOfAfter } from "../../draw/change_words";
import { divergingScale } from "../../draw/diverging_scale";
import { drawLegend, type LegendItem } from "../../draw/legend";
import type { Range } from "../../draw/range";
import { snapshot } from "../../draw/snapshot";
import { tooltip } from "../../interact/tooltip";
import type { Pane, Savable, View } from "../../panel/view";
import { type AppState, watch } from "../../state/app_state";
import { afterEdits } from "../../state/one_pass";
import { ungrouped } from "../../state/ungrouped";
import { type NeuronData, neuronData } from "./data";
import { heading } from "./heading";
import { neuronRows } from "./table";
import { NEURON, NEURON_OPTIONS } from "./texts";
import { vectorCells } from "./vectors";
import { pieceChips } from "./word_pieces";
import { noteOf, numbersInWords, warningOf } from "./words";

export const neuron: View = {
  texts: NEURON,
  shortNow: ({ neuron_step, say }) =>
    neuron_step.value === "values" ? say(NEURON.valuesShort) : "",
  needs: { tensors: ["query", "key", "scores", "value", "head_output"], called: NEURON.needs },
  mount,
};

function mount({ element, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const others = afterEdits(frame.state); // the way to a softmax has no difference
  const state = ungrouped(others); // q and k are those of tokens
  const { say } = state;
  const data = neuronData(state, others, source, abort);
  const steps = optionControls(
    state,
    NEURON_OPTIONS,
    { neuron_step: { shown: data.hasParts } },
    abort,
  );
  frame.controls.append(headChips(state, abort), ...steps, pieceChips(state, abort));

  watch(abort, () => drawLegend(frame.legend, vectorLegend(data, state)));

  const scroller = h("div", {
    class: "aw-scroll aw-neuron",
    tabindex: 0,
    role: "group",
    "aria-label": say(NEURON.scroller),
  });
  const tip = tooltip(element, abort);
  const { labels, numbers } = neuronRows(scroller, data, state);
  const vectors = vectorCells(scroller, tip, data, state, abort);
  const { cells } = vectors;
  const top = heading(cells.top, data, state, abort);
  scroller.append(labels.element, cells.first, cells.second, numbers.element);
  frame.body.append(...top.elements, scroller);
  linkRows(labels.element, "key", state, abort);
  linkRows(numbers.element, "key", state, abort);
  linkKeys(scroller, "query", state, abort);
  const reveal = revealer(scroller, () => state.selected.value);

  watch(abort, () => {
    const isOfValues = data.values.isShown();
    const isDrawn = isOfValues ? data.values.areKnown() : data.hasParts();
    frame.body.toggleAttribute("data-maps", !isDrawn);
    frame.body.toggleAttribute("data-values", isOfValues);
    frame.body.toggleAttribute("data-logits", (data.row.value?.changed ?? false) && !isOfValues);
    frame.body.toggleAttribute("data-pieces", data.hasPieces.value);
    top.draw();
  });
  const redraw = drawEachFrame(scroller, () => {
    const rows = data.count();
    tellHeight(scroller, rows);
    labels.refresh(rows);
    numbers.refresh(rows);
    reveal();
    vectors.paint();
  });
  on(scroller, "scroll", abort, redraw);

  tell(() => {
    const row = data.row.value;
    const isWaiting = row === null && state.focusHead.value !== null && data.pending();
    return {
      note: isWaiting ? null : noteOfAfter(frame.state, noteOf(data, state)),
      warn: warningOf(row, data, state),
      pending: data.pending(),
      error: data.error(),
    };
  });

  tip.follow(numbers.element, () => numbersInWords(data, state));

  return {
    figure: () =>
      data.row.value && {
        ...snapshot([...top.elements, scroller], vectors.marksOf),
        legend: vectorLegend(data, state),
      },
    subject: () => ({
      of: "tokens",
      layer: state.layer.value,
      heads: state.activeHeads.value.slice(0, 1),
      how: "each",
    }),
  };
}

/** What the colours of the vectors stand for; nothing where the attention alone is known. */
function vectorLegend(data: NeuronData, state: AppState): LegendItem[] {
  const isOfValues = data.values.isShown();
  if (!(isOfValues ? data.values.areKnown() : data.hasParts())) return [];
  const { say, dark } = state;
  const isHere = (isOfValues ? data.values.output : data.vectors).value !== null;
  const item = (label: string, range: Range, error: number): LegendItem => ({
    ...divergingScale(isHere ? range : null, error, dark.value, state),
    label,
    about: say(NEURON.scale, { name: label }),
  });
  if (isOfValues) {
    const { valueRange, weightedRange, valueError } = data.values;
    return [
      item("v", valueRange.value, valueError()),
      item(`softmax × v, ${say(NEURON.output)}`, weightedRange.value, valueError()),
    ];
  }
  return [
    item("q, k", data.vectorRange.value, data.vectorError()),
    item("q × k", data.productRange.value, data.productError()),
  ];
}
