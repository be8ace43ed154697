/** The mask as a colouring of the plane of queries and keys. */

import { computed, signal } from "@preact/signals-core";
import { fitCanvas, h } from "../../browser/dom";
import { drawBand } from "../../draw/bands";
import { mix, rgbIn } from "../../draw/colour";
import { inksOf } from "../../draw/inks";
import { type Box, boxOf, canvasPen, type Line, type Pen } from "../../draw/pen";
import { raster } from "../../draw/raster";
import { textWidth } from "../../draw/text_width";
import { listenToKeys, moved } from "../../interact/keys";
import { isolated } from "../../language/direction";
import { camera } from "../../plane/camera";
import { inSight, type Layout } from "../../plane/layout";
import { pointing } from "../../plane/pointing";
import type { AppState } from "../../state/app_state";
import { coverageOf } from "./mask_coverage";
import type { LayerMask, MaskData } from "./mask_data";
import { TOKENS } from "./texts";
import { maskColours } from "./words";

/** Longest side of the picture, in CSS pixels. */
export const LONGEST = 320;
/** Of one that is full: all of it looks the same. */
const LONGEST_FULL = 72;
const NARROWEST = 36;
const LARGEST = 24;
/** Left and above the cells. */
export const AXIS = 18;
const AXIS_SIZE = 11;
/** Cells of so many pixels have lines between them. */
const LEAST_RULED = 7;

/** Cells are square, unless a side would be too narrow to see. */
export function sizeOf(
  { queries, keys }: { queries: number; keys: number },
  isFull: boolean,
  room: number,
): [number, number] {
  const longest = Math.min(
    room,
    isFull ? LONGEST_FULL : LONGEST,
    LARGEST * Math.max(queries, keys, 3),
  );
  const scale = longest / Math.max(queries, keys);
  const side = (count: number) => Math.round(Math.max(NARROWEST, count * scale));
  return [Math.min(longest, side(keys)), Math.min(longest, side(queries))];
}

export type MaskPicture = ReturnType<typeof maskPicture>;

/** `tell` says of a pair what the mouse is over. */
export function maskPicture(
  pane: { element: HTMLElement; state: AppState; abort: AbortSignal },
  { mask, isFull }: LayerMask,
  tell: (query: number, key: number) => readonly string[],
) {
  const { state, abort } = pane;
  const { say } = state;
  const canvas = h("canvas", { "aria-hidden": "true" });
  const label = { role: "group", tabindex: 0, "aria-label": say(TOKENS.picture) };
  const frame = h("div", { class: "aw-plane aw-mask-frame", ...label }, canvas);
  /** For its longest side, set by whoever measures it. */
  const room = signal(0);
  const layout = computed<Layout>(() => {
    const { queries, keys } = mask.value ?? { queries: 1, keys: 1 };
    const [width, height] = sizeOf({ queries, keys }, isFull(), room.value);
    const maps = mask.value && width > 0 ? [{ x: AXIS, y: AXIS, width, height }] : [];
    return { maps, queries, keys, labels: { rows: 0, columns: 0 }, bars: 0, sums: 0 };
  });
  const view = camera(layout);
  const hand = pointing(pane, frame, view, ({ query, key }) =>
    query === null || key === null ? [] : tell(query, key),
  );

  let image: { of: MaskData; name: string; canvas: HTMLCanvasElement } | null = null;

  /** What is in sight, in whole cells. */
  function cellsOf(of: MaskData, sight: Box) {
    const [x, y] = [Math.floor(sight.x), Math.floor(sight.y)];
    const width = Math.min(of.keys, Math.ceil(sight.x + sight.width)) - x;
    const height = Math.min(of.queries, Math.ceil(sight.y + sight.height)) - y;
    const { seen, hidden } = maskColours(state.dark.value);
    const most = 2 * (isFull() ? LONGEST_FULL : LONGEST);
    const name = [x, y, width, height, most, seen].join();
    if (image?.of !== of || image.name !== name) {
      const within = { x, y, width, height };
      const { columns, rows, share } = coverageOf(of.runs, of.head, within, most);
      const [none, all] = [rgbIn(hidden), rgbIn(seen)];
      const colour = (cell: number) => {
        const { [cell]: part = 0 } = share;
        if (part === 0) return none; // most cells are wholly one or the other
        return part === 1 ? all : mix(none, all, part);
      };
      image = { of, name, canvas: raster(columns, rows, colour) };
    }
    return { canvas: image.canvas, x, y, width, height };
  }

  /** Axes stand left and above the map. */
  function drawAt(pen: Pen, map: Box): void {
    if (!mask.value) return;
    const sight = view.sight.value;
    const { paper, accent, ink, soft } = inksOf(pane.element, state.dark.value);
    drawAxis(pen, map, false, soft);
    drawAxis(pen, map, true, soft);
    const isPooled = Math.max(sight.width, sight.height) > LONGEST;
    pen.cells(map, sight, [cellsOf(mask.value, sight)], isPooled);
    drawRules(pen, map, paper);
    const mark = (isRow: boolean, at: number | null, colour: string) => {
      if (at !== null) drawBand(pen, { map, sight, paper }, { isRow, at }, colour, 1.5);
    };
    const over = state.hovered.value;
    if (over) mark(over.as === "query", over.token, ink);
    const [query, key] = [state.selected.value, state.selectedKey.value];
    mark(true, query, accent);
    mark(false, key ?? (state.sides.value.same ? query : null), accent);
  }

  /** First and last in sight by their index, or the label where a window has it. */
  function drawAxis(pen: Pen, map: Box, isRow: boolean, colour: string): void {
    const { x, y, width, height } = view.sight.value;
    const [first, count, length] = isRow ? [y, height, map.height] : [x, width, map.width];
    const { tokens, toText } = state.sides.value[isRow ? "queries" : "keys"];
    const nameOf = (row: number) => String(toText[row] ?? isolated(tokens[row]?.label ?? ""));
    const write = (along: number, text: string, anchor: "start" | "middle" | "end") => {
      const style = { colour, size: AXIS_SIZE, anchor };
      if (isRow) pen.text(map.x - 14, map.y + along, text, { ...style, turned: "down" });
      else pen.text(map.x + along, map.y - 6, text, style);
    };
    const name = axisOf(isRow);
    const ends = [Math.floor(first), Math.min(tokens.length, Math.ceil(first + count)) - 1];
    const [start = "", end = ""] = ends.map(nameOf);
    const isRoomy = textWidth(`${start}  ${name}  ${end}`, AXIS_SIZE) < length;
    write(isRoomy ? length / 2 : 0, name, isRoomy ? "middle" : "start");
    if (!isRoomy) return;
    write(0, start, "start");
    write(length, end, "end");
  }

  function drawRules(pen: Pen, map: Box, colour: string): void {
    const sight = view.sight.value;
    const { width, height } = boxOf(map, sight, { x: 0, y: 0, width: 1, height: 1 });
    if (Math.min(width, height) < LEAST_RULED) return;
    const [right, bottom] = [map.x + map.width, map.y + map.height];
    const columns = inSight(sight.x, sight.width).slice(1);
    const rows = inSight(sight.y, sight.height).slice(1);
    const across = columns.map((key): Line => {
      const x = map.x + (key - sight.x) * width;
      return [
        [x, map.y],
        [x, bottom],
      ];
    });
    const down = rows.map((query): Line => {
      const y = map.y + (query - sight.y) * height;
      return [
        [map.x, y],
        [right, y],
      ];
    });
    pen.lines([...across, ...down], { colour, width: 1 });
  }

  const axisOf = (isRow: boolean) => `${say(isRow ? TOKENS.queryAxis : TOKENS.keyAxis)} →`;

  listenToKeys(
    frame,
    {
      ...hand.keys,
      move({ by, x, y }) {
        const { queries, keys } = state.sides.value;
        const [query, key] = [state.selected.value, state.selectedKey.value];
        if (!mask.value || by === "page") return false;
        if (y) {
          const row = moved(query ?? 0, query === null ? 0 : y, queries.tokens.length);
          state.token.value = queries.toText[row] ?? state.token.value;
        } else {
          const { length } = keys.tokens;
          const step = by === "end" ? x * length : key === null ? 0 : x;
          const row = moved(key ?? query ?? 0, step, length);
          state.key_token.value = keys.toText[row] ?? state.key_token.value;
        }
        return true;
      },
    },
    abort,
  );

  return {
    element: frame,
    room,
    draw(): void {
      const [map] = layout.value.maps;
      frame.hidden = !map;
      if (!map) return;
      const along = (isRow: boolean) => Math.ceil(textWidth(axisOf(isRow), AXIS_SIZE));
      const width = Math.max(map.width, along(false));
      const height = Math.max(map.height, along(true));
      const context = fitCanvas(canvas, AXIS + width, AXIS + height);
      if (context) drawAt(canvasPen(context), map);
    },
    /** The same with another pen, at another place. */
    drawAt,
  };
}
