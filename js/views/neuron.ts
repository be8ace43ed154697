/** How one head comes by the attention of one query token: q, k, q × k, q · k, softmax. */

import { computed } from "@preact/signals-core";
import { attentionRow } from "../attention";
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
import { type AppState, watch } from "../state";
import { at, type Numbers, shapeAt } from "../tensor";
import { linkRows, linkScroller, markRow } from "../token_list";
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
  const frame = panel(
    element,
    "neuron",
    "Neurons",
    "How one head comes by its attention for one query token: the query vector q, the key vector " +
      "k of every token, their element-wise product q × k, its scaled sum q · k, and the softmax " +
      "of it over all keys. Vectors are as the model used them, after rotary embedding where it " +
      "has one. The softmax column is the attention that the lines show.",
  );
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
  const labels = virtualRows(scroller, "aw-neuron-labels", drawLabel);
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
      h("span", {}, "key k"),
      h("span", {}, "q × k"),
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
    const first = state.meta.value.tokens.findIndex((token) => !token.special);
    return Math.max(0, first);
  });
  const tensorOfHead = (name: string) =>
    resource(state, source, abort, () =>
      state.focusHead.value === null
        ? null
        : `${name}/${state.layer.value}/${state.focusHead.value}`,
    );
  const queryVectors = tensorOfHead("query");
  const keyVectors = tensorOfHead("key");
  const scores = resource(state, source, abort, () =>
    state.focusHead.value === null
      ? null
      : `scores/${state.layer.value}/${state.focusHead.value}/${query.value}`,
  );
  const attention = attentionRow(state, source, abort, () => [query.value]);

  linkRows(labels.element, "key", state, abort);
  linkRows(numbers.element, "key", state, abort);
  const reveal = linkScroller(scroller, state, abort);

  /** The vectors of this layer and head; null until both are here. */
  const parts = computed<Parts | null>(() => {
    const place = `/${state.layer.value}/${state.focusHead.value}`;
    const [q, k] = [queryVectors.value, keyVectors.value];
    if (!q.tensor || !k.tensor || q.key !== `query${place}` || k.key !== `key${place}`) return null;
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
      limit = Math.max(limit, Math.abs((data[i] ?? 0) * (value.query[i % dim] ?? 0)));
    }
    return limit;
  });

  interface Row {
    score: Numbers;
    logit: Numbers;
    attention: Numbers;
    /** Whether something other than the mask stands between score and softmax. */
    changed: boolean;
    largest: number;
  }

  const rowNow = computed<Row | null>(() => {
    const head = state.focusHead.value;
    const { tensor, key } = scores.value;
    const heads = attention.value.heads;
    if (head === null || !tensor || !heads?.[head]) return null;
    if (key !== `scores/${state.layer.value}/${head}/${query.value}`) return null;
    const [score, logit] = [at(tensor, 0), at(tensor, 1)];
    const changed = logit.some((l, i) => l !== Number.NEGATIVE_INFINITY && l !== score[i]);
    const seen = score.filter((_, i) => logit[i] !== Number.NEGATIVE_INFINITY);
    return { score, logit, attention: heads[head], changed, largest: magnitude(seen) };
  });

  function drawLabel(node: HTMLElement, index: number): void {
    if (!node.firstChild) node.append(h("span", { class: "aw-label", dir: "auto" }));
    const label = node.firstChild as HTMLElement;
    const text = state.meta.value.tokens[index]?.label ?? "";
    if (label.textContent !== text) {
      label.textContent = text;
      label.title = text;
    }
    markRow(node, index, "key", state);
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
    markRow(node, index, "key", state);
    const row = rowNow.value;
    const hidden = row?.logit[index] === Number.NEGATIVE_INFINITY;
    node.classList.toggle("aw-masked", hidden);
    score.textContent = row ? formatNumber(row.score[index] ?? Number.NaN) : "";
    score.style.background =
      row && !hidden
        ? divergingCss(row.score[index] ?? 0, row.largest * 1.6, state.dark.value)
        : "";
    logit.hidden = !row?.changed;
    logit.textContent = !row ? "" : hidden ? "−∞" : formatNumber(row.logit[index] ?? Number.NaN);
    value.textContent = !row
      ? ""
      : hidden
        ? "masked"
        : formatWeight(row.attention[index] ?? Number.NaN);
    const share = Math.min(1, row?.attention[index] || 0);
    bar.style.width = `${100 * share}%`;
    bar.style.background = headColour();
  }

  function headColour(): string {
    const count = state.meta.value.layers[state.layer.value]?.n_heads ?? 0;
    return headColours(count, state.dark.value)[state.focusHead.value ?? 0] ?? "";
  }

  function paint(): void {
    const count = state.meta.value.tokens.length;
    for (const cell of [keyCell, productCell]) cell.style.height = `${count * ROW_HEIGHT}px`;
    labels.refresh(count);
    numbers.refresh(count);
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
    const { tokens, layers } = state.meta.value;
    const head = state.focusHead.value;
    const label = tokens[query.value]?.label ?? "";
    queryLabel.textContent = label;
    queryLabel.title = label;
    const row = rowNow.value;
    logitTitle.hidden = !row?.changed;
    frame.body.toggleAttribute("data-logits", row?.changed ?? false);
    const shape = layers[state.layer.value];
    scoreTitle.textContent = "q · k · scale";
    scoreTitle.title = shape ? `head dimension ${shape.dim}` : "";
    keyLegend.set(vectorLimit.value, state.dark.value);
    productLegend.set(productLimit.value, state.dark.value);
    frame.note(head === null ? "No head is selected." : row ? sentence(head, row) : "");
  }

  /** What the row adds up to. */
  function sentence(head: number, row: Row): string {
    let sum = 0;
    for (const weight of row.attention) sum += weight;
    const sink =
      sum < 0.9995 && sum > 0 ? `; the other ${formatWeight(1 - sum)} goes to the sink` : "";
    const extra = row.changed ? "; logit: after the model's soft cap or bias" : "";
    const chosen = state.query.value === null ? " (no token selected: the first of the text)" : "";
    const label = state.meta.value.tokens[query.value]?.label ?? "";
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
    const { tokens } = state.meta.value;
    const frameOf = canvas.getBoundingClientRect();
    const i = Math.floor(((event.clientX - frameOf.left) / frameOf.width) * (value?.keys.dim ?? 0));
    const single = canvas === queryCanvas;
    const offset = single ? 0 : event.clientY - frameOf.top + scroller.scrollTop;
    const key = Math.floor(offset / ROW_HEIGHT);
    if (!value || i < 0 || i >= value.keys.dim || key < 0 || key >= tokens.length) {
      tip.hide();
      return;
    }
    const [ofQuery, ofKey] = [tokens[query.value]?.label, tokens[key]?.label];
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
          state.meta.value.tokens[key]?.label ?? "",
          `q · k · scale = ${formatExact(row.score[key] ?? Number.NaN)}`,
          ...(row.changed ? [`logit = ${formatExact(row.logit[key] ?? Number.NaN)}`] : []),
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

/** A pixel for each number: (row, dim). */
function stripImage(
  rows: number,
  dim: number,
  colour: (row: number, i: number) => readonly [number, number, number],
): HTMLCanvasElement {
  const canvas = h("canvas", { width: dim, height: Math.max(1, rows) });
  const context = canvas.getContext("2d");
  const image = context?.createImageData(dim, Math.max(1, rows));
  if (!context || !image) return canvas;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < dim; i++) {
      const place = 4 * (row * dim + i);
      const [r, g, b] = colour(row, i);
      image.data[place] = r * 255;
      image.data[place + 1] = g * 255;
      image.data[place + 2] = b * 255;
      image.data[place + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function divergingLegend(name: string) {
  const low = h("span");
  const high = h("span");
  const ramp = h("span", { class: "aw-ramp", "aria-hidden": "true" });
  const element = h("span", { class: "aw-legend-item" }, h("b", {}, name), low, ramp, high);
  return {
    element,
    set(limit: number, dark: boolean) {
      low.textContent = formatNumber(-limit);
      high.textContent = `+${formatNumber(limit)}`;
      const stops = [-1, -0.5, 0, 0.5, 1].map((share) => divergingCss(share, 1, dark));
      ramp.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    },
  };
}
