/** Several figures as one, below each other. */

import { svg } from "../browser/svg";
import type { Figure } from "./figure";

const GAP = 20;

/** Null where there is none. */
export function stacked(figures: readonly (Figure | null)[]): Figure | null {
  const [first, ...rest] = figures.flatMap((each) => each ?? []);
  if (!first) return null;
  return rest.reduce(
    (above, below) => ({
      width: Math.max(above.width, below.width),
      height: above.height + GAP + below.height,
      marks: [
        ...above.marks,
        svg("g", { transform: `translate(0 ${above.height + GAP})` }, ...below.marks),
      ],
      legend: [...above.legend, ...below.legend],
    }),
    first,
  );
}
