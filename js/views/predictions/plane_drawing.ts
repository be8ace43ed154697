/** The plane as it is drawn, on the screen and in a figure. */

import { drawBand, drawCell } from "../../draw/bands";
import { css, inkOn } from "../../draw/colour";
import type { WeightColours } from "../../draw/colour_maps";
import type { Inks } from "../../draw/inks";
import type { Line, Pen, Sight, TextStyle } from "../../draw/pen";
import { raster } from "../../draw/raster";
import { shortened } from "../../draw/text_width";
import type { Place } from "../../plane/layout";
import type { PlaneCell } from "../../trace/lens_plane";
import { LABEL_SIZE, type PlanePlan, WORD_SIZE } from "./plane_plan";

export interface PlaneScene {
  plan: PlanePlan;
  ink: Inks;
  colours: WeightColours;
  isDark: boolean;
  /** Of what is in the rows and columns; the first row is the last layer. */
  cell(row: number, column: number): PlaneCell | null;
  /** What colours it. */
  value(row: number, column: number): number;
  labels: readonly string[];
  corner: string;
  layerOf(row: number): number;
  /** The row of the selected layer and the column of the selected token. */
  selected: { query: number | null; key: number | null };
}

const INSET = 3;
/** From one number of a layer to the next. */
const PITCH = 13;
/** From the middle of a letter to its base line, as a share of its size. */
const LIFT = 0.36;

export function drawPlane(pen: Pen, scene: PlaneScene): void {
  const { plan, ink, colours, isDark } = scene;
  const [map] = plan.maps;
  if (!map) return;
  const { queries: rows, keys: columns } = plan;
  const paper = colours.of(0);
  const canvas = raster(columns, rows, (place) => {
    const [row, column] = [Math.floor(place / columns), place % columns];
    return scene.cell(row, column) ? colours.of(scene.value(row, column)) : paper;
  });
  const whole = { x: 0, y: 0, width: columns, height: rows };
  pen.cells(map, whole, [{ canvas, ...whole }]);
  if (plan.hasWords) {
    drawSeams(pen, scene);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cell = scene.cell(row, column);
        if (!cell) continue;
        const text = shortened(cell.best, plan.cell.width - 2 * INSET, WORD_SIZE);
        const colour = css(inkOn(colours.of(scene.value(row, column)), isDark));
        const x = map.x + column * plan.cell.width + INSET;
        const y = map.y + (row + 0.5) * plan.cell.height + LIFT * WORD_SIZE;
        pen.text(x, y, text, { colour, size: WORD_SIZE, bold: cell.isAnswer });
      }
    }
  }
  const around = { x: map.x - 0.5, y: map.y - 0.5, width: map.width + 1, height: map.height + 1 };
  pen.outline(around, ink.rule, 1);
  drawLayers(pen, scene);
  drawTokens(pen, scene);
}

/** Between cells, so that words of one colour stand apart. */
function drawSeams(pen: Pen, { plan, ink }: PlaneScene): void {
  const [map] = plan.maps;
  if (!map) return;
  const { x, y, width, height } = map;
  const down = Array.from({ length: plan.keys - 1 }, (_, column): Line => {
    const at = x + (column + 1) * plan.cell.width;
    return [
      [at, y],
      [at, y + height],
    ];
  });
  const across = Array.from({ length: plan.queries - 1 }, (_, row): Line => {
    const at = y + (row + 1) * plan.cell.height;
    return [
      [x, at],
      [x + width, at],
    ];
  });
  pen.lines([...down, ...across], { colour: ink.paper, width: 1 });
}

function drawLayers(pen: Pen, { plan, ink, layerOf, selected, corner }: PlaneScene): void {
  const [map] = plan.maps;
  if (!map) return;
  const every = Math.max(1, Math.ceil(PITCH / plan.cell.height));
  const style: TextStyle = { colour: ink.soft, size: LABEL_SIZE, anchor: "end" };
  for (let row = 0; row < plan.queries; row++) {
    const isSelected = row === selected.query;
    const isNear = selected.query !== null && Math.abs(row - selected.query) < every;
    if (!isSelected && (layerOf(row) % every || isNear)) continue;
    const y = map.y + (row + 0.5) * plan.cell.height + LIFT * LABEL_SIZE;
    const look = isSelected ? { ...style, colour: ink.accent, bold: true } : style;
    pen.text(map.x - 6, y, String(layerOf(row)), look);
  }
  pen.text(map.x - 6, map.y + map.height + 14, corner, style);
}

function drawTokens(pen: Pen, { plan, ink, labels, selected }: PlaneScene): void {
  const [map] = plan.maps;
  if (!map) return;
  const { isTurned, cell } = plan;
  const room = isTurned ? plan.bars - 8 : cell.width - 4;
  const every = isTurned ? Math.max(1, Math.ceil(PITCH / cell.width)) : 1;
  labels.forEach((label, column) => {
    const isSelected = column === selected.key;
    const isNear = selected.key !== null && Math.abs(column - selected.key) < every;
    if (!isSelected && (column % every || isNear)) return;
    const text = shortened(label, room, LABEL_SIZE);
    const look = { colour: isSelected ? ink.accent : ink.ink, size: LABEL_SIZE, bold: isSelected };
    const middle = map.x + (column + 0.5) * cell.width;
    const top = map.y + map.height;
    if (isTurned) {
      const x = middle + LIFT * LABEL_SIZE;
      pen.text(x, top + 6, text, { ...look, anchor: "end", turned: "up" });
    } else pen.text(middle, top + 14, text, { ...look, anchor: "middle" });
  });
}

/** Over it: what is selected and what is pointed at. */
export function drawPlaneMarks(
  pen: Pen,
  { plan, ink, selected }: PlaneScene,
  place: Place | null,
): void {
  const [map] = plan.maps;
  if (!map) return;
  const sight: Sight = { x: 0, y: 0, width: plan.keys, height: plan.queries };
  const on = { map, sight, paper: ink.paper };
  if (selected.key !== null) {
    drawBand(pen, on, { isRow: false, at: selected.key }, ink.accent, 1.5);
  }
  drawCell(pen, on, selected, ink.accent);
  if (place) drawCell(pen, on, place, ink.ink);
}
