/** The pattern of what has no number yet, the same on canvas, in figures and in legends. */

import { svg } from "../browser/svg";
import type { Box, Line } from "./pen";

const STEP = 5;

/**
 * Lines across a box, from lower left to upper right.
 *
 * @param from how far along the pattern the box begins, so that neighbours have one pattern.
 */
export function hatchLines({ x, y, width, height }: Box, from = 0): Line[] {
  const lines: Line[] = [];
  const first = (((STEP / 2 - from) % STEP) + STEP) % STEP;
  for (let along = first; along < width + height; along += STEP) {
    lines.push([
      [x + Math.max(0, along - height), y + Math.min(along, height)],
      [x + Math.min(along, width), y + Math.max(0, along - width)],
    ]);
  }
  return lines;
}

export function hatchMark(box: Box, stroke: string): SVGElement {
  const d = hatchLines(box)
    .map(([[x, y], [right, top]]) => `M${x} ${y}L${right} ${top}`)
    .join("");
  return svg("path", { d, stroke, "stroke-width": 1, fill: "none" });
}

/** A background of CSS. */
export const hatchCss = (ground: string, line: string): string =>
  `repeating-linear-gradient(135deg, ${line} 0 1px, ${ground} 1px 4px)`;
