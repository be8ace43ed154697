/** The share of one passage in every layer and head, as cells; a click selects the head. Of a measure
 * of whole layers there is one cell for each layer. */

import { fitCanvas, h, on } from "../../browser/dom";
import { placeIn } from "../../browser/zoom";
import { css } from "../../draw/colour";
import type { Inks } from "../../draw/inks";
import { inksOf } from "../../draw/inks";
import { canvasPen, type Pen } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import { weightColours } from "../../draw/weight_colours";
import { isSeveral } from "../../interact/keys";
import type { Tooltip } from "../../interact/tooltip";
import type { AppState } from "../../state/app_state";
import { chooseHead, isChosen } from "../../state/choose_head";
import type { LayerHead } from "../../trace/layer_head";
import type { PassagesData } from "./data";
import { PASSAGES } from "./texts";
import { mapTitle, shareInWords } from "./words";

/** Beside the cells: the names of the axes above each other, and the numbers of the heads. */
const TOP = 32;
const SIZE = 10; // of the letters
const SMALLEST = 3;
const LARGEST = 26;

export interface MapPlan {
  layers: readonly number[];
  heads: number;
  /** Where the first cell begins. */
  left: number;
  side: readonly [width: number, height: number];
  width: number;
  height: number;
}

/** Layers go across where there are many of them: the map is wide rather than tall. */
export function planOf(state: AppState, data: PassagesData, room: number): MapPlan {
  const { value: layers } = data.layers;
  const most = Math.max(0, ...layers.map((layer) => state.layers.value[layer]?.n_heads ?? 0));
  const heads = data.ofLayers.value ? Math.min(1, most) : most;
  const left = marginOf(state);
  const across = (room - left) / Math.max(1, layers.length);
  const width = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(across)));
  const height = Math.max(SMALLEST, Math.min(14, Math.floor(150 / Math.max(1, heads))));
  return {
    layers,
    heads,
    left,
    side: [width, height],
    width: left + width * layers.length,
    height: TOP + height * heads,
  };
}

const axesOf = ({ say }: AppState) => [`${say(PASSAGES.layers)} →`, `${say(PASSAGES.heads)} ↓`];

const marginOf = (state: AppState): number =>
  Math.ceil(Math.max(...axesOf(state).map((name) => textWidth(name, SIZE)))) + 10;

/** Draws the cells with a pen: on the page and in a figure. */
export function drawMap(
  state: AppState,
  data: PassagesData,
  plan: MapPlan,
  pen: Pen,
  inks: Inks,
): void {
  const { layers, heads, left, side } = plan;
  const [width, height] = side;
  const colours = weightColours(state, null);
  const gap = Math.min(width, height) > 5 ? 1 : 0;
  const every = (size: number, room: number) => Math.max(1, Math.ceil(room / size));
  const style = { colour: inks.soft, size: SIZE, anchor: "middle" as const };
  axesOf(state).forEach((name, line) => {
    pen.text(left - 6, 11 + 16 * line, name, { ...style, anchor: "end" });
  });
  layers.forEach((layer, column) => {
    const x = left + column * width;
    if (column % every(width, 20) === 0) pen.text(x + width / 2, TOP - 5, String(layer), style);
    for (let head = 0; head < heads; head++) {
      const y = TOP + head * height;
      if (!data.shares.value.has(layer)) continue;
      if (head >= (state.layers.value[layer]?.n_heads ?? 0)) continue;
      const share = data.shareOf({ layer, head }, data.picked.value);
      const box = { x, y, width: width - gap, height: height - gap };
      pen.fill(box, Number.isNaN(share) ? inks.rule : css(colours.of(share)));
      const kind = state.attention_kind.value;
      if (isChosen(state, { kind, layer, head: cellHead(state, data, head) }))
        pen.outline(box, inks.ink, 1);
    }
  });
  for (let head = 0; head < heads && !data.ofLayers.value; head++) {
    if (head % every(height, 12)) continue;
    const place = TOP + head * height + height / 2 + 3.5;
    pen.text(left - 6, place, String(head), { ...style, anchor: "end" });
  }
}

/** The head that a cell stands for: that of a whole layer for the first of those that are shown. */
const cellHead = (state: AppState, data: PassagesData, head: number): number =>
  data.ofLayers.value ? (state.focusHead.value ?? 0) : head;

export function shareMap(
  state: AppState,
  data: PassagesData,
  tip: Tooltip,
  abort: AbortSignal,
): { element: HTMLElement; draw(): void } {
  const { say } = state;
  const canvas = h("canvas", { class: "aw-canvas", role: "img" });
  const element = h("div", { class: "aw-share-map" }, canvas);
  let plan: MapPlan | null = null;

  function headAt(event: MouseEvent): LayerHead | null {
    if (!plan) return null;
    const { x, y } = placeIn(canvas, event);
    const { left, side } = plan;
    const [width, height] = side;
    const layer = plan.layers[Math.floor((x - left) / width)];
    const row = Math.floor((y - TOP) / height);
    if (layer === undefined || x < left || row < 0 || row >= plan.heads) return null;
    const head = cellHead(state, data, row);
    return head < (state.layers.value[layer]?.n_heads ?? 0) ? { layer, head } : null;
  }

  function inWords({ layer, head }: LayerHead): string {
    const share = data.shareOf({ layer, head }, data.picked.value);
    return say(data.ofLayers.value ? PASSAGES.cellOfLayer : PASSAGES.cell, {
      layer: String(layer),
      head: String(head),
      share: shareInWords(state, share),
    });
  }

  on(canvas, "click", abort, (event) => {
    const head = headAt(event);
    if (head) chooseHead(state, { kind: state.attention_kind.value, ...head }, isSeveral(event));
  });
  tip.follow(canvas, (event) => {
    const head = headAt(event);
    return head && [inWords(head)];
  });
  return {
    element,
    draw() {
      plan = planOf(state, data, element.clientWidth);
      const context = fitCanvas(canvas, plan.width, plan.height);
      canvas.setAttribute("aria-label", mapTitle(state, data));
      if (context)
        drawMap(state, data, plan, canvasPen(context), inksOf(element, state.dark.value));
    },
  };
}
