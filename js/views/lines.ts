/** Attention as lines, from query tokens to key tokens. */

import { layerComesWhole } from "../attention";
import { fitCanvas, h, onceAFrame, onResize } from "../dom";
import type { Figure } from "../figure";
import { column } from "../lines/column";
import { lineControls } from "../lines/controls";
import { type Fit, fitOf } from "../lines/fit";
import { type Layout, sightOf } from "../lines/layout";
import { minimap } from "../lines/minimap";
import { picture } from "../lines/picture";
import { combineOf, inColumns, lookAt, slotColours } from "../lines/shown";
import { type Drawing, strokeLines, strokePointer } from "../lines/strokes";
import { describe, warning, whereabouts } from "../lines/words";
import { panel } from "../panel";
import { resource } from "../resource";
import { ROW_HEIGHT, type Track } from "../rows";
import { formatWeight } from "../scales";
import type { TensorSource } from "../source";
import { type AppState, attentionKey, watch } from "../state";
import { storyOf } from "../story";
import { LINES } from "../texts/lines";
import { tooltip } from "../tooltip";

/** What two cores without a GPU stroke within 50 ms. */
const MAX_LINES = 4_000;

/** Between the rows of queries and of keys where tokens stand side by side, and of each head apart. */
const DEPTH = { together: 210, apart: 76 };

const TOOLTIP_HEADS = 8;

export function linesView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(element, "lines", LINES, state, abort, figure);
  lineControls(frame.controls, state, () => layerComesWhole(state), abort);
  const { shown, byHead, pending, error } = lookAt(state, source, abort);
  const lost = resource(state, source, abort, () =>
    state.activeHeads.value.length ? attentionKey(state, "count_nan") : null,
  );
  const queries = column("query", state, shown, track, abort);
  const keys = column("key", state, shown, track, abort);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const middle = h("div", { class: "aw-lines-middle" }, canvas);
  const lanes = h("div", { class: "aw-lanes", "aria-hidden": "true" });
  const map = minimap(state, scrollTo, abort);
  const grid = h(
    "div",
    { class: "aw-lines" },
    h("span", { class: "aw-of-queries", "aria-hidden": "true" }, say(LINES.query)),
    lanes,
    h("span", { class: "aw-of-keys", "aria-hidden": "true" }, say(LINES.key)),
    queries.scroller,
    middle,
    keys.scroller,
    map.element,
  );
  frame.body.append(grid);
  const most = h("span", { class: "aw-legend-high" });
  frame.legend.append(
    `${say(LINES.weight)} 0`,
    h("span", { class: "aw-ramp aw-ramp-opacity", "aria-hidden": "true" }),
    most,
  );
  const tip = tooltip(element);

  // ---- where things lie ------------------------------------------------------------------------

  function fitNow(): Fit | null {
    if (state.direction.value === "vertical") return null;
    const { queries, keys } = state.sides.value;
    return fitOf([queries.tokens, keys.tokens], grid.clientWidth);
  }

  function track(): Track {
    return { vertical: state.direction.value === "vertical", pitch: fitNow()?.pitch ?? ROW_HEIGHT };
  }

  const scrolledBy = ({ scroller }: { scroller: HTMLElement }, vertical: boolean) =>
    vertical ? scroller.scrollTop : scroller.scrollLeft;

  function layoutNow(): Layout {
    const { vertical, pitch } = track();
    return {
      vertical,
      pitch,
      length: vertical ? middle.clientHeight : middle.clientWidth,
      depth: vertical ? middle.clientWidth : middle.clientHeight,
      scrolled: { query: scrolledBy(queries, vertical), key: scrolledBy(keys, vertical) },
      slots: slotColours(state).length,
      apart: inColumns(state),
    };
  }

  function countsNow(): { query: number; key: number } {
    const { queries, keys } = state.sides.value;
    const hasSink = shown.value.sink !== null || (state.layerMeta.value?.sinks ?? false);
    return { query: queries.tokens.length, key: keys.tokens.length + Number(hasSink) };
  }

  function scrollTo(side: "query" | "key", place: number): void {
    const { scroller } = side === "query" ? queries : keys;
    if (state.direction.value === "vertical") {
      scroller.scrollTop = place - scroller.clientHeight / 2;
    } else scroller.scrollLeft = place - scroller.clientWidth / 2;
  }

  // ---- drawing ---------------------------------------------------------------------------------

  let cut = false;

  function drawingOf(layout: Layout): Drawing {
    const { edges, strongest, of } = shown.value;
    const sight = sightOf(edges, layout, MAX_LINES);
    cut = sight.cut;
    const curved = of !== "all";
    return { edges, indices: sight.indices, strongest, colours: slotColours(state), curved };
  }

  function arrange(): void {
    const apart = inColumns(state);
    const vertical = state.direction.value === "vertical";
    const now = fitNow();
    const { style, dataset } = grid;
    dataset.direction = state.direction.value;
    grid.toggleAttribute("data-turned", now?.turned ?? false);
    grid.toggleAttribute("data-apart", apart);
    style.setProperty("--aw-label", `${now?.label ?? 0}px`);
    const depth = Math.max(
      DEPTH.together,
      apart ? DEPTH.apart * state.activeHeads.value.length : 0,
    );
    middle.style.height = vertical ? "" : `${depth}px`;
    const names = apart ? state.activeHeads.value : [];
    const drawn = `${names.join()} ${state.dark.value}`;
    if (lanes.dataset.heads === drawn) return;
    lanes.dataset.heads = drawn;
    lanes.replaceChildren(
      ...names.map((head, slot) => {
        const name = h("span", {}, say(LINES.head, { head: String(head) }));
        name.style.setProperty("--aw-head", slotColours(state)[slot] ?? "");
        return name;
      }),
    );
  }

  function paint(): void {
    arrange();
    const counts = countsNow();
    queries.refresh(counts.query);
    keys.refresh(counts.key);
    reveal();
    const layout = layoutNow();
    const { vertical, length, depth } = layout;
    const context = fitCanvas(canvas, vertical ? depth : length, vertical ? length : depth);
    map.draw(layout, counts, shown.value);
    if (!context) return;
    const drawing = drawingOf(layout);
    strokeLines(context, drawing, layout);
    const { of, row, edges } = shown.value;
    const hovered = state.hovered.value;
    const key = hovered?.as === "key" ? hovered.token : state.selectedKey.value;
    if (of === "query" && key !== null) {
      strokePointer(context, row, key, state.dark.value ? "white" : "black", layout);
    }
    canvas.dataset.lines = String(edges.count);
    frame.note(describe(state, shown.value, cut ? MAX_LINES : null));
  }

  let revealed: { query: number | null; key: number | null } = { query: null, key: null };

  /** Scrolls what was newly selected into sight, in both columns if they are of one list. */
  function reveal(): void {
    const now = { query: state.selected.value, key: state.selectedKey.value };
    for (const side of ["query", "key"] as const) {
      const row = now[side];
      if (row === revealed[side] || row === null) continue;
      const { vertical, pitch, length, scrolled } = layoutNow();
      const place = (row + 0.5) * pitch;
      const hidden = place < scrolled[side] || place > scrolled[side] + length;
      if (!hidden) continue;
      scrollTo(side, place);
      if (side === "query" && state.sides.value.same) scrollTo("key", place);
      (vertical ? queries : keys).refresh(countsNow()[vertical ? "query" : "key"]);
    }
    revealed = now;
  }

  function figure(): Figure | null {
    if (!state.activeHeads.value.length || !shown.value.edges.count) return null;
    const layout = layoutNow();
    const { vertical } = layout;
    const size = ({ scroller }: { scroller: HTMLElement }) =>
      vertical ? scroller.clientWidth : scroller.clientHeight;
    return picture(state, {
      layout,
      drawing: drawingOf(layout),
      shown: shown.value,
      counts: countsNow(),
      fit: fitNow(),
      room: { query: size(queries), key: size(keys) },
      soft: getComputedStyle(element).getPropertyValue("--aw-soft").trim(),
    });
  }

  // ---- the mouse -------------------------------------------------------------------------------

  keys.rows.addEventListener(
    "pointermove",
    (event) => {
      const hovered = state.hovered.value;
      const heads = byHead.value;
      const { of, row } = shown.value;
      if (!heads || of !== "query" || hovered?.as !== "key") {
        tip.hide();
        return;
      }
      const { queries, keys } = state.sides.value;
      const token = keys.tokens[hovered.token];
      const perHead = state.activeHeads.value
        .map((head) => [head, heads[head]?.[hovered.token] ?? Number.NaN] as const)
        .sort((a, b) => (b[1] || 0) - (a[1] || 0));
      const more = perHead.length - TOOLTIP_HEADS;
      const named = perHead
        .slice(0, TOOLTIP_HEADS)
        .map(([head, w]) => `${say(LINES.head, { head: String(head) })}: ${formatWeight(w)}`);
      tip.show(
        [
          `${queries.tokens[row]?.label} → ${token?.label}`,
          ...named,
          ...(more > 0 ? [say(LINES.moreHeads, { n: more })] : []),
          ...(token ? storyOf(token) : []),
        ],
        event,
      );
    },
    { signal: abort },
  );
  keys.rows.addEventListener("pointerleave", () => tip.hide(), { signal: abort });

  // Over the lines both columns scroll; at their ends the page does.
  middle.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey) return;
      const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? ROW_HEIGHT : 1;
      const before = layoutNow().scrolled;
      for (const { scroller } of [queries, keys]) {
        scroller.scrollBy({
          left: event.deltaX * step,
          top: event.deltaY * step,
          behavior: "instant",
        });
      }
      const { scrolled } = layoutNow();
      if (scrolled.query !== before.query || scrolled.key !== before.key) event.preventDefault();
    },
    { signal: abort, passive: false },
  );

  const repaint = onceAFrame(grid, abort, paint);
  watch(abort, () => {
    void state.hovered.value;
    void state.pinned.value;
    void state.units.value;
    void state.direction.value;
    void state.combine.value;
    void state.selectedKey.value;
    void state.selected.value;
    void combineOf(state);
    const { strongest, edges } = shown.value;
    frame.note(describe(state, shown.value, cut ? MAX_LINES : null));
    frame.where(whereabouts(state));
    frame.warn(warning(state, lost.value));
    most.textContent = edges.count ? formatWeight(strongest) : "";
    frame.status(pending.value, error.value ?? lost.value.error);
    repaint();
  });
  for (const { scroller } of [queries, keys]) {
    scroller.addEventListener("scroll", repaint, { signal: abort });
  }
  onResize(grid, abort, repaint);
}
