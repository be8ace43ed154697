/** What the matrix looks like: maps with labels and bars, and what is pointed at or selected. */

import { textWidth } from "../figure";
import { formatWeight } from "../scales";
import { type Colours, inkOn } from "./colours";
import { type Margins, received, sumOf } from "./maps";
import type { Cells, Pen, TextStyle } from "./pen";
import { type Box, boxOf, LABEL_SIZE, labelStep, type Place, type Plan, type Sight } from "./plan";

export interface Ink {
  paper: string;
  raised: string;
  ink: string;
  soft: string;
  rule: string;
  accent: string;
  wash: string;
}

export interface Label {
  text: string;
  special: boolean;
}

export interface Shown {
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
  shown: readonly Shown[];
  colours: Colours;
  ink: Ink;
  /** Some rows do not sum to 1. */
  hasSums: boolean;
  names: { received: string; sum: string };
  weightOf(picture: number, query: number, key: number): number | null;
}

const SMALL = 11;
const LIFT = 0.36; // of a font's size, from the middle of its letters to their base line

/** Cells of at least this many pixels hold their number. */
const NUMBERED = { width: 34, height: 18 };

export function drawScene(pen: Pen, scene: Scene): void {
  const { plan, shown, ink, sight } = scene;
  plan.maps.forEach((map, index) => {
    const picture = shown[index];
    if (!picture) return;
    if (picture.title) {
      pen.text(map.x, map.y - plan.labels.columns - 6, picture.title.text, {
        colour: picture.title.colour,
        size: LABEL_SIZE,
        bold: true,
      });
    }
    pen.cells(map, sight, picture.cells);
    drawNumbers(pen, scene, map, index);
    pen.outline(map, ink.rule, 1);
    drawLabels(pen, scene, map);
    if (plan.bars && picture.margins) drawBars(pen, scene, map, picture.margins);
    if (plan.sums && scene.hasSums && picture.margins) drawSums(pen, scene, map, picture.margins);
  });
}

function drawNumbers(pen: Pen, scene: Scene, map: Box, picture: number): void {
  const { sight, colours } = scene;
  const { width, height } = boxOf(map, sight, { x: 0, y: 0, width: 1, height: 1 });
  if (width < NUMBERED.width || height < NUMBERED.height) return;
  for (const query of inSight(sight.y, sight.height)) {
    for (const key of inSight(sight.x, sight.width)) {
      const weight = scene.weightOf(picture, query, key);
      if (weight === null) continue;
      const box = boxOf(map, sight, { x: key, y: query, width: 1, height: 1 });
      const [x, y] = [box.x + width / 2, box.y + height / 2];
      if (x < map.x || x > map.x + map.width || y < map.y || y > map.y + map.height) continue;
      const value = colourValue(scene, picture, query, weight);
      pen.text(x, y + LIFT * SMALL, weight === 0 ? "0" : weight.toFixed(2), {
        colour: inkOn(colours.of(value)),
        size: SMALL,
        anchor: "middle",
      });
    }
  }
}

/** The number that a cell has its colour by. */
function colourValue(scene: Scene, picture: number, query: number, weight: number): number {
  const margins = scene.shown[picture]?.margins;
  if (!scene.colours.domain.relative || !margins) return weight;
  return weight / (margins.data[4 * query + 3] ?? 1);
}

function drawLabels(pen: Pen, { plan, sight, rows, columns, ink }: Scene, map: Box): void {
  if (!plan.labels.rows) return;
  const style = (label: Label): TextStyle => ({
    colour: label.special ? ink.soft : ink.ink,
    size: LABEL_SIZE,
  });
  const down = map.height / sight.height;
  for (const query of inSight(sight.y, sight.height, labelStep(down))) {
    const label = rows[query];
    const y = map.y + (query + 0.5 - sight.y) * down;
    if (!label || y < map.y || y > map.y + map.height) continue;
    const text = fitted(label.text, plan.labels.rows - 8);
    pen.text(map.x - 6, y + LIFT * LABEL_SIZE, text, { ...style(label), anchor: "end" });
  }
  const across = map.width / sight.width;
  for (const key of inSight(sight.x, sight.width, labelStep(across))) {
    const label = columns[key];
    const x = map.x + (key + 0.5 - sight.x) * across;
    if (!label || x < map.x || x > map.x + map.width) continue;
    const text = fitted(label.text, plan.labels.columns - 8);
    pen.text(x + LIFT * LABEL_SIZE, map.y - 6, text, { ...style(label), upwards: true });
  }
}

/** What each key receives, hanging from the map. */
function drawBars(pen: Pen, scene: Scene, map: Box, margins: Margins): void {
  const { plan, sight, columns, ink, colours, names } = scene;
  const top = map.y + map.height + 4;
  const height = plan.bars - 14;
  let most = 0;
  for (let key = 0; key < columns.length; key++) most = Math.max(most, received(margins, key) || 0);
  const share = (key: number) => received(margins, key) / (most || 1);
  for (const { start, size, value } of barsOf(sight.x, sight.width, map.width, share)) {
    pen.fill({ x: map.x + start, y: top, width: size, height: height * value }, colours.strong);
  }
  const style = { colour: ink.soft, size: SMALL };
  pen.text(map.x - 6, top + 10, names.received, { ...style, anchor: "end" });
  pen.text(map.x + map.width + 6, top + height, formatWeight(most), style);
  pen.fill({ x: map.x + map.width, y: top + height - 0.5, width: 4, height: 1 }, ink.soft);
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
  const style = { colour: ink.soft, size: SMALL };
  pen.text(left, map.y - 18, names.sum, style);
  pen.text(left, map.y - 5, `0–${formatWeight(most)}`, style);
}

interface Bar {
  start: number;
  size: number;
  value: number;
}

/** One for each token in sight; where they are narrower than a pixel, the largest within it. */
function barsOf(
  first: number,
  count: number,
  length: number,
  share: (token: number) => number,
): Bar[] {
  const cell = length / count;
  const at = (token: number) => share(token) || 0; // NaN has no bar
  if (cell >= 1) {
    return inSight(first, count).flatMap((token) => {
      const start = Math.max(0, (token - first) * cell);
      const end = Math.min(length, (token + 1 - first) * cell);
      const gap = cell >= 6 ? 1 : 0;
      return end > start
        ? [{ start, size: Math.max(0.5, end - start - gap), value: at(token) }]
        : [];
    });
  }
  return Array.from({ length: Math.floor(length) }, (_, start) => {
    let value = 0;
    const end = first + (start + 1) / cell;
    for (let token = Math.floor(first + start / cell); token < end; token++) {
      value = Math.max(value, at(token));
    }
    return { start, size: 1, value };
  });
}

/** Every so many whole numbers of a stretch. */
function inSight(first: number, count: number, step = 1): number[] {
  const found: number[] = [];
  const start = Math.ceil(Math.floor(first) / step) * step;
  for (let token = start; token < first + count - 1e-9; token += step) found.push(token);
  return found;
}

// ---- marks -------------------------------------------------------------------------------------

export interface Marks {
  hovered: { query: number | null; key: number | null };
  selected: { query: number | null; key: number | null };
  /** The cell under the mouse, or where the keyboard is. */
  place: Place | null;
}

/** Over the scene: the rows and columns of what is hovered or selected, here or elsewhere. */
export function drawMarks(pen: Pen, scene: Scene, { hovered, selected, place }: Marks): void {
  const { plan, ink } = scene;
  plan.maps.forEach((map, index) => {
    for (const [tokens, colour] of [
      [selected, ink.accent],
      [hovered, ink.ink],
    ] as const) {
      for (const side of ["query", "key"] as const) {
        const token = tokens[side];
        if (token !== null) drawBand(pen, scene, map, side, token, colour, tokens === selected);
      }
    }
    const isHere = place?.picture === index && place.query !== null && place.key !== null;
    const cells = [
      isHere ? { query: place.query, key: place.key, colour: ink.ink } : null,
      { ...selected, colour: ink.accent },
    ];
    for (const cell of cells) {
      if (!cell || cell.query === null || cell.key === null) continue;
      const box = clipped(
        boxOf(map, scene.sight, { x: cell.key, y: cell.query, width: 1, height: 1 }),
        map,
      );
      if (!box) continue;
      const wide = { x: box.x - 1, y: box.y - 1, width: box.width + 2, height: box.height + 2 };
      pen.outline(wide, ink.paper, 3);
      pen.outline(wide, cell.colour, 1.5);
    }
  });
}

function drawBand(
  pen: Pen,
  scene: Scene,
  map: Box,
  side: "query" | "key",
  token: number,
  colour: string,
  isSelected: boolean,
): void {
  const { plan, sight, rows, columns, ink } = scene;
  const isRow = side === "query";
  const cells = isRow
    ? { x: sight.x, y: token, width: sight.width, height: 1 }
    : { x: token, y: sight.y, width: 1, height: sight.height };
  const box = clipped(boxOf(map, sight, cells), map);
  if (!box) return;
  const line = isSelected ? 1.5 : 1;
  if (isRow) {
    pen.fill({ ...box, height: line }, colour);
    pen.fill({ ...box, y: box.y + Math.max(box.height, 2) - line, height: line }, colour);
  } else {
    pen.fill({ ...box, width: line }, colour);
    pen.fill({ ...box, x: box.x + Math.max(box.width, 2) - line, width: line }, colour);
  }
  const label = (isRow ? rows : columns)[token];
  if (!label || !plan.labels.rows) return;
  const text = fitted(label.text, (isRow ? plan.labels.rows : plan.labels.columns) - 8);
  const width = textWidth(text, LABEL_SIZE) + (isSelected ? 4 : 0);
  const middle = isRow ? box.y + box.height / 2 : box.x + box.width / 2;
  const style = { colour: isSelected ? colour : ink.ink, size: LABEL_SIZE, bold: isSelected };
  const back = isSelected ? ink.wash : ink.raised;
  if (isRow) {
    pen.fill({ x: map.x - 9 - width, y: middle - 8, width: width + 7, height: 16 }, back);
    pen.text(map.x - 6, middle + LIFT * LABEL_SIZE, text, { ...style, anchor: "end" });
  } else {
    pen.fill({ x: middle - 8, y: map.y - 9 - width, width: 16, height: width + 7 }, back);
    pen.text(middle + LIFT * LABEL_SIZE, map.y - 6, text, { ...style, upwards: true });
  }
}

function clipped(box: Box, within: Box): Box | null {
  const x = Math.max(box.x, within.x);
  const y = Math.max(box.y, within.y);
  const width = Math.min(box.x + box.width, within.x + within.width) - x;
  const height = Math.min(box.y + box.height, within.y + within.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

// ---- labels ------------------------------------------------------------------------------------

const known = new Map<string, string>();

/** As much of a label as there is room for. */
export function fitted(text: string, most: number): string {
  const name = `${most}\n${text}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const letters = [...text];
  let shown = text;
  while (letters.length && textWidth(shown, LABEL_SIZE) > most) {
    letters.pop();
    shown = `${letters.join("")}…`;
  }
  if (known.size > 5_000) known.clear();
  known.set(name, shown);
  return shown;
}

/** Of the widest label, as far as there is room: of the longest, for measuring takes time. */
export function widestLabel(labels: readonly Label[], most: number): number {
  const longest = [...labels].sort((a, b) => b.text.length - a.text.length).slice(0, 12);
  const widths = longest.map(({ text }) => textWidth(text, LABEL_SIZE));
  return Math.min(most, Math.ceil(Math.max(12, ...widths)) + 2);
}
