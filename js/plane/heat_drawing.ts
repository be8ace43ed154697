/** A heat map as it is drawn, on the screen and in a figure. */

import { css, inkOn } from "../draw/colour";
import { hatchLines } from "../draw/hatch";
import type { Inks } from "../draw/inks";
import { type Box, boxOf, type Line, type Pen, type Sight } from "../draw/pen";
import { raster } from "../draw/raster";
import { shortened, textWidth } from "../draw/text_width";
import { labelInk } from "../draw/token_ink";
import type { HeatPicture } from "./heat_picture";
import { AXIS_SIZE, type HeatPlan, LABEL_PITCH, LABEL_SIZE, labelStep } from "./heat_plan";
import { inSight, type Place } from "./layout";

/** From the middle of a line of text down to its base, as a share of its size. */
const LIFT = 0.36;
const LEAST = 8;
const MARGIN = 4;
const NARROWEST = 20;

export interface HeatScene {
  picture: HeatPicture;
  plan: HeatPlan;
  sight: Sight;
  ink: Inks;
  dark: boolean;
}

const drawn = new WeakMap<object, { name: string; canvas: HTMLCanvasElement }>();

/** A pixel for each number, made once. */
function pixelsOf({ data, columns, rows, colours }: HeatPicture): HTMLCanvasElement {
  const known = drawn.get(data);
  const name = `${colours.name} ${columns.length}`;
  if (known?.name === name) return known.canvas;
  const canvas = raster(columns.length, rows.length, (pixel) =>
    colours.of(data[pixel] ?? Number.NaN),
  );
  drawn.set(data, { name, canvas });
  return canvas;
}

export function drawHeat(pen: Pen, scene: HeatScene): void {
  const { picture, plan, sight, ink } = scene;
  const [map] = plan.maps;
  if (!map) return;
  const { rows, columns } = picture;
  const whole = { x: 0, y: 0, width: columns.length, height: rows.length };
  const isFine = map.width / sight.width < 1 || map.height / sight.height < 1;
  pen.cells(map, sight, [{ canvas: pixelsOf(picture), ...whole }], isFine);
  if (picture.colours.isEmptyNaN) drawEmpty(pen, scene, map);
  drawNumbers(pen, scene, map);
  pen.outline(
    { x: map.x - 0.5, y: map.y - 0.5, width: map.width + 1, height: map.height + 1 },
    ink.rule,
    1,
  );
  const style = { colour: ink.soft, size: AXIS_SIZE, anchor: "end" } as const;
  pen.text(map.x - 8, map.y - 18, `${picture.columnName} →`, style);
  pen.text(map.x - 8, map.y - 5, `${picture.rowName} ↓`, style);
}

/** Lower cells are of one colour. */
const HATCHED = 7;

/** What has no number is hatched, as it would look like 0. */
function drawEmpty(pen: Pen, { picture, sight, ink }: HeatScene, map: Box): void {
  if (map.height / sight.height < HATCHED) return;
  const across = picture.columns.length;
  const isEmpty = (row: number, column: number) =>
    column < across && Number.isNaN(picture.data[row * across + column] ?? 0);
  const lines: Line[] = [];
  for (const row of inSight(sight.y, sight.height)) {
    for (let column = 0; column < across; column++) {
      const start = column;
      while (isEmpty(row, column)) column++;
      if (column === start) continue;
      const run = { x: start, y: row, width: column - start, height: 1 };
      const box = within(boxOf(map, sight, run), map);
      if (box) lines.push(...hatchLines(box));
    }
  }
  if (lines.length) pen.lines(lines, { colour: ink.soft, width: 1, opacity: 0.55 });
}

/** In all cells in sight, or in none: a number that is missing would look like one that is 0. */
function drawNumbers(pen: Pen, { picture, sight, dark }: HeatScene, map: Box): void {
  const { width, height } = boxOf(map, sight, { x: 0, y: 0, width: 1, height: 1 });
  if (width < NARROWEST || height < LABEL_PITCH) return;
  const across = picture.columns.length;
  const cells = inSight(sight.y, sight.height).flatMap((row) =>
    inSight(sight.x, sight.width).map((column) => {
      const value = picture.data[row * across + column] ?? Number.NaN;
      return { row, column, value, text: picture.write(value) };
    }),
  );
  const widest = Math.max(1, ...cells.map(({ text }) => textWidth(text, AXIS_SIZE)));
  const size = Math.min(AXIS_SIZE, (AXIS_SIZE * (width - MARGIN)) / widest);
  if (size < LEAST) return; // they are read beside the mouse
  for (const { row, column, value, text } of cells) {
    const box = boxOf(map, sight, { x: column, y: row, width: 1, height: 1 });
    const isInside =
      box.x >= map.x - 1 &&
      box.y >= map.y - 1 &&
      box.x + width <= map.x + map.width + 1 &&
      box.y + height <= map.y + map.height + 1;
    if (!isInside || !text) continue;
    const colour = css(inkOn(picture.colours.of(value), dark));
    const y = box.y + height / 2 + LIFT * size;
    pen.text(box.x + width / 2, y, text, { colour, size, anchor: "middle" });
  }
}

/** Labels, and the row and column that are selected or pointed at. */
export function drawHeatMarks(pen: Pen, scene: HeatScene, place: Place | null): void {
  const { picture, plan, sight, ink } = scene;
  const [map] = plan.maps;
  if (!map) return;
  for (const isRow of [true, false]) {
    const selected = (isRow ? picture.selectedRow : picture.selectedColumn) ?? null;
    const other = (isRow ? picture.hoveredRow : picture.hoveredColumn) ?? null;
    const pointed = (isRow ? place?.query : place?.key) ?? other;
    const marked = [
      ...(selected === null ? [] : [{ at: selected, isSelected: true }]),
      ...(pointed === null || pointed === selected ? [] : [{ at: pointed, isSelected: false }]),
    ];
    drawLabels(pen, scene, map, isRow, marked);
    for (const { at, isSelected } of picture.marksCells ? [] : marked) {
      const band = isRow
        ? { x: 0, y: at, width: plan.keys, height: 1 }
        : { x: at, y: 0, width: 1, height: plan.queries };
      const box = within(boxOf(map, sight, band), map);
      if (box) pen.outline(box, isSelected ? ink.accent : ink.ink, isSelected ? 1.5 : 1);
    }
  }
  const markCell = (row: number | null, column: number | null, colour: string) => {
    if (row === null || column === null) return;
    const box = within(boxOf(map, sight, { x: column, y: row, width: 1, height: 1 }), map);
    if (box) pen.outline(box, colour, 2);
  };
  if (picture.marksCells) {
    markCell(picture.selectedRow ?? null, picture.selectedColumn ?? null, ink.accent);
  }
  if (place) markCell(place.query, place.key, ink.ink);
}

/** What of a box lies in the map; null for nothing. */
function within(box: Box, map: Box): Box | null {
  const [left, top] = [Math.max(box.x, map.x), Math.max(box.y, map.y)];
  const right = Math.min(box.x + box.width, map.x + map.width);
  const bottom = Math.min(box.y + box.height, map.y + map.height);
  return right > left && bottom > top
    ? { x: left, y: top, width: right - left, height: bottom - top }
    : null;
}

interface Marked {
  at: number;
  isSelected: boolean;
}

function drawLabels(
  pen: Pen,
  { picture, plan, sight, ink }: HeatScene,
  map: Box,
  isRow: boolean,
  marked: readonly Marked[],
): void {
  const labels = isRow ? picture.rows : picture.columns;
  const room = isRow ? plan.labels.rows : plan.labels.columns;
  const [start, length, first, count] = isRow
    ? [map.y, map.height, sight.y, sight.height]
    : [map.x, map.width, sight.x, sight.width];
  const cell = length / count;
  const step = labelStep(cell);
  // Where they are narrower than the columns.
  const isUpright = !isRow && widestOf(labels) + 4 <= step * cell;
  const draw = (index: number, colour: string, back: string | null, bold: boolean) => {
    const at = start + (index + 0.5 - first) * cell;
    const text = shortened(labels[index] ?? "", room - 8, LABEL_SIZE);
    if (!text || at < start || at > start + length) return;
    if (back) {
      const width = textWidth(text, LABEL_SIZE, bold ? 650 : 400) + 8;
      pen.fill(
        isRow
          ? { x: map.x - 2 - width, y: at - 8, width, height: 16 }
          : isUpright
            ? { x: at - width / 2, y: map.y - 18, width, height: 16 }
            : { x: at - 8, y: map.y - 2 - width, width: 16, height: width },
        back,
      );
    }
    const style = { colour, size: LABEL_SIZE, bold };
    const base = at + LIFT * LABEL_SIZE;
    if (isRow) pen.text(map.x - 6, base, text, { ...style, anchor: "end" });
    else if (isUpright) pen.text(at, map.y - 6, text, { ...style, anchor: "middle" });
    else pen.text(base, map.y - 6, text, { ...style, turned: "up" });
  };
  for (const index of inSight(first, count, step)) {
    if (marked.some(({ at }) => Math.abs(at - index) * cell < LABEL_PITCH)) continue;
    const special = isRow && (picture.isMuted?.(index) ?? false);
    const padding = picture.isFiller?.(index, isRow) ?? false;
    draw(index, labelInk(ink, { special, padding }), null, false);
  }
  for (const { at, isSelected } of marked) {
    draw(at, isSelected ? ink.accent : ink.ink, isSelected ? ink.wash : ink.raised, isSelected);
  }
}

const widestOf = (labels: readonly string[]) =>
  Math.max(0, ...labels.map((label) => textWidth(label, LABEL_SIZE)));
