/** Where the parts of the matrix stand, in CSS pixels, and which numbers are needed for that. */

import { computed, signal } from "@preact/signals-core";
import { textWidth } from "../../draw/text_width";
import { camera } from "../../plane/camera";
import { LARGEST_CELL, type Layout } from "../../plane/layout";
import type { AppState } from "../../state/app_state";
import { areSideBySide, shownHeads } from "../../state/shown_heads";
import type { TokenMeta } from "../../trace/contract";
import type { AxesOf } from "../../trace/tensor_key";
import { MATRIX } from "./texts";

export interface Plan extends Layout {
  width: number;
  height: number;
  /** Above each map stands whose it is. */
  titles: number;
}

export const LABEL_SIZE = 12;
/** What is said of axes and bars, and how far from the map. */
export const AXIS_SIZE = 11;
export const AXIS_GAP = 14;
/** Two labels nearer than this would touch. */
export const LABEL_PITCH = 14;
const GAP = 14;
const BARS = 40;
const SUMS = 60;
const TITLE = 20;
const EDGE = 8;

export interface Room {
  width: number;
  /** Null where a picture is as tall as it needs. */
  height: number | null;
  pictures: number;
  queries: number;
  keys: number;
  /** Widest label of each side. */
  labels: { rows: number; columns: number };
  /** Widest of what stands in the corner between them. */
  corner: number;
}

export const planOf = (room: Room): Plan =>
  room.pictures > 1 ? planOfMany(room) : planOfOne(room);

function planOfOne({ width, height, queries, keys, labels, corner }: Room): Plan {
  const rows = Math.max(corner, labels.rows + EDGE);
  const columns = Math.max(36, labels.columns + EDGE); // and those of the axes in the corner
  const room = Math.max(120, width - rows - SUMS);
  const least = Math.max(300, room);
  const most = height === null ? 640 : Math.max(80, height - columns - BARS);
  const size = sizeOf(room, Math.min(most, least), queries, keys);
  const x = Math.max(rows, Math.floor((width - rows - size.width - SUMS) / 2) + rows);
  return {
    width: Math.max(width, rows + size.width + SUMS),
    height: columns + size.height + BARS,
    maps: [{ x, y: columns, ...size }],
    queries,
    keys,
    labels: { rows, columns },
    bars: BARS,
    sums: SUMS,
    titles: 0,
  };
}

/** Many maps are no taller together than this, while they are no smaller than that. */
const TALLEST = 560;
const SMALLEST = 76;
const SLIVER = 40;

/** As large as lets all be seen at once. */
function planOfMany(room: Room): Plan {
  const { width, pictures } = room;
  const wished = pictures <= 4 ? 260 : 180;
  const within = (least: number) =>
    Math.min(pictures, Math.max(1, Math.floor((width + GAP) / (least + GAP))));
  let plan = planOfRows(room, within(wished));
  for (let across = within(wished) + 1; across <= within(SMALLEST); across++) {
    if (plan.height <= TALLEST) break;
    plan = planOfRows(room, across);
  }
  return plan;
}

function planOfRows({ width, pictures, queries, keys, labels }: Room, most: number): Plan {
  const across = Math.ceil(pictures / Math.ceil(pictures / most)); // rows of equal length
  const room = Math.min(360, (width - 2 + GAP) / across - GAP); // their outlines stand outside
  const labelled = sizeOf(room - labels.rows - EDGE, 320, queries, keys, SLIVER);
  const hasLabels = labelled.height / queries >= LABEL_PITCH && labelled.width > 0;
  const [rows, columns] = hasLabels ? [labels.rows + EDGE, labels.columns + EDGE] : [0, 0];
  const size = hasLabels ? labelled : sizeOf(room, 320, queries, keys, SLIVER);
  const step = { x: rows + size.width + GAP, y: TITLE + columns + size.height + GAP };
  const left = Math.max(0, Math.floor((width - across * step.x + GAP) / 2));
  const maps = Array.from({ length: pictures }, (_, index) => ({
    x: left + (index % across) * step.x + rows,
    y: Math.floor(index / across) * step.y + TITLE + columns,
    ...size,
  }));
  return {
    width,
    height: Math.ceil(pictures / across) * step.y - GAP + 2,
    maps,
    queries,
    keys,
    labels: { rows, columns },
    bars: 0,
    sums: 0,
    titles: TITLE,
  };
}

/** Square cells, unless one side would be a sliver. */
function sizeOf(width: number, height: number, queries: number, keys: number, sliver = 160) {
  const cell = Math.min(width / keys, height / queries, LARGEST_CELL);
  const stretch = (count: number, most: number) =>
    Math.floor(Math.max(count * cell, Math.min(sliver, count * LARGEST_CELL, most)));
  return { width: stretch(keys, width), height: stretch(queries, height) };
}

/** How many cells, each way, come to one pixel: 1, 2, 4, 8, ... */
export function poolingFor(cell: number, pixelsPerUnit: number): number {
  let pooling = 1;
  while (cell * pooling * pixelsPerUnit < 1 - 1e-9) pooling *= 2;
  return pooling;
}

/** Width of the widest label, as far as there is room; measuring takes time, so of the longest. */
function widestLabel(tokens: readonly TokenMeta[], most: number): number {
  const longest = [...tokens].sort((a, b) => b.label.length - a.label.length).slice(0, 12);
  const widths = longest.map(({ label }) => textWidth(label.slice(0, 200), LABEL_SIZE));
  return Math.min(most, Math.ceil(Math.max(12, ...widths)) + 2);
}

/** Queries and keys in sight, each tile of which holds `pooling` as one; first, and one past last. */
export interface Wanted {
  pooling: number;
  scale: AxesOf<"map_tile">["scale"];
  queries: readonly [number, number];
  keys: readonly [number, number];
}

export type MatrixView = ReturnType<typeof matrixView>;

export function matrixView(state: AppState) {
  /** Of the element, and pixels of the screen to one of the page; set by whoever measures them. */
  const [width, fineness] = [signal(0), signal(window.devicePixelRatio || 1)];
  const labels = computed(() => {
    const { queries, keys } = state.sides.value;
    const most = width.value < 700 ? 84 : 112;
    return { rows: widestLabel(queries.tokens, most), columns: widestLabel(keys.tokens, most) };
  });
  const corner = computed(() => {
    const { say } = state;
    const names = [`${say(MATRIX.key)} →`, `${say(MATRIX.query)} ↓`, say(MATRIX.received)];
    const widths = names.map((name) => textWidth(name, AXIS_SIZE));
    return Math.ceil(Math.max(50, ...widths)) + AXIS_GAP + 2;
  });
  const plan = computed(() => {
    const { queries, keys } = state.sides.value;
    return planOf({
      width: width.value,
      height: state.room.value,
      pictures: areSideBySide(state) ? shownHeads(state).length : 1,
      queries: Math.max(1, queries.tokens.length),
      keys: Math.max(1, keys.tokens.length),
      labels: labels.value,
      corner: corner.value,
    });
  });
  const view = camera(plan);
  const wanted = computed<Wanted>(() => {
    const [map] = plan.value.maps;
    const scale = state.normalise_rows.value ? "share" : "weight";
    // Nothing is wanted of a plan that has no room yet: at a guess it would be every weight.
    if (!map || !width.value) return { pooling: 1, scale, queries: [0, 0], keys: [0, 0] };
    const { x, y, width: across, height: down } = view.sight.value;
    return {
      pooling: poolingFor(Math.min(map.width / across, map.height / down), fineness.value),
      scale,
      queries: [Math.floor(y), Math.ceil(y + down)],
      keys: [Math.floor(x), Math.ceil(x + across)],
    };
  });
  return { ...view, width, fineness, plan, wanted };
}
