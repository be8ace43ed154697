/** What the matrix looks like: maps, their numbers where there is room, and bars beside them. */

import { css, inkOn } from "../../draw/colour";
import type { Inks } from "../../draw/inks";
import { isUnboundedHere, layerName, valueInWords } from "../../draw/measure_words";
import { headColours } from "../../draw/palette";
import { type Box, boxOf, type Pen, type TextStyle } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import { headName } from "../../language/picture_subject";
import { farthestOf, type Margins, received, sumOf } from "../../measures/margins";
import { inSight } from "../../plane/layout";
import type { AppState } from "../../state/app_state";
import { errorOfShare, exactness } from "../../trace/exactness";
import type { LayerHead } from "../../trace/layer_head";
import { barsOf, LIFT } from "./bars";
import type { Colours } from "./colours";
import type { MapColours } from "./map_colours";
import { AXIS_GAP, AXIS_SIZE, LABEL_SIZE, type MatrixView } from "./plan";
import { MATRIX } from "./texts";
import type { Weights } from "./weights";
import { unevenSums } from "./words";

export interface Scene {
  state: AppState;
  view: MatrixView;
  weights: Weights;
  tint: MapColours;
  ink: Inks;
}

const SMALL = AXIS_SIZE;
/** Smaller numbers are not read. */
const LEAST = 8;

/** Cells of at least this many pixels hold their number. */
const NUMBERED = { width: 34, height: 18 };

/** Once the margins of all maps are here. */
export function drawScene(pen: Pen, scene: Scene): void {
  const { state, view, weights, tint, ink } = scene;
  const { maps, labels, titles, bars, sums } = view.plan.value;
  maps.forEach((map, index) => {
    const picture = weights.pictures.value[index];
    const margins = weights.margins.value[index];
    if (!picture || !margins) return;
    if (titles) {
      const [head = 0] = picture.heads;
      const y = map.y - labels.columns - 6;
      const title = titleOf(state, { layer: picture.layer, head }, map.width - TITLE_START);
      pen.fill(
        { x: map.x, y: y - 9, width: 10, height: 10 },
        headColours(head + 1)[head] ?? ink.ink,
      );
      pen.text(map.x + TITLE_START, y, title, { colour: ink.ink, size: LABEL_SIZE });
    }
    const own = tint.colours.value[index];
    if (!own) return;
    const tiles = weights.tiles.value[index] ?? [];
    const cells = tiles.map((tile) => tint.cellsOf(tile, own));
    pen.cells(map, view.sight.value, cells);
    drawNumbers(pen, scene, map, index, margins, own);
    const { x, y, width, height } = map;
    const around = { x: x - 0.5, y: y - 0.5, width: width + 1, height: height + 1 };
    pen.outline(around, ink.rule, 1);
    if (bars) drawAxes(pen, scene, map);
    if (bars) drawReceived(pen, scene, map, margins, own);
    if (sums && !own.isSigned && unevenSums(margins, picture))
      drawSums(pen, scene, map, margins, own);
  });
}

/** Behind the colour of the head. */
const TITLE_START = 15;

/** With its layer where the heads are of several: in words, or in numbers where there is no room. */
function titleOf(state: AppState, { layer, head }: LayerHead, room: number): string {
  if (!state.pairs.value.length) return state.say(MATRIX.head, { head: String(head) });
  const { say, measure_shown } = state;
  if (measure_shown.value?.per === "layer") return layerName(state, { layer, head });
  const title = headName(say, { layer, head });
  return textWidth(title, LABEL_SIZE) <= room ? title : `${layer}·${head}`;
}

/** In the corner between the labels. */
function drawAxes(pen: Pen, { state: { say }, ink }: Scene, { x, y }: Box): void {
  const style: TextStyle = { colour: ink.soft, size: SMALL, anchor: "end" };
  pen.text(x - AXIS_GAP, y - 23, `${say(MATRIX.key)} →`, style);
  pen.text(x - AXIS_GAP, y - 9, `${say(MATRIX.query)} ↓`, style);
}

function drawNumbers(
  pen: Pen,
  { state, view, weights }: Scene,
  map: Box,
  picture: number,
  margins: Margins,
  { of }: Colours,
): void {
  const sight = view.sight.value;
  const { value: isRelative } = state.normalise_rows;
  const { width, height } = boxOf(map, sight, { x: 0, y: 0, width: 1, height: 1 });
  if (width < NUMBERED.width || height < NUMBERED.height) return;
  for (const query of inSight(sight.y, sight.height)) {
    for (const key of inSight(sight.x, sight.width)) {
      const weight = weights.weightOf(picture, query, key);
      if (!weight) continue; // exactly 0 has its colour
      const box = boxOf(map, sight, { x: key, y: query, width: 1, height: 1 });
      const [x, y] = [box.x + width / 2, box.y + height / 2];
      const [across, down] = [NUMBERED.width / 2, NUMBERED.height / 2];
      if (x < map.x + across || x > map.x + map.width - across) continue;
      if (y < map.y + down || y > map.y + map.height - down) continue;
      // What it has its colour by: the weight, or its share of the row's largest.
      const most = farthestOf(margins, query);
      const value = isRelative ? weight / most : weight;
      const error = isRelative
        ? errorOfShare(value, most, sumOf(margins, query))
        : exactness().weight;
      const text = isRelative
        ? partInWords(state, value, error)
        : valueInWords(state, value, state.isDifference.value ? 2 * error : error);
      const size = Math.min(SMALL, (SMALL * (width - 4)) / textWidth(text, SMALL));
      if (size < LEAST) continue;
      const colour = css(inkOn(of(value), state.dark.value));
      pen.text(x, y + LIFT * size, text, { colour, size, anchor: "middle" });
    }
  }
}

/** A share of the largest in its row, with its sign where it has one. */
const partInWords = ({ numbers, isSigned, isDifference }: AppState, part: number, error: number) =>
  isSigned.value
    ? numbers.change(part, isDifference.value ? 2 * error : error)
    : numbers.share(part, error);

/** What each key receives, hanging from the map: as long as its share of colour is. */
function drawReceived(
  pen: Pen,
  { state, view, ink }: Scene,
  map: Box,
  margins: Margins,
  { strong, share, isSigned }: Colours,
): void {
  const { say, numbers } = state;
  const sight = view.sight.value;
  const { bars } = view.plan.value;
  const top = map.y + map.height + 4;
  const height = bars - 14;
  const mean = (key: number) => received(margins, key);
  for (const { start, size, value } of barsOf(sight.x, sight.width, map.width, mean)) {
    const long = height * Math.abs(share(value));
    pen.fill({ x: map.x + start, y: top, width: size, height: long }, strong(value));
  }
  const style = { colour: ink.soft, size: SMALL };
  const most = isSigned || isUnboundedHere(state) ? state.changeScale.value.top : 1;
  const end = isSigned ? `±${numbers.exact(most)}` : numbers.exact(most);
  pen.fill({ x: map.x, y: top + height, width: map.width + 4, height: 1 }, ink.rule);
  pen.text(map.x - 6, top + 10, say(MATRIX.received), { ...style, anchor: "end" });
  pen.text(map.x + map.width + 7, top + height + 4, end, style);
}

/** What each row sums to, right of the map. */
function drawSums(
  pen: Pen,
  { state, view, ink }: Scene,
  map: Box,
  margins: Margins,
  { strong }: Colours,
): void {
  const { say } = state;
  const sight = view.sight.value;
  const { sums, queries } = view.plan.value;
  const left = map.x + map.width + 6;
  const width = sums - 16;
  let most = 0;
  for (let query = 0; query < queries; query++) most = Math.max(most, sumOf(margins, query) || 0);
  const share = (query: number) => sumOf(margins, query) / (most || 1);
  for (const { start, size, value } of barsOf(sight.y, sight.height, map.height, share)) {
    pen.fill({ x: left, y: map.y + start, width: width * value, height: size }, strong(value));
  }
  pen.fill({ x: left + width, y: map.y - 3, width: 1, height: map.height + 3 }, ink.rule);
  const style = { colour: ink.soft, size: SMALL };
  pen.text(left, map.y - 18, say(MATRIX.sum), style);
  pen.text(left, map.y - 5, `0–${valueInWords(state, most)}`, style);
}
