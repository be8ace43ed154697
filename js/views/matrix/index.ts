/** Attention as a matrix: a row for each query, a column for each key. */

import { batch, signal } from "@preact/signals-core";
import { fitCanvas, h, onceAFrame, onResize } from "../../browser/dom";
import { svg } from "../../browser/svg";
import type { Figure } from "../../draw/figure";
import { inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { headColours } from "../../draw/palette";
import { canvasPen, svgPen } from "../../draw/pen";
import { listenToPointer } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import { windowTitle } from "../../language/descriptions";
import { panel } from "../../panel/panel";
import { PANEL } from "../../panel/texts/panel";
import { type AppState, attentionKey, toggleToken, watch } from "../../state/app_state";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { camera } from "./camera";
import { matrixControls } from "./controls";
import { listenToKeys } from "./keyboard";
import { mapColours } from "./map_colours";
import { drawMarks, type Marks } from "./marks";
import type { Place } from "./plan";
import { drawScene, type Scene } from "./scene";
import { MATRIX } from "./texts";
import { mapWeights } from "./weights";
import { overview, placeInWords, subjectOf, unevenSums } from "./words";

export function matrixView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(element, "matrix", MATRIX, state, abort, figure, () =>
    subjectOf(state, weights.pictures.value),
  );
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = h("canvas", { class: "aw-canvas aw-matrix-marks", "aria-hidden": "true" });
  const plot = h("div", { class: "aw-matrix", tabindex: 0, role: "application" }, canvas, marks);
  frame.body.append(plot);
  const tip = tooltip(element);

  const view = camera(state);
  const weights = mapWeights(state, source, abort, view.wanted);
  const tint = mapColours(state, weights);
  const lost = resource(state, source, abort, () =>
    state.activeHeads.value.length ? attentionKey(state, "count_nan") : null,
  );
  /** What is under the mouse, or where the keyboard is. */
  const place = signal<Place | null>(null);
  /** Where the mouse is, while it is over the place. */
  const mouse = signal<MouseEvent | null>(null);

  const isReady = () => weights.margins.value.length > 0 && weights.margins.value.every(Boolean);

  function lostHeads(): number[] {
    const { tensor, key } = lost.value;
    if (!tensor || key !== attentionKey(state, "count_nan")) return [];
    const heads = new Set(weights.pictures.value.flatMap((picture) => picture.heads));
    return [...heads].filter((head) => tensor.data[head]);
  }

  // ---- picture ---------------------------------------------------------------------------------

  function scene(): Scene {
    const ink = inksOf(element, state.dark.value);
    const pictures = weights.pictures.value;
    const colours = headColours(state.layerMeta.value?.n_heads ?? 0, state.dark.value);
    const margins = weights.margins.value;
    const isMany = pictures.length > 1;
    return {
      plan: view.plan.value,
      sight: view.sight.value,
      ...view.labels.value,
      shown: pictures.map(({ heads: [head = 0] }, index) => ({
        cells: (weights.tiles.value[index] ?? []).map(tint.cellsOf),
        margins: margins[index] ?? null,
        title: isMany
          ? { text: say(MATRIX.head, { head: String(head) }), colour: colours[head] ?? ink.ink }
          : null,
      })),
      colours: tint.colours.value,
      ink,
      dark: state.dark.value,
      numbers: state.numbers,
      hasSums: unevenSums(margins[0], pictures[0]) !== null,
      names: {
        query: say(MATRIX.query),
        key: say(MATRIX.key),
        received: say(MATRIX.received),
        sum: say(MATRIX.sum),
      },
      weightOf: weights.weightOf,
    };
  }

  function marksNow(): Marks {
    const over = state.hovered.value;
    const here = place.value;
    return {
      hovered: here ?? {
        query: over?.as === "query" ? over.token : null,
        key: over?.as === "key" ? over.token : null,
      },
      selected: { query: state.selected.value, key: state.selectedKey.value },
      place: here,
    };
  }

  let drawn: Scene | null = null;

  function paint(): void {
    const { width, height } = view.plan.value;
    const context = fitCanvas(canvas, width, height);
    drawn = isReady() ? scene() : null;
    if (context && drawn) drawScene(canvasPen(context), drawn);
    paintMarks();
  }

  function paintMarks(): void {
    const context = fitCanvas(marks, view.plan.value.width, view.plan.value.height);
    if (context && drawn) drawMarks(canvasPen(context), drawn, marksNow());
  }

  function figure(): Figure | null {
    if (!isReady()) return null;
    const now = scene();
    const { plan } = now;
    const pen = svgPen();
    drawScene(pen, now);
    drawMarks(pen, now, marksNow());
    const left = Math.min(...plan.maps.map(({ x }) => x)) - plan.labels.rows;
    const right = Math.max(...plan.maps.map(({ x, width }) => x + width)) + plan.sums;
    return {
      width: right - left,
      height: plan.height,
      marks: [svg("g", { transform: `translate(${-left} 0)` }, ...pen.marks)],
      legend: tint.legend(lostHeads().length > 0),
    };
  }

  // ---- hands and keys --------------------------------------------------------------------------

  /** The token of the row, else of the column, is hovered in the other views too. */
  function goTo(next: Place | null): void {
    const now = place.peek();
    const same =
      now?.picture === next?.picture && now?.query === next?.query && now?.key === next?.key;
    if (same) return;
    batch(() => {
      place.value = next;
      if (next && next.query !== null) state.hovered.value = { token: next.query, as: "query" };
      else if (next && next.key !== null) state.hovered.value = { token: next.key, as: "key" };
      else state.hovered.value = null;
    });
  }

  /** A cell selects both its tokens, or lets go of both; a label selects its own. */
  function select({ query, key }: Place): void {
    const isRow = query !== null && query === state.selected.value;
    const isColumn = key !== null && key === state.selectedKey.value;
    const isCell = query !== null && key !== null;
    const letsGo = isRow && isColumn;
    batch(() => {
      if (query !== null && (!isCell || letsGo || !isRow)) toggleToken(state, query, "query");
      if (key !== null && (!isCell || letsGo || !isColumn)) toggleToken(state, key, "key");
    });
  }

  listenToPointer(
    plot,
    {
      point(at, event) {
        batch(() => {
          goTo(at && view.placeAt(at));
          mouse.value = at ? event : null;
        });
      },
      click(at) {
        const here = view.placeAt(at);
        if (here) select(here);
      },
      zoom: view.zoomBy,
      pan: view.panBy,
    },
    abort,
  );
  listenToKeys(
    plot,
    {
      place: () => place.value,
      start: () => ({
        picture: 0,
        query: state.selected.value ?? Math.floor(view.sight.value.y),
        key: state.selectedKey.value ?? Math.floor(view.sight.value.x),
      }),
      counts: () => view.counts.value,
      go(next) {
        mouse.value = null;
        goTo(next);
        if (next) view.reveal(next.query, next.key);
      },
      select,
      letGo() {
        batch(() => {
          goTo(null);
          state.token.value = null;
          state.key_token.value = null;
        });
      },
      zoom: view.zoomBy,
      fit: view.fit,
    },
    abort,
  );
  matrixControls(frame.controls, state, view, abort);

  // ---- what follows from what ------------------------------------------------------------------

  const repaint = onceAFrame(plot, abort, paint);
  const remark = onceAFrame(plot, abort, paintMarks);
  watch(abort, () => {
    void state.sides.value; // other rows, another picture
    batch(() => {
      place.value = null;
      mouse.value = null;
      view.fit();
    });
  });
  watch(abort, () => view.reveal(state.selected.value, state.selectedKey.value));
  watch(abort, () => {
    void [weights.tiles.value, weights.margins.value, tint.colours.value, view.labels.value];
    void [view.plan.value, view.sight.value, view.fineness.value];
    repaint();
  });
  watch(abort, () => {
    void marksNow();
    remark();
  });
  watch(abort, () => {
    const { queries, keys } = view.counts.value;
    plot.toggleAttribute("data-zoomed", view.factor.value > 1);
    plot.setAttribute("aria-label", say(MATRIX.plot, { queries, keys }));
    plot.style.height = `${view.plan.value.height}px`;
    plot.dataset.maps = view.plan.value.maps
      .map(({ x, y, width, height }) => `${x} ${y} ${width} ${height}`)
      .join(";");
  });
  watch(abort, () => {
    const { pending, error } = weights.status.value;
    frame.status(pending, error);
    drawLegend(frame.legend, isReady() ? tint.legend(lostHeads().length > 0) : []);
    frame.warn(warning());
    frame.where(windowTitle(state.meta.value, state.sides.value.window, state.say));
  });
  watch(abort, () => {
    const { pending } = weights.status.value;
    frame.note(pending && !isReady() ? say(PANEL.waiting) : noteNow());
  });
  watch(abort, () => {
    const lines = mouse.value && place.value ? toldOf(place.value) : [];
    if (mouse.value && lines.length) tip.show(lines, mouse.value);
    else tip.hide();
  });
  onResize(plot, abort, () => {
    batch(() => {
      view.width.value = plot.clientWidth;
      view.fineness.value = window.devicePixelRatio || 1;
    });
  });

  function toldOf(cell: Place): string[] {
    return isReady() ? placeInWords(state, weights, cell, view.wanted.value) : [];
  }

  function noteNow(): string {
    const selected = { picture: 0, query: state.selected.value, key: state.selectedKey.value };
    const cell = place.value ?? selected;
    const lines = cell.key !== null ? toldOf(cell) : [];
    const said = lines.length ? lines : [overview(state, weights, view.pooling.value)];
    return [...said, sightNow()].filter(Boolean).join(" · ");
  }

  function warning(): string {
    const heads = lostHeads();
    const n = heads.reduce((sum, head) => sum + (lost.value.tensor?.data[head] ?? 0), 0);
    return n ? say(MATRIX.lost, { n, heads: heads.join(", ") }) : "";
  }

  /** Where in the map it is zoomed to. Not in the header: the map must not move for it. */
  function sightNow(): string {
    if (view.factor.value <= 1) return "";
    const { queries, keys } = view.counts.value;
    const { x, y, width, height } = view.sight.value;
    return say(MATRIX.sight, {
      firstQuery: Math.floor(y),
      lastQuery: Math.ceil(y + height) - 1,
      queries,
      firstKey: Math.floor(x),
      lastKey: Math.ceil(x + width) - 1,
      keys,
    });
  }
}
