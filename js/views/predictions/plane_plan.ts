/** Where the plane of layers and tokens stands, in CSS pixels. Its first row is the last layer. */

import { textWidth } from "../../draw/text_width";
import type { Layout } from "../../plane/layout";

export interface PlanePlan extends Layout {
  width: number;
  height: number;
  cell: { width: number; height: number };
  /** Whether cells are large enough for words. */
  hasWords: boolean;
  /** Whether the tokens below it are written from the bottom to the top. */
  isTurned: boolean;
}

export const LABEL_SIZE = 11;
export const WORD_SIZE = 11;

const EDGE = 6;
const WIDEST = 84;
const NARROWEST = 2;
const TALL = 18;
const LOWEST = 5;
/** All layers together are no taller where there are no words, or very many layers. */
const TALLEST = 540;
/** Narrower cells have their words in the tooltip alone. */
const WORDED = 30;
const LONGEST_LABEL = 84;

export function planePlan(
  room: number,
  nLayers: number,
  labels: readonly string[],
  corner: string,
): PlanePlan {
  const count = Math.max(1, labels.length);
  const widthOf = (text: string) => textWidth(text, LABEL_SIZE);
  const rows = Math.ceil(Math.max(widthOf(corner), widthOf(String(nLayers - 1)))) + 2 * EDGE;
  const across = (room - rows - EDGE) / count;
  const width = Math.max(NARROWEST, Math.min(WIDEST, across));
  const height = Math.min(TALL, Math.max(LOWEST, Math.floor(TALLEST / nLayers)));
  const widest = Math.max(0, ...labels.map((text) => widthOf(text.slice(0, 60))));
  const isTurned = widest + 4 > width;
  const columns = isTurned ? Math.min(LONGEST_LABEL, Math.ceil(widest)) + 2 * EDGE : TALL;
  const map = { x: rows, y: 2, width: width * count, height: height * nLayers };
  return {
    width: rows + map.width + EDGE,
    height: map.y + map.height + columns,
    maps: [map],
    queries: nLayers,
    keys: count,
    labels: { rows, columns: 0 },
    bars: columns,
    sums: 0,
    cell: { width, height },
    hasWords: width >= WORDED && height >= WORD_SIZE + 3,
    isTurned,
  };
}
