/** Vectors as strips of coloured cells, and the scale they are read by. */

import { h } from "../browser/dom";
import { formatEnd, formatNumber } from "../language/numbers";
import type { Say } from "../language/say";
import type { Range } from "./range";
import { beyondInWords } from "./scale_words";
import { divergingCss } from "./scales";

/** A pixel for each number: (row, dim). */
export function stripImage(
  rows: number,
  dim: number,
  colour: (row: number, i: number) => readonly [number, number, number],
): HTMLCanvasElement {
  const canvas = h("canvas", { width: dim, height: Math.max(1, rows) });
  const context = canvas.getContext("2d");
  const image = context?.createImageData(dim, Math.max(1, rows));
  if (!context || !image) return canvas;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < dim; i++) {
      const place = 4 * (row * dim + i);
      const [r, g, b] = colour(row, i);
      image.data[place] = r * 255;
      image.data[place + 1] = g * 255;
      image.data[place + 2] = b * 255;
      image.data[place + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Names the ends of a diverging scale; `about` says what its colours mean. */
export function divergingLegend(name: string, about: string, say: Say) {
  const low = h("span");
  const high = h("span");
  const ramp = h("span", { class: "aw-ramp", "aria-hidden": "true" });
  const element = h(
    "span",
    { class: "aw-legend-item", title: about },
    h("b", {}, name),
    low,
    ramp,
    high,
  );
  return {
    element,
    /** `range` is null while it is not known, `error` how far its ends may be from the model's. */
    set(range: Range | null, error: number, dark: boolean) {
      const beyond = range ? beyondInWords(say, range, (value) => formatEnd(value, error)) : [];
      low.textContent = range ? formatNumber(range.low, error) : "…";
      high.textContent = range
        ? [`+${formatNumber(range.high, error)}`, ...beyond].join("  ")
        : "…";
      const stops = [-1, -0.5, 0, 0.5, 1].map((share) => divergingCss(share, 1, dark));
      ramp.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    },
  };
}
