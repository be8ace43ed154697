/** The mask as a picture, queries × keys, in which a pair can be pointed at. */

import { batch } from "@preact/signals-core";
import { fitCanvas, h } from "../../browser/dom";
import { drawBand } from "../../draw/bands";
import { mix, rgbIn } from "../../draw/colour";
import { inksOf } from "../../draw/inks";
import { type Box, boxOf, canvasPen, type Line, type Pen } from "../../draw/pen";
import { raster } from "../../draw/raster";
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

/** As weights are coloured, so that the accent of what is selected stands out. */
const COLOURS = {
  light: { seen: "rgb(160 112 226)", hidden: "rgb(226 230 237)" },
  dark: { seen: "rgb(139 92 212)", hidden: "rgb(44 50 61)" },
};

const maskColours = (dark: boolean) => COLOURS[dark ? "dark" : "light"];

/** What a mask does, where it is known, else what was found in the weights. */
export function maskLegend({ say, dark, layerMeta }: AppState) {
  const { seen, hidden } = maskColours(dark.value);
  const isKnown = (layerMeta.value?.masks.length ?? 0) > 0;
  return [
    { colour: seen, label: say(isKnown ? TOKENS.canSee : TOKENS.hasWeight) },
    { colour: hidden, label: say(isKnown ? TOKENS.cannotSee : TOKENS.hasNone) },
  ] as const;
}

/** Cells are square, unless a side would be too narrow to see. */
export function sizeOf(queries: number, keys: number, room: number): [number, number] {
  const longest = Math.min(room, LONGEST, LARGEST_CELL * Math.max(queries, keys, 3));
  const scale = longest / Math.max(queries, keys);
  const side = (count: number) => Math.round(Math.max(NARROWEST, count * scale));
  return [Math.min(longest, side(keys)), Math.min(longest, side(queries))];
}

function maskImage({ columns, rows, share }: Coverage, dark: boolean): HTMLCanvasElement {
  const { seen, hidden } = maskColours(dark);
  const [from, to] = [rgbIn(hidden), rgbIn(seen)];
  return raster(columns, rows, (cell) => mix(from, to, share[cell] ?? 0));
}

export interface MaskPicture {
  readonly element: HTMLElement;
  /** Draws it, and marks rows and columns. */
  draw(data: MaskData | null, room: number): void;
  /** The same with another pen. */
  drawAt(pen: Pen, map: Box): void;
}

/** Cells of so many pixels have lines between them. */
const LEAST_RULED = 7;

const between = (start: number, size: number, count: number): number[] =>
  Array.from({ length: count - 1 }, (_, i) => start + (i + 1) * size);

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
    drawAt(canvasPen(context), { x: 0, y: 0, width, height });
  }

  function drawAt(pen: Pen, map: Box): void {
    if (!shown) return;
    const { queries, keys } = shown;
    const { paper, accent, ink } = inksOf(panel, state.dark.value);
    const sight = { x: 0, y: 0, width: keys, height: queries };
    const cells = { ...sight, canvas: imageOf(shown, state.dark.value) };
    pen.cells(map, sight, [cells], Math.max(queries, keys) > LONGEST);
    const { width, height } = boxOf(map, sight, { x: 0, y: 0, width: 1, height: 1 });
    if (Math.min(width, height) >= LEAST_RULED) {
      const [right, bottom] = [map.x + map.width, map.y + map.height];
      const rules = [
        ...between(map.x, width, keys).map(
          (x): Line => [
            [x, map.y],
            [x, bottom],
          ],
        ),
        ...between(map.y, height, queries).map(
          (y): Line => [
            [map.x, y],
            [right, y],
          ],
        ),
      ];
      pen.lines(rules, { colour: paper, width: 1 });
    }
    const mark = (isRow: boolean, at: number | null, colour: string) => {
      if (at === null || at >= (isRow ? queries : keys)) return;
      drawBand(pen, { map, sight, paper }, { isRow, at }, colour, 1.5);
    };
    const over = state.hovered.value;
    if (over) mark(over.as === "query", over.token, ink);
    const [query, key] = [state.selected.value, state.selectedKey.value];
    mark(true, query, accent);
    mark(false, key ?? (state.sides.value.same ? query : null), accent);
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
  return { element, draw, drawAt };
}

/** Names of the first and the last row of a side: its index, or the label where a window has it. */
export function endsOf(state: AppState, side: "keys" | "queries"): [string, string] {
  const { tokens, toText } = state.sides.value[side];
  const name = (row: number) => String(toText[row] ?? isolated(tokens[row]?.label ?? ""));
  return [name(0), name(tokens.length - 1)];
}
