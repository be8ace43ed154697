/** A view as a figure: what it shows, with legend and caption, as one SVG or PNG file. */

import { svg, textAt } from "../browser/svg";
import type { Inks } from "./inks";
import { LEGEND_HEIGHT, type LegendItem, legendRows } from "./legend";
import { FIGURE_FONT, wrapped } from "./text_width";

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

const MARGIN = 16;
const TITLE_HEIGHT = 26;
const CAPTION_HEIGHT = 16;

/** Stands by itself: no style sheet, no script, no font file, no link. */
export function figureSvg(
  { width, height, marks, legend }: Figure,
  { title, caption }: Captions,
  { paper, ink, soft }: Pick<Inks, "paper" | "ink" | "soft">,
): SVGSVGElement {
  const inner = Math.max(width, 320);
  const lines = caption.flatMap((line) => wrapped(line, inner, 11));
  const legends = legendRows(legend, inner, soft);
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
        ...row,
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
