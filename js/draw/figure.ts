/** A view as a figure: what it shows, with legend and caption, as one SVG or PNG file. */

import { svg } from "../browser/svg";
import { shortened as cutText } from "../language/direction";

export type LegendItem =
  /** Colours from left to right, and what their ends stand for. */
  | { ramp: readonly string[]; low: string; high: string; label?: string }
  /** A colour and its meaning. */
  | { colour: string; label: string };

export interface Figure {
  /** In CSS pixels. */
  width: number;
  height: number;
  marks: readonly SVGElement[];
  legend: readonly LegendItem[];
}

export interface Captions {
  title: string;
  /** Model, layer, head, and what the picture says. */
  caption: readonly string[];
}

export interface FigureColours {
  paper: string;
  ink: string;
  soft: string;
}

export const FIGURE_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

const MARGIN = 16;
const TITLE_HEIGHT = 26;
const LEGEND_HEIGHT = 24;
const CAPTION_HEIGHT = 16;
const RAMP = { width: 88, height: 10 };

/** Stands by itself: no style sheet, no script, no font file, no link. */
export function figureSvg(
  { width, height, marks, legend }: Figure,
  { title, caption }: Captions,
  { paper, ink, soft }: FigureColours,
): SVGSVGElement {
  const inner = Math.max(width, 320);
  const lines = caption.flatMap((line) => wrapped(line, inner, 11));
  const legends = legendRows(legend, inner);
  const body = MARGIN + TITLE_HEIGHT + legends.length * LEGEND_HEIGHT;
  const whole = {
    width: inner + 2 * MARGIN,
    height: body + height + 10 + lines.length * CAPTION_HEIGHT + MARGIN,
  };
  return svg(
    "svg",
    {
      ...whole,
      viewBox: `0 0 ${whole.width} ${whole.height}`,
      "font-family": FIGURE_FONT,
      "font-size": 13,
      fill: ink,
      role: "img",
    },
    svg("title", {}, title),
    svg("desc", {}, caption.join("\n")),
    svg("rect", { ...whole, fill: paper }),
    textAt(MARGIN, MARGIN + 13, title, { "font-size": 15, "font-weight": 650 }),
    ...legends.map((row, index) =>
      svg(
        "g",
        { transform: `translate(${MARGIN} ${MARGIN + TITLE_HEIGHT + index * LEGEND_HEIGHT})` },
        ...row.map(({ item, x }) => legendMark(item, x, soft)),
      ),
    ),
    svg("g", { transform: `translate(${MARGIN} ${body})` }, ...marks),
    ...lines.map((line, index) =>
      textAt(MARGIN, body + height + 20 + index * CAPTION_HEIGHT, line, {
        "font-size": 11,
        fill: soft,
      }),
    ),
  );
}

/** What no XML may hold, not even escaped: most control characters, halves of characters. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** As a file holds it. */
export function svgText(figure: SVGSVGElement): string {
  const text = new XMLSerializer().serializeToString(figure).replace(NOT_XML, "\ufffd");
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`;
}

/** Pixels, `scale` for each of the figure's. */
export async function pngBlob(figure: SVGSVGElement, scale: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(figure))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Number(figure.getAttribute("width")) * scale;
  canvas.height = Number(figure.getAttribute("height")) * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the figure is too large"))));
  });
}

/** Hands a file to the person, as a click on a link would. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be reading
}

export const textAt = (
  x: number,
  y: number,
  text: string,
  attributes: Record<string, string | number> = {},
): SVGTextElement => svg("text", { x, y, ...attributes, "xml:space": "preserve" }, text);

/** A measured width; without a canvas (no browser) an estimate. */
export function textWidth(text: string, size: number): number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return text.length * size * 0.6;
  context.font = `${size}px ${FIGURE_FONT}`;
  return context.measureText(text).width;
}

/** As much of a text as there is room for. */
export const shortened = (text: string, width: number, size: number): string =>
  cutText(text.slice(0, MOST_SIGNS), (shown) => textWidth(shown, size) <= width);

/** More are never seen, and measuring takes time. */
const MOST_SIGNS = 400;

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

interface Placed {
  item: LegendItem;
  x: number;
}

const labelOf = (item: LegendItem) =>
  "ramp" in item ? `${item.label ? `${item.label}  ` : ""}${item.low}` : item.label;

function legendRows(items: readonly LegendItem[], width: number): Placed[][] {
  const rows: Placed[][] = [];
  let x = 0;
  for (const item of items) {
    const ramp = "ramp" in item ? RAMP.width + 8 + textWidth(item.high, 12) : 16;
    const size = ramp + textWidth(labelOf(item), 12) + 26;
    const row = rows[rows.length - 1];
    if (!row || x + size > width) {
      rows.push([{ item, x: 0 }]);
      x = size;
    } else {
      row.push({ item, x });
      x += size;
    }
  }
  return rows;
}

function legendMark(item: LegendItem, x: number, soft: string): SVGElement {
  const label = labelOf(item);
  const style = { "font-size": 12, fill: soft };
  if (!("ramp" in item)) {
    return svg(
      "g",
      { transform: `translate(${x} 0)` },
      svg("rect", { width: 11, height: 11, y: 1, rx: 2, fill: item.colour }),
      textAt(16, 11, label, style),
    );
  }
  const start = textWidth(label, 12) + 6;
  const step = RAMP.width / item.ramp.length;
  return svg(
    "g",
    { transform: `translate(${x} 0)` },
    textAt(0, 11, label, style),
    ...item.ramp.map((colour, index) =>
      svg("rect", {
        x: start + index * step,
        y: 1,
        width: step + 0.5, // no seams between neighbours
        height: RAMP.height,
        fill: colour,
      }),
    ),
    textAt(start + RAMP.width + 6, 11, item.high, style),
  );
}
