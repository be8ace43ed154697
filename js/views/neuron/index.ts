/** How one head comes by the attention of one query token: q, k, q × k, q · k, softmax. */

import { h, onceAFrame, onResize } from "../../browser/dom";
import { headChips } from "../../controls/head_chips";
import { drawLabel, linkRows, linkScroller } from "../../controls/token_list";
import { ROW_HEIGHT, tellHeight } from "../../controls/virtual_rows";
import { drawLegend } from "../../draw/legend";
import { tooltip } from "../../interact/tooltip";
import { windowTitle } from "../../language/descriptions";
import { isolated } from "../../language/direction";
import { panel } from "../../panel/panel";
import { PANEL } from "../../panel/texts/panel";
import { type AppState, watch } from "../../state/app_state";
import type { TensorSource } from "../../tensors/source";
import { exactness } from "../../trace/exactness";
import { neuronData } from "./data";
import { neuronFigure } from "./figure";
import { vectorLegend } from "./legend";
import { neuronRows } from "./table";
import { NEURON } from "./texts";
import { vectorCells } from "./vectors";
import { pieceChips } from "./word_pieces";
import { noteOf, warningOf } from "./words";

export function neuronView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say, numbers: write } = state;
  const data = neuronData(state, source, abort);
  const frame = panel(
    element,
    "neuron",
    NEURON,
    state,
    abort,
    () => neuronFigure(element, data, state, inSight()),
    () => ({
      of: "tokens",
      layer: state.layer.value,
      heads: state.activeHeads.value.slice(0, 1),
      how: "each",
    }),
  );
  frame.controls.append(headChips(state, abort), pieceChips(state, abort));

  const queryLabel = h("span", { class: "aw-label aw-neuron-query", dir: "auto" });
  const queryName = h("span", { class: "aw-neuron-name" }, say(NEURON.query));
  const scoreTitle = h("span", { class: "aw-number" }, "q · k · scale");
  const logitTitle = h("span", { class: "aw-number" }, say(NEURON.logit));
  const sumTitle = h("span", { class: "aw-number aw-word-sum" }, "Σ");
  const scroller = h("div", {
    class: "aw-scroll aw-neuron",
    tabindex: 0,
    role: "group",
    "aria-label": say(NEURON.scroller),
  });
  const tip = tooltip(element);
  const { labels, numbers } = neuronRows(scroller, data, state);
  const { cells, paint: paintVectors } = vectorCells(scroller, tip, data, state, abort);
  scroller.append(labels.element, cells.key, cells.product, numbers.element);
  frame.body.append(
    h("div", { class: "aw-neuron aw-neuron-head" }, queryLabel, cells.query, queryName),
    h(
      "div",
      { class: "aw-neuron aw-columns" },
      h("span", {}, say(NEURON.token)),
      h("span", { class: "aw-vector" }, say(NEURON.key)),
      h("span", { class: "aw-vector" }, "q × k"),
      h(
        "span",
        { class: "aw-neuron-titles" },
        scoreTitle,
        logitTitle,
        h("span", { class: "aw-softmax" }, "softmax"),
        sumTitle,
      ),
    ),
    scroller,
  );

  linkRows(labels.element, "key", state, abort);
  linkRows(numbers.element, "key", state, abort);
  const reveal = linkScroller(scroller, state, abort);

  /** First row in sight, and one past the last. */
  function inSight(): [number, number] {
    const first = Math.floor(scroller.scrollTop / ROW_HEIGHT);
    const last = Math.min(data.count(), first + Math.round(scroller.clientHeight / ROW_HEIGHT));
    return [first, last];
  }

  function paint(): void {
    const rows = data.count();
    tellHeight(scroller, rows);
    labels.refresh(rows);
    numbers.refresh(rows);
    reveal();
    paintVectors();
  }

  function describe(): void {
    drawLabel(queryLabel, state.sides.value.queries.tokens[data.query.value], state);
    const row = data.row.value;
    const hasParts = data.hasParts();
    const hasPieces = data.hasPieces.value;
    frame.body.toggleAttribute("data-maps", !hasParts);
    frame.body.toggleAttribute("data-logits", row?.changed ?? false);
    frame.body.toggleAttribute("data-pieces", hasPieces);
    for (const part of [queryName, cells.query, scoreTitle]) part.hidden = !hasParts;
    logitTitle.hidden = !row?.changed;
    sumTitle.hidden = !hasPieces;
    scoreTitle.title = hasParts
      ? say(NEURON.dimension, { dim: String(state.layerMeta.value?.dim) })
      : "";
    drawLegend(frame.legend, vectorLegend(data, state));
    const isWaiting = row === null && state.focusHead.value !== null && data.pending();
    frame.note(isWaiting ? say(PANEL.waiting) : noteOf(data, state));
    frame.where(windowTitle(state.meta.value, state.sides.value.window, state.say));
    frame.warn(warningOf(row, data, state));
  }

  numbers.element.addEventListener(
    "pointermove",
    (event) => {
      const row = data.row.value;
      const key = state.hovered.value?.token;
      if (!row || key === undefined || state.hovered.value?.as !== "key") {
        tip.hide();
        return;
      }
      const sum = data.wordSum(key);
      const { score: error } = exactness();
      const weight = (data.isSink(key) ? row.sink : row.attention[key]) ?? Number.NaN;
      tip.show(
        [
          isolated(state.sides.value.keys.tokens[key]?.label ?? ""),
          ...(row.score
            ? [`q · k · scale = ${write.exact(row.score[key] ?? Number.NaN, error)}`]
            : []),
          ...(row.changed
            ? [`${say(NEURON.logit)} = ${write.exact(row.logit?.[key] ?? Number.NaN, error)}`]
            : []),
          `softmax = ${write.exact(weight, row.errorOf(weight))}`,
          ...(sum === null
            ? []
            : [say(NEURON.wordSum, { value: write.share(sum, row.errorOf(sum)) })]),
        ],
        event,
      );
    },
    { signal: abort },
  );
  numbers.element.addEventListener("pointerleave", () => tip.hide(), { signal: abort });

  const repaint = onceAFrame(scroller, abort, paint);
  watch(abort, () => {
    void state.hovered.value;
    void state.pinned.value;
    void state.token.value;
    void state.units.value;
    void state.selectedKey.value;
    describe();
    frame.status(data.pending(), data.error());
    repaint();
  });
  scroller.addEventListener("scroll", repaint, { signal: abort });
  onResize(scroller, abort, repaint);
}
