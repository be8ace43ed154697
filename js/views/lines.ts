/** Attention as lines: query tokens left, key tokens right. */

import { attentionRow, meanOf } from "../attention";
import { fitCanvas, h, onceAFrame, onResize } from "../dom";
import { headColours } from "../palette";
import { panel } from "../panel";
import { resource } from "../resource";
import { ROW_HEIGHT, virtualRows } from "../rows";
import { formatWeight, opacityLevel, opacityOf } from "../scales";
import type { TensorSource } from "../source";
import { type AppState, watch } from "../state";
import { type Numbers, shapeAt } from "../tensor";
import { linkRows, linkScroller, markRow } from "../token_list";
import { tooltip } from "../tooltip";

/** What two cores without a GPU stroke in a few frames. */
const MAX_LINES = 3_000;

/** More are drawn one device pixel wide: broader lines take Chromium five times as long. */
const MAX_BROAD_LINES = 400;

interface Line {
  query: number;
  key: number;
  weight: number;
  /** Index into the drawn heads; 0 for their mean. */
  slot: number;
}

export function linesView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const frame = panel(
    element,
    "lines",
    "Attention lines",
    "A line joins a token on the left to a token on the right that it attends to: the colour is " +
      "the head's, the opacity the weight. Hover a token to see its lines alone, with their " +
      "weights; click to keep it. High attention does not mean that a token matters to the output.",
  );
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

  const isMean = () => state.average.value && state.activeHeads.value.length > 1;
  const edges = resource(state, source, abort, () => {
    const { value: layer } = state.layer;
    if (!state.activeHeads.value.length) return null;
    return isMean() ? `edges_mean/${layer}/${state.activeHeads.value.join(",")}` : `edges/${layer}`;
  });
  const row = attentionRow(state, source, abort, () =>
    state.query.value === null ? [] : [state.query.value],
  );

  linkRows(queries.element, "query", state, abort);
  linkRows(keys.element, "key", state, abort);
  const reveal = linkScroller(scroller, state, abort);

  const colours = () => {
    const count = state.meta.value.layers[state.layer.value]?.n_heads ?? 0;
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

  function edgeLines(keep: (query: number, key: number) => boolean, most: number): Line[] {
    const { tensor, key: held } = edges.value;
    if (!tensor || !held || held.startsWith("edges_mean/") !== isMean()) return [];
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
      return rows.flatMap((weights, slot) =>
        Array.from(weights, (weight, key) => ({ query, key, weight, slot })),
      );
    }
    if (hovered?.as === "key") return edgeLines((_, to) => to === hovered.token, MAX_LINES);
    return edgeLines(() => true, MAX_LINES);
  }

  let lines: Line[] = [];
  /** Weight of the strongest line: drawn opaque, and named in the legend. */
  let strongest = 0;
  /** Mean weight shown beside a token: of the keys of the query, or the queries of the key. */
  let weights = new Map<number, number>();

  function collect(): void {
    lines = linesNow();
    strongest = lines.reduce((most, line) => Math.max(most, line.weight), 0);
    const query = state.query.value;
    const hovered = state.hovered.value;
    const count = slots().length;
    weights = new Map();
    if (query !== null) {
      const rows = slotRows();
      for (let key = 0; rows && key < state.meta.value.tokens.length; key++) {
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
    const text = state.meta.value.tokens[index]?.label ?? "";
    if (label.textContent !== text) {
      label.textContent = text;
      label.title = text;
    }
    markRow(node, index, as, state);
    const active = (as === "key") === (state.query.value !== null);
    const value = active ? weights.get(index) : undefined;
    weight.textContent = value === undefined ? "" : formatWeight(value);
    heads.style.background = as === "key" && value !== undefined ? headBlocks(index) : "";
  }

  /** One block for each drawn head, as opaque as its weight. */
  function headBlocks(key: number): string {
    const rows = slotRows();
    if (!rows) return "";
    const colour = slots();
    const stops = rows.map((weightsOfSlot, slot) => {
      const shade = (colour[slot] ?? "").replace(
        ")",
        ` / ${(weightsOfSlot[key] ?? 0) / (strongest || 1)})`,
      );
      return `${shade} ${(slot / rows.length) * 100}% ${((slot + 1) / rows.length) * 100}%`;
    });
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }

  function paint(): void {
    const count = state.meta.value.tokens.length;
    middle.style.height = `${count * ROW_HEIGHT}px`;
    queries.refresh(count);
    keys.refresh(count);
    reveal();
    const width = middle.clientWidth;
    const height = Math.min(scroller.clientHeight, count * ROW_HEIGHT);
    const context = fitCanvas(canvas, width, height);
    if (!context) return;
    const colour = slots();
    const spread = Math.min(1.5, (ROW_HEIGHT - 8) / colour.length);
    const { scrollTop } = scroller;
    const y = (token: number, slot: number) =>
      (token + 0.5) * ROW_HEIGHT - scrollTop + (slot - (colour.length - 1) / 2) * spread;
    const alone = state.query.value !== null || state.hovered.value !== null;
    const hoveredKey = state.hovered.value?.as === "key" ? state.hovered.value.token : null;
    const batches: Line[][] = [];
    let visible = 0;
    for (const line of lines) {
      const [from, to] = [y(line.query, line.slot), y(line.key, line.slot)];
      const level = opacityLevel(line.weight / strongest);
      if (!level || (from < 0 && to < 0) || (from > height && to > height)) continue;
      const batch = level * colour.length + line.slot;
      batches[batch] ??= [];
      batches[batch].push(line);
      visible += 1;
    }
    const broad = colour.length === 1 ? 2 : Math.max(1, spread);
    context.lineWidth = visible > MAX_BROAD_LINES ? 1 / window.devicePixelRatio : broad;
    batches.forEach((batch, index) => {
      const slot = index % colour.length;
      context.strokeStyle = colour[slot] ?? "";
      context.globalAlpha = opacityOf(Math.floor(index / colour.length));
      context.beginPath();
      for (const line of batch) {
        const [from, to] = [y(line.query, slot), y(line.key, slot)];
        context.moveTo(0, from);
        if (alone) context.bezierCurveTo(width * 0.4, from, width * 0.6, to, width, to);
        else context.lineTo(width, to);
      }
      context.stroke();
    });
    if (state.query.value !== null && hoveredKey !== null) {
      context.globalAlpha = 1;
      context.lineWidth = 1;
      context.setLineDash([3, 3]);
      context.strokeStyle = state.dark.value ? "white" : "black";
      const [from, to] = [
        (state.query.value + 0.5) * ROW_HEIGHT - scrollTop,
        (hoveredKey + 0.5) * ROW_HEIGHT - scrollTop,
      ];
      context.beginPath();
      context.moveTo(0, from);
      context.bezierCurveTo(width * 0.4, from, width * 0.6, to, width, to);
      context.stroke();
      context.setLineDash([]);
    }
    canvas.dataset.lines = String(lines.length);
  }

  function describe(): string {
    const { tokens } = state.meta.value;
    const heads = state.activeHeads.value;
    if (!heads.length) return "No head is selected.";
    const of = heads.length === 1 ? `head ${heads[0]}` : `mean of ${heads.length} heads`;
    const query = state.query.value;
    if (query !== null) {
      const top = [...weights].sort((a, b) => b[1] - a[1]).slice(0, 5);
      const list = top.map(([key, w]) => `${tokens[key]?.label} ${formatWeight(w)}`).join(" · ");
      return `${tokens[query]?.label} → ${list || "…"} (${of})`;
    }
    const drawnHeads = isMean() ? 1 : heads.length;
    const mass = lines.reduce((sum, line) => sum + line.weight, 0);
    const share = mass / (drawnHeads * tokens.length);
    const hovered = state.hovered.value;
    if (hovered?.as === "key") {
      const sum = mass / drawnHeads;
      return (
        `${tokens[hovered.token]?.label} receives ${sum.toFixed(2)} of ${tokens.length} by the ` +
        `lines shown (${of})`
      );
    }
    return lines.length
      ? `${lines.length.toLocaleString("en")} strongest lines: ${(100 * share).toFixed(share > 0.995 ? 0 : 1)} % of the attention` +
          (heads.length === 1 || !isMean() ? "" : ` (${of})`)
      : "";
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
      const { tokens } = state.meta.value;
      const perHead = state.activeHeads.value
        .map((head) => [head, heads[head]?.[hovered.token] ?? Number.NaN] as const)
        .sort((a, b) => b[1] - a[1]);
      const more = perHead.length - 8;
      tip.show(
        [
          `${tokens[query]?.label} → ${tokens[hovered.token]?.label}`,
          ...perHead.slice(0, 8).map(([head, w]) => `head ${head}: ${formatWeight(w)}`),
          ...(more > 0 ? [`${more} heads more`] : []),
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
    most.textContent = lines.length ? formatWeight(strongest) : "";
    frame.status(edges.value.pending || row.value.pending, edges.value.error ?? row.value.error);
    repaint();
  });
  scroller.addEventListener("scroll", repaint, { signal: abort });
  onResize(scroller, abort, repaint);
}
