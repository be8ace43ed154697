/** Bars beside a map, one for each token of a side. */

import { farther } from "../../measures/farther";
import { inSight } from "../../plane/layout";

/** Of a font's size: from the middle of its letters to their base line. */
export const LIFT = 0.36;

interface Bar {
  start: number;
  size: number;
  value: number;
}

/** One bar for each token in sight; where they are narrower than a pixel, the one within it that is farthest from 0. */
export function barsOf(
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
      value = farther(value, at(token));
    }
    return { start, size: 1, value };
  });
}
