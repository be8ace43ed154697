/** How wide texts are: measured by one canvas, which is kept, and once for each text. */

import { shortened as cutText } from "../language/direction";

export const FIGURE_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

let kept: CanvasRenderingContext2D | null = null;

/** Null without a browser. */
function contextIn(font: string): CanvasRenderingContext2D | null {
  kept ??= document.createElement("canvas").getContext("2d");
  if (kept && kept.font !== font) kept.font = font;
  return kept;
}

const MOST_KEPT = 20_000;
const widths = new Map<string, number>();

/** A measured width; without a canvas an estimate. */
export function textWidth(text: string, size: number, weight = 400): number {
  const font = `${weight === 400 ? "" : `${weight} `}${size}px ${FIGURE_FONT}`;
  const name = `${font}\n${text}`;
  const known = widths.get(name);
  if (known !== undefined) return known;
  const context = contextIn(font);
  if (!context) return text.length * size * 0.6;
  if (widths.size >= MOST_KEPT) widths.clear();
  const { width } = context.measureText(text);
  widths.set(name, width);
  return width;
}

const ascents = new Map<string, { up: number; down: number } | null>();

/** How far a font goes above its base line and below; null without a canvas. */
export function fontHeights(font: string): { up: number; down: number } | null {
  const known = ascents.get(font);
  if (known !== undefined) return known;
  const context = contextIn(font);
  if (!context) return null;
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = context.measureText("x");
  ascents.set(font, { up, down });
  return { up, down };
}

/** More are never seen, and measuring takes time. */
const MOST_SIGNS = 400;

/** As much of a text as there is room for. */
export const shortened = (text: string, width: number, size: number): string =>
  cutText(text.slice(0, MOST_SIGNS), (shown) => textWidth(shown, size) <= width);

export function wrapped(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return balanced(line ? [...lines, line] : lines);
}

/** What is isolated and goes on in the next line is isolated there too. */
function balanced(lines: readonly string[]): string[] {
  let open = 0;
  return lines.map((line) => {
    const begun = "\u2068".repeat(open);
    for (const sign of line) open += Number(sign === "\u2068") - Number(sign === "\u2069");
    return `${begun}${line}${"\u2069".repeat(Math.max(0, open))}`;
  });
}
