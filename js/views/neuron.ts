/** How one head comes by the attention of one query token: q, k, q × k, q · k, softmax. */

import { computed } from "@preact/signals-core";
import { attentionRow, countNaN, sinkOf } from "../attention";
import { fitCanvas, h, onceAFrame, onResize } from "../dom";
import { headColours } from "../palette";
import { panel } from "../panel";
import { resource } from "../resource";
import { ROW_HEIGHT, virtualRows, visibleRange } from "../rows";
import {
  diverging,
  divergingCss,
  formatExact,
  formatNumber,
  formatWeight,
  magnitude,
} from "../scales";
import type { TensorSource } from "../source";
import { type AppState, attentionKey, watch } from "../state";
import { windowTitle } from "../story";
import { divergingLegend, stripImage } from "../strips";
import { at, type Numbers, shapeAt } from "../tensor";
import { NEURON } from "../texts/neuron";
import { drawLabel, linkRows, linkScroller, markRow, SINK } from "../token_list";
import { tooltip } from "../tooltip";

const STRIP_HEIGHT = ROW_HEIGHT - 4;

interface Parts {
  query: Numbers; // (dim,)
  keys: { data: Numbers; dim: number }; // (key, dim)
  product: (key: number, i: number) => number;
}

export function neuronView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const frame = panel(element, "neuron", NEURON, state, abort, () => null);
  const chips = h("div", { class: "aw-chips", role: "group", "aria-label": "Head shown here" });
  frame.controls.append(chips);

  const keyLegend = divergingLegend("q, k");
  const productLegend = divergingLegend("q × k");
  frame.legend.append(keyLegend.element, productLegend.element);

  const queryLabel = h("span", { class: "aw-label aw-neuron-query", dir: "auto" });
  const queryCanvas = h("canvas", { class: "aw-canvas", "data-strip": "query" });
  const queryCell = h("div", { class: "aw-strip" }, queryCanvas);
  const queryName = h("span", { class: "aw-neuron-name" }, "query q");
  const scoreTitle = h("span", { class: "aw-number" });
  const logitTitle = h("span", { class: "aw-number" }, "logit");
  const scroller = h("div", {
    class: "aw-scroll aw-neuron",
    tabindex: 0,
    role: "group",
    "aria-label": "Keys of the query token; arrow keys change the query token",
  });
  const labels = virtualRows(scroller, "aw-neuron-labels", drawName);
  const keyCanvas = h("canvas", { class: "aw-canvas", "data-strip": "key" });
  const productCanvas = h("canvas", { class: "aw-canvas", "data-strip": "product" });
  const keyCell = h("div", { class: "aw-strip" }, keyCanvas);
  const productCell = h("div", { class: "aw-strip" }, productCanvas);
  const numbers = virtualRows(scroller, "aw-neuron-numbers", drawNumbers);
  scroller.append(labels.element, keyCell, productCell, numbers.element);
  frame.body.append(
    h("div", { class: "aw-neuron aw-neuron-head" }, queryLabel, queryCell, queryName),
    h(
      "div",
      { class: "aw-neuron aw-columns" },
      h("span", {}, "token"),
      h("span", { class: "aw-vector" }, "key k"),
      h("span", { class: "aw-vector" }, "q × k"),
      h(
        "span",
        { class: "aw-neuron-titles" },
        scoreTitle,
        logitTitle,
        h("span", { class: "aw-softmax" }, "softmax"),
      ),
    ),
    scroller,
  );
  const tip = tooltip(element);

  /** With no token chosen, the first of the text. */
  const query = computed(() => {
    if (state.query.value !== null) return state.query.value;
    const first = queryTokens().findIndex((token) => !token.special);
    return Math.max(0, first);
  });
  const queryTokens = () => state.sides.value.queries.tokens;
  const keyTokens = () => state.sides.value.keys.tokens;
  /** Queries and keys are known, not their attention alone. */
  const hasParts = () => typeof state.layerMeta.value?.dim === "number";
  const keyOf = (name: string, ...rest: number[]) =>
    state.focusHead.value === null || !hasParts()
      ? null
      : attentionKey(state, name, state.focusHead.value, ...rest);
  const tensorOfHead = (name: string) => resource(state, source, abort, () => keyOf(name));
  const queryVectors = tensorOfHead("query");
  const keyVectors = tensorOfHead("key");
  const scores = resource(state, source, abort, () => keyOf("scores", query.value));
  const attention = attentionRow(state, source, abort, () => [query.value]);

  linkRows(labels.element, "key", state, abort);
  linkRows(numbers.element, "key", state, abort);
  const reveal = linkScroller(scroller, state, abort);

  /** The vectors of this layer and head; null until both are here. */
  const parts = computed<Parts | null>(() => {
    const [q, k] = [queryVectors.value, keyVectors.value];
    if (!q.tensor || !k.tensor || q.key !== keyOf("query") || k.key !== keyOf("key")) return null;
    if (query.value >= shapeAt(q.tensor, 0)) return null;
    const vector = at(q.tensor, query.value);
    const { data } = k.tensor;
    const dim = shapeAt(k.tensor, 1);
    return {
      query: vector,
      keys: { data, dim },
      product: (key, i) => (vector[i] ?? 0) * (data[key * dim + i] ?? 0),
    };
  });

  /** One scale for q and k of the head, one for their products with this query. */
  const vectorLimit = computed(() =>
    Math.max(
      magnitude(queryVectors.value.tensor?.data ?? []),
      magnitude(keyVectors.value.tensor?.data ?? []),
    ),
  );
  const productLimit = computed(() => {
    const { value } = parts;
    if (!value) return 0;
    const { data, dim } = value.keys;
    let limit = 0;
    for (let i = 0; i < data.length; i++) {
      const size = Math.abs((data[i] ?? 0) * (value.query[i % dim] ?? 0));
      if (size > limit) limit = size; // NaN is not
    }
    return limit;
  });

  interface Row {
    /** Both are null where the attention alone is known. */
    score: Numbers | null;
    logit: Numbers | null;
    attention: Numbers;
    /** What goes to no token; null for a model without sinks. */
    sink: number | null;
    /** Whether something other than the mask stands between score and softmax. */
    changed: boolean;
    largest: number;
  }

  const rowNow = computed<Row | null>(() => {
    const head = state.focusHead.value;
    const weights = head === null ? undefined : attention.value.heads?.[head];
    if (!weights) return null;
    const sink = sinkOf(weights, state.layerMeta.value);
    if (!hasParts()) {
      return { score: null, logit: null, attention: weights, sink, changed: false, largest: 0 };
    }
    const { tensor, key } = scores.value;
    if (!tensor || key !== keyOf("scores", query.value)) return null;
    const [score, logit] = [at(tensor, 0), at(tensor, 1)];
    const changed = logit.some((l, i) => l > Number.NEGATIVE_INFINITY && l !== score[i]);
    const seen = score.filter((_, i) => logit[i] !== Number.NEGATIVE_INFINITY);
    return { score, logit, attention: weights, sink, changed, largest: magnitude(seen) };
  });

  /** The row below those of the keys. */
  const isSink = (index: number) => index >= keyTokens().length;

  function drawName(node: HTMLElement, index: number): void {
    if (!node.firstChild) node.append(h("span", { class: "aw-label", dir: "auto" }));
    const label = node.firstChild as HTMLElement;
    markSink(node, index);
    drawLabel(label, isSink(index) ? SINK : keyTokens()[index], state);
    markRow(node, index, "key", state);
  }

  function markSink(node: HTMLElement, index: number): void {
    node.classList.toggle("aw-sink", isSink(index));
    if (isSink(index)) delete node.dataset.token;
  }

  function drawNumbers(node: HTMLElement, index: number): void {
    if (!node.firstChild) {
      node.append(
        h("span", { class: "aw-number aw-score" }),
        h("span", { class: "aw-number" }),
        h("span", { class: "aw-softmax" }, h("i", {}), h("b", {})),
      );
    }
    const [score, logit, softmax] = node.children as unknown as HTMLElement[];
    const [bar, value] = (softmax?.children ?? []) as unknown as HTMLElement[];
    if (!score || !logit || !bar || !value) return;
    markSink(node, index);
    markRow(node, index, "key", state);
    const row = rowNow.value;
    const sink = isSink(index);
    const hidden = row?.logit?.[index] === Number.NEGATIVE_INFINITY;
    node.classList.toggle("aw-masked", hidden);
    const known = row?.score && !sink ? row.score : null;
    score.hidden = !hasParts();
    score.textContent = known ? formatNumber(known[index] ?? Number.NaN) : "";
    score.style.background =
      row && known && !hidden
        ? divergingCss(known[index] ?? 0, row.largest * 1.8, state.dark.value)
        : "";
    logit.hidden = !row?.changed;
    logit.textContent =
      !row?.logit || sink ? "" : hidden ? "−∞" : formatNumber(row.logit[index] ?? Number.NaN);
    const weight = (sink ? row?.sink : row?.attention[index]) ?? Number.NaN;
    value.textContent = !row ? "" : hidden ? "masked" : formatWeight(weight);
    bar.style.width = `${100 * Math.min(1, (row && weight) || 0)}%`;
    bar.style.background = headColour();
  }

  function headColour(): string {
    const count = state.layerMeta.value?.n_heads ?? 0;
    return headColours(count, state.dark.value)[state.focusHead.value ?? 0] ?? "";
  }

  function paint(): void {
    const count = keyTokens().length;
    const rows = count + Number((rowNow.value?.sink ?? null) !== null);
    for (const cell of [keyCell, productCell]) cell.style.height = `${count * ROW_HEIGHT}px`;
    labels.refresh(rows);
    numbers.refresh(rows);
    reveal();
    const { value } = parts;
    const height = Math.min(scroller.clientHeight, count * ROW_HEIGHT);
    const strips = [
      {
        canvas: queryCanvas,
        limit: vectorLimit.value,
        cell: (_: number, i: number) => value?.query[i],
      },
      {
        canvas: keyCanvas,
        limit: vectorLimit.value,
        cell: (key: number, i: number) => value?.keys.data[key * value.keys.dim + i],
      },
      { canvas: productCanvas, limit: productLimit.value, cell: value?.product },
    ];
    for (const { canvas, limit, cell } of strips) {
      const single = canvas === queryCanvas;
      const width = canvas.parentElement?.clientWidth ?? 0;
      const context = fitCanvas(canvas, width, single ? ROW_HEIGHT : height);
      if (!context || !value || !cell || !width) continue;
      const [first, last] = single ? [0, 1] : visibleRange(scroller, count);
      const image = stripImage(last - first, value.keys.dim, (row, i) =>
        diverging(cell(first + row, i) ?? 0, limit, state.dark.value),
      );
      context.imageSmoothingEnabled = false;
      for (let row = first; row < last; row++) {
        const top = row * ROW_HEIGHT - (single ? 0 : scroller.scrollTop) + 2;
        context.drawImage(image, 0, row - first, value.keys.dim, 1, 0, top, width, STRIP_HEIGHT);
      }
    }
  }

  function describe(): void {
    const head = state.focusHead.value;
    drawLabel(queryLabel, queryTokens()[query.value], state);
    const row = rowNow.value;
    frame.body.toggleAttribute("data-maps", !hasParts());
    for (const part of [keyLegend, productLegend]) part.element.hidden = !hasParts();
    for (const part of [queryName, queryCell, scoreTitle]) part.hidden = !hasParts();
    logitTitle.hidden = !row?.changed;
    frame.body.toggleAttribute("data-logits", row?.changed ?? false);
    scoreTitle.textContent = "q · k · scale";
    scoreTitle.title = hasParts() ? `head dimension ${state.layerMeta.value?.dim}` : "";
    keyLegend.set(vectorLimit.value, state.dark.value);
    productLegend.set(productLimit.value, state.dark.value);
    frame.note(head === null ? "No head is selected." : row ? sentence(head, row) : "");
    frame.where(windowTitle(state.meta.value, state.sides.value.window, state.say));
    frame.warn(warning(row));
  }

  function warning(row: Row | null): string {
    const said: string[] = [];
    if (state.layerMeta.value && !hasParts()) {
      said.push(
        "The queries and keys of this attention are not known: only its weights were handed over.",
      );
    }
    const count = row ? countNaN(row.attention) : 0;
    if (row && count) {
      const of = row.attention.length;
      said.push(`${count} of the ${of} weights of this query ${count === 1 ? "is" : "are"} NaN.`);
    }
    return said.join(" ");
  }

  /** What the row adds up to. */
  function sentence(head: number, row: Row): string {
    let sum = 0;
    for (const weight of row.attention) sum += weight;
    const sink = row.sink === null ? "" : `; the other ${formatWeight(row.sink)} goes to the sink`;
    const extra = row.changed ? "; logit: after the model's soft cap or bias" : "";
    const chosen = state.query.value === null ? " (no token selected: the first of the text)" : "";
    const label = queryTokens()[query.value]?.label ?? "";
    return (
      `Query “${label}”, layer ${state.layer.value}, head ${head}: softmax sums to ${formatWeight(sum)}` +
      `${sink}${extra}${chosen}`
    );
  }

  function drawChips(): void {
    const heads = state.activeHeads.value;
    const colours = headColours(Math.max(0, ...heads) + 1, state.dark.value);
    chips.replaceChildren(
      ...heads.map((head) => {
        const chip = h(
          "button",
          {
            type: "button",
            class: "aw-chip",
            "data-head": head,
            "aria-pressed": String(head === state.focusHead.value),
            "aria-label": `Head ${head}`,
          },
          String(head),
        );
        chip.style.setProperty("--aw-head", colours[head] ?? "");
        return chip;
      }),
    );
    chips.hidden = heads.length < 2;
  }

  chips.addEventListener(
    "click",
    (event) => {
      const chip = (event.target as Element).closest<HTMLElement>("[data-head]");
      if (chip) state.lastHead.value = Number(chip.dataset.head);
    },
    { signal: abort },
  );

  function point(event: MouseEvent, canvas: HTMLCanvasElement): void {
    const { value } = parts;
    const tokens = keyTokens();
    const frameOf = canvas.getBoundingClientRect();
    const i = Math.floor(((event.clientX - frameOf.left) / frameOf.width) * (value?.keys.dim ?? 0));
    const single = canvas === queryCanvas;
    const offset = single ? 0 : event.clientY - frameOf.top + scroller.scrollTop;
    const key = Math.floor(offset / ROW_HEIGHT);
    if (!value || i < 0 || i >= value.keys.dim || key < 0 || key >= tokens.length) {
      tip.hide();
      return;
    }
    const [ofQuery, ofKey] = [queryTokens()[query.value]?.label, tokens[key]?.label];
    const q = value.query[i] ?? 0;
    const k = value.keys.data[key * value.keys.dim + i] ?? 0;
    const lines = [`q[${i}] of ${ofQuery} = ${formatExact(q)}`];
    if (!single) lines.push(`k[${i}] of ${ofKey} = ${formatExact(k)}`);
    if (canvas === productCanvas) lines.push(`q × k = ${formatExact(q * k)}`);
    tip.show(canvas === keyCanvas ? lines.slice(1) : lines, event);
    if (!single) state.hovered.value = { token: key, as: "key" };
  }

  for (const canvas of [queryCanvas, keyCanvas, productCanvas]) {
    canvas.addEventListener("pointermove", (event) => point(event, canvas), { signal: abort });
    canvas.addEventListener(
      "pointerleave",
      () => {
        tip.hide();
        state.hovered.value = null;
      },
      { signal: abort },
    );
  }
  numbers.element.addEventListener(
    "pointermove",
    (event) => {
      const row = rowNow.value;
      const key = state.hovered.value?.token;
      if (!row || key === undefined || state.hovered.value?.as !== "key") {
        tip.hide();
        return;
      }
      tip.show(
        [
          keyTokens()[key]?.label ?? "",
          ...(row.score ? [`q · k · scale = ${formatExact(row.score[key] ?? Number.NaN)}`] : []),
          ...(row.changed ? [`logit = ${formatExact(row.logit?.[key] ?? Number.NaN)}`] : []),
          `softmax = ${formatExact(row.attention[key] ?? Number.NaN)}`,
        ],
        event,
      );
    },
    { signal: abort },
  );
  numbers.element.addEventListener("pointerleave", () => tip.hide(), { signal: abort });

  const repaint = onceAFrame(scroller, abort, paint);
  watch(abort, drawChips);
  watch(abort, () => {
    void state.hovered.value;
    void state.pinned.value;
    void state.token.value;
    void state.units.value;
    describe();
    const used = [queryVectors.value, keyVectors.value, scores.value, attention.value];
    frame.status(
      used.some(({ pending }) => pending),
      used.find(({ error }) => error !== null)?.error ?? null,
    );
    repaint();
  });
  scroller.addEventListener("scroll", repaint, { signal: abort });
  onResize(scroller, abort, repaint);
}
