/** Attention as lines, from query tokens to key tokens. */

import { fitCanvas, h, onceAFrame, onResize } from "../../browser/dom";
import { ROW_HEIGHT, type Track, tellHeight } from "../../controls/virtual_rows";
import type { Figure } from "../../draw/figure";
import { type Inks, inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { canvasPen, type Pen, svgPen } from "../../draw/pen";
import { tooltip } from "../../interact/tooltip";
import { panel } from "../../panel/panel";
import { PANEL } from "../../panel/texts/panel";
import { type AppState, attentionKey, watch } from "../../state/app_state";
import { layerComesWhole } from "../../tensors/attention_row";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { column } from "./column";
import { lineControls } from "./controls";
import { combineOf, inColumns, linesData, slotColours } from "./data";
import { linesFigure } from "./figure";
import { type LabelFit, labelFit } from "./label_fit";
import { type Layout, sightOf } from "./layout";
import { weightLegend } from "./legend";
import { minimap } from "./minimap";
import { type Drawing, drawLines, drawPointer } from "./strokes";
import { LINES } from "./texts";
import { describe, pairInWords, warning, whereabouts } from "./words";

/** What two cores without a GPU stroke within 60 ms, and within a frame while they scroll. */
const MAX_LINES = { still: 4_000, scrolling: 800 };

/** A lane this broad names its head; a narrower one has its number. */
const ROOM_FOR_NAME = 72;

const STILL_AFTER_MS = 120;

/** Between the rows of queries and of keys where tokens stand side by side, and of each head apart. */
const DEPTH = { together: 210, apart: 96 };

export function linesView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(element, "lines", LINES, state, abort, figure, () => ({
    of: "weights",
    layer: state.layer.value,
    heads: state.activeHeads.value,
    how: combineOf(state),
  }));
  lineControls(frame.controls, state, () => layerComesWhole(state), abort);
  const { shown, byHead, pending, error, waiting } = linesData(state, source, abort);
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
  const tip = tooltip(element);

  // ---- where things lie ------------------------------------------------------------------------

  function fitNow(): LabelFit | null {
    if (state.direction.value === "vertical") return null;
    const { queries, keys } = state.sides.value;
    return labelFit([queries.tokens, keys.tokens], grid.clientWidth);
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
  let scrolling = false;

  function drawingOf(layout: Layout, most: number): Drawing {
    const { edges, strongest, of } = shown.value;
    const sight = sightOf(edges, layout, most);
    if (most === MAX_LINES.still) cut = sight.cut;
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
    const heads = apart ? state.activeHeads.value : [];
    const roomy = !vertical || middle.clientWidth / heads.length >= ROOM_FOR_NAME;
    const names = heads.map((head) =>
      roomy ? say(LINES.head, { head: String(head) }) : String(head),
    );
    const drawn = `${names.join()} ${state.dark.value}`;
    if (lanes.dataset.heads === drawn) return;
    lanes.dataset.heads = drawn;
    lanes.replaceChildren(
      ...names.map((text, slot) => {
        const name = h("span", {}, h("b", {}, text));
        name.style.setProperty("--aw-head", slotColours(state)[slot] ?? "");
        return name;
      }),
    );
  }

  const inksNow = () => inksOf(element, state.dark.value);

  function paint(): void {
    arrange();
    const inks = inksNow();
    drawLegend(frame.legend, [weightLegend(state, shown.value, inks)]);
    const counts = countsNow();
    tellHeight(grid, Math.max(counts.query, counts.key));
    queries.refresh(counts.query);
    keys.refresh(counts.key);
    if (reveal()) {
      queries.refresh(counts.query);
      keys.refresh(counts.key);
    }
    const layout = layoutNow();
    const { vertical, length, depth } = layout;
    const context = fitCanvas(canvas, vertical ? depth : length, vertical ? length : depth);
    map.draw(layout, counts, shown.value, inks);
    if (!context) return;
    const drawing = drawingOf(layout, MAX_LINES[scrolling ? "scrolling" : "still"]);
    drawPicture(canvasPen(context), drawing, layout, inks);
    canvas.dataset.lines = String(shown.value.edges.count);
    frame.note(words());
  }

  function drawPicture(pen: Pen, drawing: Drawing, layout: Layout, { ink }: Inks): void {
    drawLines(pen, drawing, layout);
    const { of, row: query } = shown.value;
    const hovered = state.hovered.value;
    const key = hovered?.as === "key" ? hovered.token : state.selectedKey.value;
    if (of === "query" && key !== null) drawPointer(pen, { query, key }, ink, layout);
  }

  function words(): string {
    if (error.value !== null) return "";
    if (waiting.value) return say(PANEL.waiting);
    return describe(state, shown.value, cut ? MAX_LINES.still : null);
  }

  let revealed: { query: number | null; key: number | null } = { query: null, key: null };

  /** Scrolls what was newly selected into sight, in both columns if they are of one list. */
  function reveal(): boolean {
    const now = { query: state.selected.value, key: state.selectedKey.value };
    const before = revealed;
    revealed = now;
    let moved = false;
    for (const side of ["query", "key"] as const) {
      const row = now[side];
      if (row === before[side] || row === null) continue;
      const { pitch, length, scrolled } = layoutNow();
      const place = (row + 0.5) * pitch;
      if (place >= scrolled[side] && place <= scrolled[side] + length) continue;
      scrollTo(side, place);
      if (side === "query" && state.sides.value.same) scrollTo("key", place);
      moved = true;
    }
    return moved;
  }

  function figure(): Figure | null {
    if (!state.activeHeads.value.length || !shown.value.edges.count) return null;
    const layout = layoutNow();
    const { vertical } = layout;
    const size = ({ scroller }: { scroller: HTMLElement }) =>
      vertical ? scroller.clientWidth : scroller.clientHeight;
    const inks = inksNow();
    const pen = svgPen();
    drawPicture(pen, drawingOf(layout, MAX_LINES.still), layout, inks);
    return linesFigure(state, {
      layout,
      lines: pen.marks,
      shown: shown.value,
      counts: countsNow(),
      fit: fitNow(),
      room: { query: size(queries), key: size(keys) },
      inks,
    });
  }

  // ---- the mouse -------------------------------------------------------------------------------

  keys.rows.addEventListener(
    "pointermove",
    (event) => {
      const said = pairInWords(state, shown.value, byHead.value);
      if (said) tip.show(said, event);
      else tip.hide();
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
    const { hovered, pinned, units, direction, combine, dark, selected, selectedKey } = state;
    for (const drawn of [hovered, pinned, units, direction, combine, dark, selected, selectedKey]) {
      void drawn.value; // read again when it is painted
    }
    void shown.value;
    frame.note(words());
    frame.where(whereabouts(state));
    frame.warn(warning(state, lost.value));
    frame.status(pending.value, error.value ?? lost.value.error);
    repaint();
  });
  let settled = 0;
  const scrolled = () => {
    scrolling = true;
    clearTimeout(settled);
    settled = window.setTimeout(() => {
      scrolling = false;
      repaint();
    }, STILL_AFTER_MS);
    repaint();
  };
  abort.addEventListener("abort", () => clearTimeout(settled), { once: true });
  for (const { scroller } of [queries, keys]) {
    scroller.addEventListener("scroll", scrolled, { signal: abort });
  }
  onResize(grid, abort, repaint);
  onResize(middle, abort, repaint); // the map beside it comes and goes
}
