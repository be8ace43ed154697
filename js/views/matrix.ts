/** Attention as a matrix: a row for each query, a column for each key. */

import { batch, computed, signal } from "@preact/signals-core";
import { fitCanvas, h, onceAFrame, onResize } from "../dom";
import type { Figure } from "../figure";
import { type Colours, coloursOf, domainOf } from "../matrix/colours";
import { matrixControls } from "../matrix/controls";
import { listenToHands } from "../matrix/gestures";
import { listenToKeys } from "../matrix/keys";
import { drawLegend, legendItems } from "../matrix/legend";
import { canvasPen, svgPen } from "../matrix/pen";
import {
  FIT,
  largestFactor,
  type Place,
  panned,
  placeAt,
  planOf,
  poolingFor,
  revealing,
  sightOf,
  type Zoom,
  zoomed,
} from "../matrix/plan";
import { overview, told, unevenSums } from "../matrix/report";
import { drawMarks, drawScene, type Ink, type Scene, widestLabel } from "../matrix/scene";
import { mapWeights, type Tile, type Wanted } from "../matrix/weights";
import { headColours } from "../palette";
import { panel } from "../panel";
import { resource } from "../resource";
import type { TensorSource } from "../source";
import { type AppState, attentionKey, toggleKeyToken, toggleToken, watch } from "../state";
import { windowTitle } from "../story";
import { svg } from "../svg";
import { shapeAt, type Tensor } from "../tensor";
import { MATRIX } from "../texts/matrix";
import { tooltip } from "../tooltip";

export function matrixView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(element, "matrix", MATRIX, state, abort, figure);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = h("canvas", { class: "aw-canvas aw-matrix-marks", "aria-hidden": "true" });
  const plot = h("div", { class: "aw-matrix", tabindex: 0, role: "application" }, canvas, marks);
  frame.body.append(plot);
  const tip = tooltip(element);

  const width = signal(0);
  const zoom = signal<Zoom>(FIT);
  /** What is under the mouse, or where the keyboard is. */
  const place = signal<Place | null>(null);

  const labels = computed(() => {
    const { queries, keys } = state.sides.value;
    const of = (tokens: typeof queries.tokens) =>
      tokens.map(({ label, special }) => ({ text: label, special }));
    return { rows: of(queries.tokens), columns: of(keys.tokens) };
  });
  const counts = computed(() => ({
    queries: labels.value.rows.length,
    keys: labels.value.columns.length,
  }));
  const count = computed(() =>
    state.combine.value === "columns" ? state.activeHeads.value.length : 1,
  );
  const widest = computed(() => {
    const most = width.value < 700 ? 84 : 112;
    const { rows, columns } = labels.value;
    return { rows: widestLabel(rows, most), columns: widestLabel(columns, most) };
  });
  const plan = computed(() => {
    const room = { width: width.value, pictures: count.value, labels: widest.value };
    return planOf({ ...room, ...counts.value });
  });
  const sight = computed(() => sightOf(zoom.value, counts.value.queries, counts.value.keys));
  const pooling = computed(() => {
    const [map] = plan.value.maps;
    if (!map || !width.value) return 1;
    const cell = Math.min(map.width / sight.value.width, map.height / sight.value.height);
    return poolingFor(cell, window.devicePixelRatio || 1);
  });
  const wanted = computed<Wanted>(() => {
    const { x, y, width: across, height: down } = sight.value;
    return {
      pooling: pooling.value,
      scale: state.normalise_rows.value ? "share" : "weight",
      queries: [Math.floor(y), Math.ceil(y + down)],
      keys: [Math.floor(x), Math.ceil(x + across)],
    };
  });
  const weights = mapWeights(state, source, abort, wanted);
  const lost = resource(state, source, abort, () =>
    state.activeHeads.value.length ? attentionKey(state, "count_nan") : null,
  );

  // ---- colours ---------------------------------------------------------------------------------

  /** What all pictures hold, as numbers of the scale that they are coloured by. */
  const range = computed(() => {
    const relative = state.normalise_rows.value;
    const found = weights.margins.value.flatMap((each) => each ?? []);
    const least = (of: (each: (typeof found)[number]) => number) =>
      Math.min(...found.map(of).filter((value) => !Number.isNaN(value)));
    return JSON.stringify({
      relative,
      least: least((each) => (relative ? each.leastShare : each.least)),
      positive: least((each) => (relative ? each.leastPositiveShare : each.leastPositive)),
      most: relative ? 1 : -least((each) => -each.most),
    }); // by value: colours stay the same for as long as it does
  });
  const colours = computed(() => {
    const { relative, positive, most } = JSON.parse(range.value);
    const domain = domainOf(positive ?? 0, most ?? 1, state.log_colour.value, relative);
    return coloursOf(domain, state.dark.value);
  });
  const painted = new WeakMap<Tensor, { colours: Colours; canvas: HTMLCanvasElement }>();
  const cellsOf = ({ tensor, query, key, pooling }: Tile) => {
    const known = painted.get(tensor);
    const drawn =
      known?.colours === colours.value
        ? known
        : { colours: colours.value, canvas: colours.value.paint(tensor) };
    painted.set(tensor, drawn);
    const [height, width] = [shapeAt(tensor, 0) * pooling, shapeAt(tensor, 1) * pooling];
    return { canvas: drawn.canvas, x: key, y: query, width, height };
  };
  const lostHeads = () => {
    const { tensor, key } = lost.value;
    if (!tensor || key !== attentionKey(state, "count_nan")) return [];
    const heads = new Set(weights.pictures.value.flatMap((picture) => picture.heads));
    return [...heads].filter((head) => tensor.data[head]);
  };
  const legend = () =>
    legendItems(state, colours.value, {
      least: JSON.parse(range.value).least ?? 1,
      hasNaN: lostHeads().length > 0,
    });

  // ---- picture ---------------------------------------------------------------------------------

  function scene(): Scene {
    const style = getComputedStyle(element);
    const names = ["paper", "raised", "ink", "soft", "rule", "accent", "wash"] as const;
    const ink = Object.fromEntries(
      names.map((name) => [name, style.getPropertyValue(`--aw-${name}`).trim()]),
    ) as unknown as Ink;
    const pictures = weights.pictures.value;
    const heads = headColours(state.layerMeta.value?.n_heads ?? 0, state.dark.value);
    const margins = weights.margins.value;
    return {
      plan: plan.value,
      sight: sight.value,
      ...labels.value,
      shown: pictures.map(({ heads: [head = 0] }, index) => ({
        cells: (weights.tiles.value[index] ?? []).map(cellsOf),
        margins: margins[index] ?? null,
        title:
          count.value > 1
            ? { text: say(MATRIX.head, { head: String(head) }), colour: heads[head] ?? ink.ink }
            : null,
      })),
      colours: colours.value,
      ink,
      hasSums: unevenSums(margins[0], pictures[0]) !== null,
      names: { received: say(MATRIX.received), sum: say(MATRIX.sum) },
      weightOf: weights.weightOf,
    };
  }

  function marksNow() {
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

  const isReady = () => weights.margins.value.length > 0 && weights.margins.value.every(Boolean);
  let drawn: Scene | null = null;

  function paint(): void {
    const { width, height } = plan.value;
    const context = fitCanvas(canvas, width, height);
    drawn = isReady() ? scene() : null;
    if (context && drawn) drawScene(canvasPen(context), drawn);
    paintMarks();
  }

  function paintMarks(): void {
    const context = fitCanvas(marks, plan.value.width, plan.value.height);
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
      legend: legend(),
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
  function select({ picture, query, key }: Place): void {
    batch(() => {
      if (count.value > 1) {
        state.lastHead.value = weights.pictures.value[picture]?.heads[0] ?? null;
      }
      const isRow = query !== null && query === state.selected.value;
      const isColumn = key !== null && key === state.selectedKey.value;
      const isCell = query !== null && key !== null;
      if (query !== null && (!isCell || isRow === isColumn || !isRow)) {
        toggleToken(state, query, "query");
      }
      if (key !== null && (!isCell || isRow === isColumn || !isColumn)) {
        toggleKeyToken(state, key);
      }
    });
  }

  const shares = (at: { x: number; y: number }) => {
    const { maps } = plan.value;
    const { picture = 0 } = placeAt(plan.value, sight.value, at.x, at.y) ?? {};
    const map = maps[picture] ?? { x: 0, y: 0, width: 1, height: 1 };
    return { x: (at.x - map.x) / map.width, y: (at.y - map.y) / map.height };
  };
  const zoomTo = (by: number, at = { x: 0.5, y: 0.5 }) => {
    const inside = (share: number) => Math.min(1, Math.max(0, share));
    const middle = { x: inside(at.x), y: inside(at.y) };
    zoom.value = zoomed(zoom.value, by, middle, largestFactor(plan.value));
  };
  const fit = () => {
    zoom.value = FIT;
  };
  const reveal = (query: number | null, key: number | null) => {
    if (zoom.peek().factor <= 1) return;
    const middle = (token: number | null, of: number) =>
      token === null ? null : (token + 0.5) / of;
    const { queries, keys } = counts.peek();
    zoom.value = revealing(zoom.peek(), middle(key, keys), middle(query, queries));
  };

  listenToHands(
    plot,
    {
      point(at, event) {
        const next = at && placeAt(plan.value, sight.value, at.x, at.y);
        goTo(next);
        const lines =
          next && isReady() ? told(state, weights, next, state.normalise_rows.value) : [];
        if (lines.length) tip.show(lines, event);
        else tip.hide();
      },
      click(at) {
        const here = placeAt(plan.value, sight.value, at.x, at.y);
        if (here) select(here);
      },
      zoom: (by, at) => zoomTo(by, shares(at)),
      pan(x, y) {
        const [map] = plan.value.maps;
        if (map) zoom.value = panned(zoom.value, -x / map.width, -y / map.height);
      },
    },
    abort,
  );
  listenToKeys(
    plot,
    {
      place: () => place.value,
      start: () => ({
        picture: 0,
        query: state.selected.value ?? Math.floor(sight.value.y),
        key: state.selectedKey.value ?? Math.floor(sight.value.x),
      }),
      counts: () => ({ ...counts.value, pictures: count.value }),
      go(next) {
        tip.hide();
        goTo(next);
        if (next) reveal(next.query, next.key);
      },
      select,
      letGo() {
        batch(() => {
          goTo(null);
          state.token.value = null;
          state.key_token.value = null;
        });
      },
      zoom: (by) => zoomTo(by),
      fit,
    },
    abort,
  );
  matrixControls(
    frame.controls,
    state,
    {
      by: zoomTo,
      fit,
      factor: () => zoom.value.factor,
      most: () => largestFactor(plan.value),
    },
    abort,
  );

  // ---- what follows from what ------------------------------------------------------------------

  const repaint = onceAFrame(plot, abort, paint);
  const remark = onceAFrame(plot, abort, paintMarks);
  watch(abort, () => {
    void state.sides.value; // other rows, another picture
    place.value = null;
    zoom.value = FIT;
  });
  watch(abort, () => reveal(state.selected.value, state.selectedKey.value));
  watch(abort, () => {
    void [weights.tiles.value, weights.margins.value, colours.value, sight.value, labels.value];
    void plan.value;
    repaint();
  });
  watch(abort, () => {
    void marksNow();
    remark();
  });
  watch(abort, () => {
    plot.toggleAttribute("data-zoomed", zoom.value.factor > 1);
    plot.setAttribute("aria-label", say(MATRIX.plot, counts.value));
    plot.style.height = `${plan.value.height}px`;
  });
  watch(abort, () => {
    const { pending, error } = weights.status.value;
    frame.status(pending, error);
    drawLegend(frame.legend, isReady() ? legend() : []);
    frame.warn(warning());
    frame.where(whereNow());
  });
  watch(abort, () => frame.note(noteNow()));
  onResize(plot, abort, () => {
    width.value = plot.clientWidth;
  });

  function noteNow(): string {
    const selected = { picture: 0, query: state.selected.value, key: state.selectedKey.value };
    const cell = place.value ?? selected;
    const isCell = cell.query !== null && cell.key !== null;
    const lines = isCell && isReady() ? told(state, weights, cell, state.normalise_rows.value) : [];
    return lines.length ? lines.join(" · ") : overview(state, weights, pooling.value);
  }

  function warning(): string {
    const heads = lostHeads();
    const n = heads.reduce((sum, head) => sum + (lost.value.tensor?.data[head] ?? 0), 0);
    return n ? say(MATRIX.lost, { n, heads: heads.join(", ") }) : "";
  }

  function whereNow(): string {
    const whole = windowTitle(state.meta.value, state.sides.value.window);
    if (zoom.value.factor <= 1) return whole;
    const { queries, keys } = counts.value;
    const { x, y, width: across, height: down } = sight.value;
    const part = say(MATRIX.sight, {
      firstQuery: Math.floor(y),
      lastQuery: Math.ceil(y + down) - 1,
      queries,
      firstKey: Math.floor(x),
      lastKey: Math.ceil(x + across) - 1,
      keys,
    });
    return [whole, part].filter(Boolean).join(" · ");
  }
}
