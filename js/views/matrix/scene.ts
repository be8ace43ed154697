/** What the matrix looks like: maps, their numbers where there is room, and bars beside them. */

import { css, inkOn } from "../../draw/colour";
import type { Inks } from "../../draw/inks";
import { type Box, boxOf, type Cells, type Pen, type Sight, type TextStyle } from "../../draw/pen";
import { LEAST_SHARE, rangeFromZero } from "../../draw/range";
import { MARKS } from "../../draw/scale_words";
import type { Numbers } from "../../language/numbers";
import { type Margins, mostOf, received, sumOf } from "../../measures/margins";
import { decimalsOf, errorOfShare, exactness } from "../../trace/exactness";
import type { Colours } from "./colours";
import type { Label } from "./labels";
import { LABEL_SIZE, type Plan } from "./plan";
import { barsOf, inSight, LIFT } from "./spans";

export interface ShownMap {
  cells: readonly Cells[];
  margins: Margins | null;
  /** Whose map it is, in its colour. */
  title: { text: string; colour: string } | null;
}

export interface Scene {
  plan: Plan;
  sight: Sight;
  rows: readonly Label[];
  columns: readonly Label[];
  shown: readonly ShownMap[];
  colours: Colours;
  ink: Inks;
  dark: boolean;
  numbers: Numbers;
  /** Some rows do not sum to 1. */
  hasSums: boolean;
  names: { query: string; key: string; received: string; sum: string };
  weightOf(picture: number, query: number, key: number): number | null;
}

const SMALL = 11;

/** Cells of at least this many pixels hold their number. */
const NUMBERED = { width: 34, height: 18 };

export function drawScene(pen: Pen, scene: Scene): void {
  const { plan, shown, ink, sight } = scene;
  plan.maps.forEach((map, index) => {
    const picture = shown[index];
    if (!picture) return;
    if (picture.title) {
      const y = map.y - plan.labels.columns - 6;
      pen.fill({ x: map.x, y: y - 9, width: 10, height: 10 }, picture.title.colour);
      pen.text(map.x + 15, y, picture.title.text, { colour: ink.ink, size: LABEL_SIZE });
    }
    pen.cells(map, sight, picture.cells);
    drawNumbers(pen, scene, map, index);
    const { x, y, width, height } = map;
    const around = { x: x - 0.5, y: y - 0.5, width: width + 1, height: height + 1 };
    pen.outline(around, ink.rule, 1);
    if (plan.bars) drawAxes(pen, scene, map);
    if (plan.bars && picture.margins) drawBars(pen, scene, map, picture.margins);
    if (plan.sums && scene.hasSums && picture.margins) drawSums(pen, scene, map, picture.margins);
  });
}

/** In the corner between the labels. */
function drawAxes(pen: Pen, { ink, names }: Scene, { x, y }: Box): void {
  const style: TextStyle = { colour: ink.soft, size: SMALL, anchor: "end" };
  pen.text(x - 14, y - 23, `${names.key} →`, style);
  pen.text(x - 14, y - 9, `${names.query} ↓`, style);
}

function drawNumbers(pen: Pen, scene: Scene, map: Box, picture: number): void {
  const { sight, colours } = scene;
  const { width, height } = boxOf(map, sight, { x: 0, y: 0, width: 1, height: 1 });
  if (width < NUMBERED.width || height < NUMBERED.height) return;
  for (const query of inSight(sight.y, sight.height)) {
    for (const key of inSight(sight.x, sight.width)) {
      const weight = scene.weightOf(picture, query, key);
      if (!weight) continue; // exactly 0 has its colour
      const box = boxOf(map, sight, { x: key, y: query, width: 1, height: 1 });
      const [x, y] = [box.x + width / 2, box.y + height / 2];
      const [across, down] = [NUMBERED.width / 2, NUMBERED.height / 2];
      if (x < map.x + across || x > map.x + map.width - across) continue;
      if (y < map.y + down || y > map.y + map.height - down) continue;
      const { value, error } = shownValue(scene, picture, query, weight);
      pen.text(x, y + LIFT * SMALL, scene.numbers.fixed(value, Math.min(2, decimalsOf(error))), {
        colour: css(inkOn(colours.of(value), scene.dark)),
        size: SMALL,
        anchor: "middle",
      });
    }
  }
}

/** The number that a cell has its colour by: the weight, or its share of the row's largest. */
function shownValue(scene: Scene, picture: number, query: number, weight: number) {
  const margins = scene.shown[picture]?.margins;
  if (!scene.colours.domain.relative || !margins) {
    return { value: weight, error: exactness().weight };
  }
  const most = mostOf(margins, query);
  const value = weight / most;
  return { value, error: errorOfShare(value, most, sumOf(margins, query)) };
}

/** What each key receives, hanging from the map. */
function drawBars(pen: Pen, scene: Scene, map: Box, margins: Margins): void {
  const { plan, sight, columns, ink, colours, names } = scene;
  const top = map.y + map.height + 4;
  const height = plan.bars - 14;
  const { high, above } = rangeFromZero(
    [columns.map((_, key) => received(margins, key))],
    LEAST_SHARE,
  );
  const share = (key: number) => received(margins, key) / (high || 1);
  for (const { start, size, value } of barsOf(sight.x, sight.width, map.width, share)) {
    const bar = { x: map.x + start, y: top, width: size, height: height * Math.min(1, value) };
    pen.fill(bar, above.count && value > 1 ? colours.beyond : colours.strong);
  }
  const style = { colour: ink.soft, size: SMALL };
  pen.fill({ x: map.x, y: top + height, width: map.width + 4, height: 1 }, ink.rule);
  pen.text(map.x - 6, top + 10, names.received, { ...style, anchor: "end" });
  const right = map.x + map.width + 7;
  pen.text(right, top + height + 4, scene.numbers.weight(high), style);
  if (above.count) {
    const beyond = `${MARKS.above} ${scene.numbers.weight(above.value)}`;
    pen.text(right, top + height - 9, beyond, { ...style, colour: colours.beyond });
  }
}

/** What each row sums to, right of the map. */
function drawSums(pen: Pen, scene: Scene, map: Box, margins: Margins): void {
  const { plan, sight, rows, ink, colours, names } = scene;
  const left = map.x + map.width + 6;
  const width = plan.sums - 16;
  let most = 0;
  for (let query = 0; query < rows.length; query++) {
    most = Math.max(most, sumOf(margins, query) || 0);
  }
  const share = (query: number) => sumOf(margins, query) / (most || 1);
  for (const { start, size, value } of barsOf(sight.y, sight.height, map.height, share)) {
    pen.fill({ x: left, y: map.y + start, width: width * value, height: size }, colours.strong);
  }
  pen.fill({ x: left + width, y: map.y - 3, width: 1, height: map.height + 3 }, ink.rule);
  const style = { colour: ink.soft, size: SMALL };
  pen.text(left, map.y - 18, names.sum, style);
  pen.text(left, map.y - 5, `0–${scene.numbers.weight(most)}`, style);
}
