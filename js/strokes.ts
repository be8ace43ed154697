/** Lines of attention on a canvas, from the rows of the queries to those of the keys. */

import { ROW_HEIGHT } from "./rows";
import { opacityLevel, opacityOf } from "./scales";

export interface Line {
  query: number;
  key: number;
  weight: number;
  /** Index into the drawn heads; 0 for their mean. */
  slot: number;
}

/** What of the rows is in sight. */
export interface Sight {
  width: number;
  height: number;
  scrollTop: number;
}

/** More are drawn one device pixel wide: broader lines take Chromium five times as long. */
const MAX_BROAD_LINES = 400;

/** In batches of one colour and opacity; the strongest is opaque. NaN is not drawn. */
export function strokeLines(
  context: CanvasRenderingContext2D,
  lines: readonly Line[],
  strongest: number,
  colours: readonly string[],
  curved: boolean,
  { width, height, scrollTop }: Sight,
): void {
  const spread = Math.min(1.5, (ROW_HEIGHT - 8) / colours.length);
  const y = (token: number, slot: number) =>
    (token + 0.5) * ROW_HEIGHT - scrollTop + (slot - (colours.length - 1) / 2) * spread;
  const batches: Line[][] = [];
  let visible = 0;
  for (const line of lines) {
    const [from, to] = [y(line.query, line.slot), y(line.key, line.slot)];
    const level = opacityLevel(line.weight / strongest);
    if (!level || (from < 0 && to < 0) || (from > height && to > height)) continue;
    const batch = level * colours.length + line.slot;
    batches[batch] ??= [];
    batches[batch].push(line);
    visible += 1;
  }
  const broad = colours.length === 1 ? 2 : Math.max(1, spread);
  context.lineWidth = visible > MAX_BROAD_LINES ? 1 / window.devicePixelRatio : broad;
  batches.forEach((batch, index) => {
    const slot = index % colours.length;
    context.strokeStyle = colours[slot] ?? "";
    context.globalAlpha = opacityOf(Math.floor(index / colours.length));
    context.beginPath();
    for (const line of batch) {
      const [from, to] = [y(line.query, slot), y(line.key, slot)];
      context.moveTo(0, from);
      if (curved) context.bezierCurveTo(width * 0.4, from, width * 0.6, to, width, to);
      else context.lineTo(width, to);
    }
    context.stroke();
  });
}

/** Joins the query to the key under the mouse, whatever the weight. */
export function strokePointer(
  context: CanvasRenderingContext2D,
  query: number,
  key: number,
  colour: string,
  { width, scrollTop }: Sight,
): void {
  const [from, to] = [query, key].map((row) => (row + 0.5) * ROW_HEIGHT - scrollTop);
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(0, from ?? 0);
  context.bezierCurveTo(width * 0.4, from ?? 0, width * 0.6, to ?? 0, width, to ?? 0);
  context.stroke();
  context.setLineDash([]);
}
