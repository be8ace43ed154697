/** The mask as a picture, queries × keys, in which a pair can be pointed at. */

import { batch } from "@preact/signals-core";
import { fitCanvas, h } from "../../browser/dom";
import { listenToKeys, moved } from "../../interact/keys";
import { listenToPointer, type Point } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import { isolated } from "../../language/direction";
import { type AppState, letGo } from "../../state/app_state";
import { type Coverage, coverageOf } from "./mask_coverage";
import type { MaskData } from "./mask_data";
import { TOKENS } from "./texts";

/** Longest side of the picture, in CSS pixels. */
export const LONGEST = 320;
const NARROWEST = 36;
const LARGEST_CELL = 24;

/** Seen, hidden, and the lines between cells. */
export interface MaskColours {
  seen: readonly [number, number, number];
  hidden: readonly [number, number, number];
  selected: string;
  hovered: string;
}

export const maskColours = (dark: boolean): MaskColours =>
  dark
    ? { seen: [96, 146, 196], hidden: [44, 50, 61], selected: "#ffd479", hovered: "#eceef2" }
    : { seen: [104, 152, 204], hidden: [226, 230, 237], selected: "#a03a00", hovered: "#16181d" };

/** Cells are square, unless a side would be too narrow to see. */
export function sizeOf(queries: number, keys: number, room: number): [number, number] {
  const longest = Math.min(room, LONGEST, LARGEST_CELL * Math.max(queries, keys, 3));
  const scale = longest / Math.max(queries, keys);
  const side = (count: number) => Math.round(Math.max(NARROWEST, count * scale));
  return [Math.min(longest, side(keys)), Math.min(longest, side(queries))];
}

export function maskImage({ columns, rows, share }: Coverage, dark: boolean): HTMLCanvasElement {
  const { seen, hidden } = maskColours(dark);
  const canvas = h("canvas", { width: Math.max(1, columns), height: Math.max(1, rows) });
  const context = canvas.getContext("2d");
  const image = context?.createImageData(canvas.width, canvas.height);
  if (!context || !image) return canvas;
  for (let cell = 0; cell < share.length; cell++) {
    const part = share[cell] ?? 0;
    for (let channel = 0; channel < 3; channel++) {
      const [low, high] = [hidden[channel] ?? 0, seen[channel] ?? 0];
      image.data[4 * cell + channel] = low + (high - low) * part;
    }
    image.data[4 * cell + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export interface MaskPicture {
  readonly element: HTMLElement;
  /** Draws it, and marks rows and columns. */
  draw(data: MaskData | null, room: number): void;
}

/** `tell` says of a pair what the mouse is over. */
export function maskPicture(
  panel: HTMLElement,
  tell: (query: number, key: number) => readonly string[],
  state: AppState,
  abort: AbortSignal,
): MaskPicture {
  const { say } = state;
  const canvas = h("canvas", { class: "aw-mask-canvas" });
  const frame = h(
    "div",
    { class: "aw-mask-frame", role: "group", tabindex: 0, "aria-label": say(TOKENS.picture) },
    canvas,
  );
  const ticks = { keys: [h("span", {}), h("span", {})], queries: [h("span", {}), h("span", {})] };
  const element = h(
    "div",
    { class: "aw-mask-picture" },
    h(
      "div",
      { class: "aw-axis aw-axis-keys", "aria-hidden": "true" },
      ticks.keys[0] ?? "",
      h("b", {}, `${say(TOKENS.keyAxis)} →`),
      ticks.keys[1] ?? "",
    ),
    h(
      "div",
      { class: "aw-axis aw-axis-queries", "aria-hidden": "true" },
      ticks.queries[0] ?? "",
      h("b", {}, `${say(TOKENS.queryAxis)} →`),
      ticks.queries[1] ?? "",
    ),
    frame,
  );
  const tip = tooltip(panel, abort);
  let shown: MaskData | null = null;
  let size: [number, number] = [0, 0];
  let image: { of: MaskData["runs"]; key: string; canvas: HTMLCanvasElement } | null = null;

  function imageOf(data: MaskData, dark: boolean): HTMLCanvasElement {
    const key = [data.head, data.queries, data.keys, dark].join();
    if (image?.of !== data.runs || image.key !== key) {
      const coverage = coverageOf(data.runs, data.head, data.queries, data.keys, 2 * LONGEST);
      image = { of: data.runs, key, canvas: maskImage(coverage, dark) };
    }
    return image.canvas;
  }

  function draw(data: MaskData | null, room: number): void {
    shown = data;
    element.hidden = !data;
    if (!data) return;
    const { queries, keys } = data;
    const dark = state.dark.value;
    size = sizeOf(queries, keys, room);
    const [width, height] = size;
    const context = fitCanvas(canvas, width, height);
    if (!context) return;
    element.style.setProperty("--aw-mask-width", `${width}px`);
    element.style.setProperty("--aw-mask-height", `${height}px`);
    for (const side of ["keys", "queries"] as const) {
      endsOf(state, side).forEach((end, place) => {
        const tick = ticks[side][place];
        if (tick) tick.textContent = end;
      });
    }
    context.imageSmoothingEnabled = Math.max(queries, keys) > LONGEST;
    context.drawImage(imageOf(data, dark), 0, 0, width, height);
    const { selected, hovered } = maskColours(dark);
    const [across, down] = [width / keys, height / queries];
    const line = (colour: string, weight: number, ...ends: number[][]) => {
      context.beginPath();
      for (const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] of ends) {
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
      }
      context.strokeStyle = colour;
      context.lineWidth = weight;
      context.stroke();
    };
    if (Math.min(across, down) >= 7) {
      const paper = dark ? "#15171c" : "#ffffff";
      const columns = Array.from({ length: keys - 1 }, (_, i) => (i + 1) * across);
      const rows = Array.from({ length: queries - 1 }, (_, i) => (i + 1) * down);
      line(
        paper,
        1,
        ...columns.map((x) => [x, 0, x, height]),
        ...rows.map((y) => [0, y, width, y]),
      );
    }
    const row = (index: number, colour: string) => {
      const [top, bottom] = edges(index, down, height);
      line(colour, 1.5, [0, top, width, top], [0, bottom, width, bottom]);
    };
    const column = (index: number, colour: string) => {
      const [left, right] = edges(index, across, width);
      line(colour, 1.5, [left, 0, left, height], [right, 0, right, height]);
    };
    const over = state.hovered.value;
    const { same } = state.sides.value;
    if (over) {
      if (over.as === "query" && over.token < queries) row(over.token, hovered);
      if (over.as === "key" && over.token < keys) column(over.token, hovered);
    }
    const [query, key] = [state.selected.value, state.selectedKey.value];
    if (query !== null) row(query, selected);
    if (key !== null) column(key, selected);
    else if (same && query !== null) column(query, selected);
  }

  function pairAt({ x, y }: Point): [number, number] | null {
    if (!shown) return null;
    const key = Math.floor((x / size[0]) * shown.keys);
    const query = Math.floor((y / size[1]) * shown.queries);
    const inside = key >= 0 && key < shown.keys && query >= 0 && query < shown.queries;
    return inside ? [query, key] : null;
  }

  listenToPointer(
    canvas,
    {
      point(at, event) {
        const pair = at && pairAt(at);
        state.hovered.value = pair && { token: pair[0], as: "query" };
        if (pair) tip.show(tell(...pair), event);
        else tip.hide();
      },
      click(at) {
        const pair = pairAt(at);
        if (pair) select(...pair);
      },
    },
    abort,
  );

  /** A place that a window added cannot be selected. */
  function select(query: number, key: number): void {
    const { queries, keys } = state.sides.value;
    const [token, keyToken] = [queries.toText[query] ?? null, keys.toText[key] ?? null];
    const again = token === state.token.value && keyToken === state.key_token.value;
    batch(() => {
      state.token.value = again ? null : token;
      state.key_token.value = again ? null : keyToken;
    });
  }

  listenToKeys(
    frame,
    {
      move({ by, x, y }) {
        if (!shown || by === "page") return false;
        const { queries, keys } = state.sides.value;
        const [query, key] = [state.selected.value, state.selectedKey.value];
        if (y) {
          const row = moved(query ?? 0, query === null ? 0 : y, shown.queries);
          state.token.value = queries.toText[row] ?? state.token.value;
        } else {
          const step = by === "end" ? x * shown.keys : key === null ? 0 : x;
          const row = moved(key ?? query ?? 0, step, shown.keys);
          state.key_token.value = keys.toText[row] ?? state.key_token.value;
        }
        return true;
      },
      escape: () => letGo(state),
    },
    abort,
  );
  return { element, draw };
}

/** Names of the first and the last row of a side: its index, or the label where a window has it. */
export function endsOf(state: AppState, side: "keys" | "queries"): [string, string] {
  const { tokens, toText } = state.sides.value[side];
  const name = (row: number) => String(toText[row] ?? isolated(tokens[row]?.label ?? ""));
  return [name(0), name(tokens.length - 1)];
}

/** Lines lie within the picture, also at its edge and around cells smaller than a pixel. */
function edges(index: number, cell: number, length: number): [number, number] {
  const start = Math.max(0.75, Math.min(length - 2.75, index * cell));
  return [start, Math.min(length - 0.75, Math.max(start + 2, (index + 1) * cell))];
}
