/** Attention as lines: query tokens left, key tokens right. */

import { attentionRow, meanOf, meanSink } from "../attention";
import { fitCanvas, h, onceAFrame, onResize } from "../dom";
import { headColours } from "../palette";
import { panel } from "../panel";
import { resource } from "../resource";
import { ROW_HEIGHT, virtualRows } from "../rows";
import { formatWeight } from "../scales";
import type { TensorSource } from "../source";
import { type AppState, attentionKey, watch } from "../state";
import { storyOf, windowTitle } from "../story";
import { type Line, strokeLines, strokePointer } from "../strokes";
import { type Numbers, shapeAt } from "../tensor";
import { LINES } from "../texts/lines";
import { drawLabel, linkRows, linkScroller, markRow, SINK } from "../token_list";
import { tooltip } from "../tooltip";

/** What two cores without a GPU stroke in a few frames. */
const MAX_LINES = 3_000;

export function linesView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const frame = panel(element, "lines", LINES, state, abort, () => null);
  const scroller = h("div", {
    class: "aw-scroll aw-lines",
    tabindex: 0,
    role: "group",
    "aria-label": "Query tokens (left) and key tokens (right); arrow keys walk through them",
  });
  const queries = virtualRows(scroller, "aw-queries", drawQuery);
  const keys = virtualRows(scroller, "aw-keys", drawKey);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const middle = h("div", { class: "aw-lines-middle" }, canvas);
  scroller.append(queries.element, middle, keys.element);
  frame.body.append(
    h(
      "div",
      { class: "aw-lines aw-columns", "aria-hidden": "true" },
      h("span", { class: "aw-queries" }, "query"),
      h("span"),
      h("span", { class: "aw-keys" }, "key"),
    ),
    scroller,
  );
  const most = h("span", { class: "aw-legend-high" });
  frame.legend.append(
    "weight 0",
    h("span", { class: "aw-ramp aw-ramp-opacity", "aria-hidden": "true" }),
    most,
  );
  const tip = tooltip(element);

  const isMean = () => state.combine.value === "mean" && state.activeHeads.value.length > 1;
  const edges = resource(state, source, abort, () => {
    if (!state.activeHeads.value.length) return null;
    return isMean()
      ? attentionKey(state, "edges_mean", state.activeHeads.value.join(","))
      : attentionKey(state, "edges");
  });
  const lost = resource(state, source, abort, () =>
    state.activeHeads.value.length ? attentionKey(state, "count_nan") : null,
  );
  const row = attentionRow(state, source, abort, () =>
    state.query.value === null ? [] : [state.query.value],
  );

  linkRows(queries.element, "query", state, abort);
  linkRows(keys.element, "key", state, abort);
  const reveal = linkScroller(scroller, state, abort);

  const colours = () => {
    const count = state.layerMeta.value?.n_heads ?? 0;
    return headColours(count, state.dark.value);
  };

  /** A colour for each slot. */
  function slots(): string[] {
    if (isMean()) return [state.dark.value ? "rgb(208 208 208)" : "rgb(70 70 70)"];
    const palette = colours();
    return state.activeHeads.value.map((head) => palette[head] ?? "");
  }

  /** The exact weights of one head or of the mean, if the row is here. */
  function slotRows(): Numbers[] | null {
    const { heads } = row.value;
    if (!heads) return null;
    const chosen = state.activeHeads.value.flatMap((head) => {
      const weights = heads[head];
      return weights ? [weights] : [];
    });
    return isMean() ? [meanOf(chosen)] : chosen;
  }

  const queryTokens = () => state.sides.value.queries.tokens;
  const keyTokens = () => state.sides.value.keys.tokens;

  function edgeLines(keep: (query: number, key: number) => boolean, most: number): Line[] {
    const { tensor, key: held } = edges.value;
    const wanted = attentionKey(state, isMean() ? "edges_mean" : "edges");
    const alike = wanted.slice(0, wanted.lastIndexOf("/") + 1); // another layer may stay a while
    if (!tensor || !held?.startsWith(alike)) return [];
    const slotOf = new Map(state.activeHeads.value.map((head, slot) => [head, slot]));
    if (isMean()) slotOf.set(-1, 0);
    const lines: Line[] = [];
    const { data } = tensor;
    for (let edge = 0; edge < shapeAt(tensor, 0) && lines.length < most; edge++) {
      const slot = slotOf.get(data[4 * edge] ?? Number.NaN);
      const query = data[4 * edge + 1] ?? 0;
      const key = data[4 * edge + 2] ?? 0;
      if (slot === undefined || !keep(query, key)) continue;
      lines.push({ query, key, weight: data[4 * edge + 3] ?? 0, slot });
    }
    return lines;
  }

  function linesNow(): Line[] {
    const query = state.query.value;
    const hovered = state.hovered.value;
    if (query !== null) {
      const rows = slotRows();
      if (!rows) return edgeLines((from) => from === query, Number.POSITIVE_INFINITY);
      const layer = state.layerMeta.value;
      return rows.flatMap((weights, slot) => {
        const to = Array.from(weights, (weight, key) => ({ query, key, weight, slot }));
        const sink = meanSink([weights], layer);
        return sink === null ? to : [...to, { query, key: weights.length, weight: sink, slot }];
      });
    }
    if (hovered?.as === "key") return edgeLines((_, to) => to === hovered.token, MAX_LINES);
    return edgeLines(() => true, MAX_LINES);
  }

  let lines: Line[] = [];
  /** Weight of the strongest line: drawn opaque, and named in the legend. */
  let strongest = 0;
  /** Mean weight shown beside a token: of the keys of the query, or the queries of the key. */
  let weights = new Map<number, number>();
  /** Mean weight of the query that goes to no token; null for a model without sinks. */
  let sink: number | null = null;

  function collect(): void {
    lines = linesNow();
    strongest = lines.reduce((most, line) => Math.max(most, line.weight || 0), 0); // NaN is none
    const query = state.query.value;
    const hovered = state.hovered.value;
    const count = slots().length;
    weights = new Map();
    sink = null;
    if (query !== null) {
      const rows = slotRows();
      if (rows) sink = meanSink(rows, state.layerMeta.value);
      for (let key = 0; rows && key < keyTokens().length; key++) {
        let sum = 0;
        for (const weightsOfSlot of rows) sum += weightsOfSlot[key] ?? 0;
        weights.set(key, sum / count);
      }
    } else if (hovered?.as === "key" && count === 1) {
      for (const line of lines) weights.set(line.query, line.weight);
    }
  }

  function drawQuery(node: HTMLElement, index: number): void {
    drawRow(node, index, "query");
  }

  function drawKey(node: HTMLElement, index: number): void {
    drawRow(node, index, "key");
  }

  function drawRow(node: HTMLElement, index: number, as: "query" | "key"): void {
    if (!node.firstChild) {
      const parts = [
        h("span", { class: "aw-label", dir: "auto" }),
        h("span", { class: "aw-heads", "aria-hidden": "true" }),
        h("span", { class: "aw-weight" }),
      ];
      node.append(...(as === "key" ? parts : parts.reverse()));
    }
    const [first, heads, last] = node.children as unknown as HTMLElement[];
    const [label, weight] = as === "key" ? [first, last] : [last, first];
    if (!label || !heads || !weight) return;
    const tokens = as === "key" ? keyTokens() : queryTokens();
    const isSink = index >= tokens.length;
    node.classList.toggle("aw-sink", isSink);
    if (isSink) delete node.dataset.token;
    drawLabel(label, isSink ? SINK : tokens[index], state);
    markRow(node, index, as, state);
    const active = (as === "key") === (state.query.value !== null);
    const value = active ? (isSink ? (sink ?? undefined) : weights.get(index)) : undefined;
    weight.textContent = value === undefined ? "" : formatWeight(value);
    heads.style.background = as === "key" && value !== undefined ? headBlocks(index) : "";
  }

  /** One block for each drawn head, as opaque as its weight. */
  function headBlocks(key: number): string {
    const rows = slotRows();
    if (!rows) return "";
    const colour = slots();
    const stops = rows.map((weightsOfSlot, slot) => {
      const isSink = key >= weightsOfSlot.length;
      const weight = isSink ? meanSink([weightsOfSlot], state.layerMeta.value) : weightsOfSlot[key];
      const shade = (colour[slot] ?? "").replace(")", ` / ${(weight || 0) / (strongest || 1)})`);
      return `${shade} ${(slot / rows.length) * 100}% ${((slot + 1) / rows.length) * 100}%`;
    });
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }

  const hasSinkRow = () => sink !== null || (state.layerMeta.value?.sinks ?? false);

  function paint(): void {
    const nQueries = queryTokens().length;
    const nKeys = keyTokens().length + Number(hasSinkRow());
    const count = Math.max(nQueries, nKeys);
    middle.style.height = `${count * ROW_HEIGHT}px`;
    queries.refresh(nQueries);
    keys.refresh(nKeys);
    reveal();
    const width = middle.clientWidth;
    const height = Math.min(scroller.clientHeight, count * ROW_HEIGHT);
    const context = fitCanvas(canvas, width, height);
    if (!context) return;
    const sight = { width, height, scrollTop: scroller.scrollTop };
    const { value: hovered } = state.hovered;
    const query = state.query.value;
    strokeLines(context, lines, strongest, slots(), query !== null || hovered !== null, sight);
    if (query !== null && hovered?.as === "key") {
      strokePointer(context, query, hovered.token, state.dark.value ? "white" : "black", sight);
    }
    canvas.dataset.lines = String(lines.length);
  }

  function describe(): string {
    const heads = state.activeHeads.value;
    if (!heads.length) return "No head is selected.";
    const of = heads.length === 1 ? `head ${heads[0]}` : `mean of ${heads.length} heads`;
    const query = state.query.value;
    if (query !== null) {
      const named = [...weights].map(([key, w]) => [keyTokens()[key]?.label ?? "", w] as const);
      const top = named.sort((a, b) => (b[1] || 0) - (a[1] || 0)).slice(0, 5);
      if (sink !== null) top.push(["sink", sink]);
      const list = top.map(([label, w]) => `${label} ${formatWeight(w)}`).join(" · ");
      return `${queryTokens()[query]?.label} → ${list || "…"} (${of})`;
    }
    const drawnHeads = isMean() ? 1 : heads.length;
    const mass = lines.reduce((sum, line) => sum + line.weight, 0);
    const share = mass / (drawnHeads * queryTokens().length);
    const hovered = state.hovered.value;
    if (hovered?.as === "key") {
      const sum = mass / drawnHeads;
      return (
        `${keyTokens()[hovered.token]?.label} receives ${sum.toFixed(2)} of ` +
        `${queryTokens().length} by the lines shown (${of})`
      );
    }
    return lines.length
      ? `${lines.length.toLocaleString("en")} strongest lines: ${(100 * share).toFixed(share > 0.995 ? 0 : 1)} % of the attention` +
          (heads.length === 1 || !isMean() ? "" : ` (${of})`)
      : "";
  }

  /** What cannot be drawn is said. */
  function warning(): string {
    const { tensor, key } = lost.value;
    if (!tensor || key !== attentionKey(state, "count_nan")) return "";
    const heads = state.activeHeads.value.filter((head) => tensor.data[head]);
    const count = heads.reduce((sum, head) => sum + (tensor.data[head] ?? 0), 0);
    if (!count) return "";
    const of = heads.length === 1 ? `head ${heads[0]}` : `heads ${heads.join(", ")}`;
    return (
      `${count.toLocaleString("en")} attention ${count === 1 ? "weight is" : "weights are"} NaN in ` +
      `${of}, and not drawn.`
    );
  }

  keys.element.addEventListener(
    "pointermove",
    (event) => {
      const hovered = state.hovered.value;
      const { heads } = row.value;
      const query = state.query.value;
      if (!heads || query === null || hovered?.as !== "key") {
        tip.hide();
        return;
      }
      const token = keyTokens()[hovered.token];
      const perHead = state.activeHeads.value
        .map((head) => [head, heads[head]?.[hovered.token] ?? Number.NaN] as const)
        .sort((a, b) => (b[1] || 0) - (a[1] || 0));
      const more = perHead.length - 8;
      tip.show(
        [
          `${queryTokens()[query]?.label} → ${token?.label}`,
          ...perHead.slice(0, 8).map(([head, w]) => `head ${head}: ${formatWeight(w)}`),
          ...(more > 0 ? [`${more} heads more`] : []),
          ...(token ? storyOf(token, state.say) : []),
        ],
        event,
      );
    },
    { signal: abort },
  );
  keys.element.addEventListener("pointerleave", () => tip.hide(), { signal: abort });

  const repaint = onceAFrame(scroller, abort, paint);
  watch(abort, () => {
    void state.pinned.value;
    void state.token.value;
    collect();
    frame.note(describe());
    frame.where(windowTitle(state.meta.value, state.sides.value.window, state.say));
    frame.warn(warning());
    most.textContent = lines.length ? formatWeight(strongest) : "";
    frame.status(edges.value.pending || row.value.pending, edges.value.error ?? row.value.error);
    repaint();
  });
  scroller.addEventListener("scroll", repaint, { signal: abort });
  onResize(scroller, abort, repaint);
}
