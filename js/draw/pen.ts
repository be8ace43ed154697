/** One way to draw on a canvas and in a figure, so that both show the same. */

import { svg, svgImage, textAt } from "../browser/svg";
import { FIGURE_FONT } from "./text_width";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** By so much on each side. */
export const grown = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

/** What is in sight of a map, in cells: x counts across, y down. */
export type Sight = Box;

export interface TextStyle {
  colour: string;
  size: number;
  anchor?: "start" | "middle" | "end";
  /** Reads from the bottom to the top, or the other way. */
  turned?: "up" | "down";
  bold?: boolean;
}

/** A picture of some cells, a pixel for each, or for several. */
export interface Cells extends Box {
  canvas: HTMLCanvasElement;
}

export type Point = readonly [x: number, y: number];

/** From its first point to its last: straight, or bent by the two between them. */
export type Line = readonly [Point, Point] | readonly [Point, Point, Point, Point];

export interface LineStyle {
  colour: string;
  width: number;
  opacity?: number;
  dash?: readonly [number, number];
}

export interface Pen {
  /** Many lines that look alike, at once. */
  lines(lines: readonly Line[], style: LineStyle): void;
  fill(box: Box, colour: string, opacity?: number): void;
  /** Discs that look alike, at once. */
  dots(centres: readonly Point[], radius: number, colour: string, opacity?: number): void;
  outline(box: Box, colour: string, width: number): void;
  /** From the base line of its first letter, or the middle or end of it. */
  text(x: number, y: number, text: string, style: TextStyle): void;
  /** One row of the pixels of a picture. */
  row(canvas: HTMLCanvasElement, row: number, box: Box): void;
  /** What of the cells is in sight; smooth where a pixel is smaller than that of the screen. */
  cells(map: Box, sight: Sight, cells: readonly Cells[], smooth?: boolean): void;
}

/** Pixels of cells within a map. */
export function boxOf(map: Box, sight: Sight, cells: Box): Box {
  const [across, down] = [map.width / sight.width, map.height / sight.height];
  return {
    x: map.x + (cells.x - sight.x) * across,
    y: map.y + (cells.y - sight.y) * down,
    width: cells.width * across,
    height: cells.height * down,
  };
}

const QUARTERS = { up: -1, down: 1 } as const;

export function canvasPen(context: CanvasRenderingContext2D): Pen {
  return {
    lines(lines, { colour, width, opacity = 1, dash = [] }) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.globalAlpha = opacity;
      context.setLineDash([...dash]);
      context.beginPath();
      for (const [from, ...rest] of lines) {
        context.moveTo(...from);
        const [a, b, to] = rest;
        if (b && to) context.bezierCurveTo(...a, ...b, ...to);
        else context.lineTo(...a);
      }
      context.stroke();
      context.globalAlpha = 1;
      context.setLineDash([]);
    },
    fill({ x, y, width, height }, colour, opacity = 1) {
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      context.fillRect(x, y, width, height);
      context.globalAlpha = 1;
    },
    dots(centres, radius, colour, opacity = 1) {
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      for (const [x, y] of centres) {
        context.beginPath(); // each by itself: where two overlap it is darker
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
      }
      context.globalAlpha = 1;
    },
    outline({ x, y, width, height }, colour, line) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x, y, width, height);
    },
    text(x, y, text, { colour, size, anchor = "start", turned, bold }) {
      context.save();
      context.translate(x, y);
      if (turned) context.rotate(QUARTERS[turned] * (Math.PI / 2));
      context.font = `${bold ? 650 : 400} ${size}px ${FIGURE_FONT}`;
      context.fillStyle = colour;
      context.textAlign = anchor === "middle" ? "center" : (anchor as CanvasTextAlign);
      context.fillText(text, 0, 0);
      context.restore();
    },
    row(canvas, row, { x, y, width, height }) {
      context.imageSmoothingEnabled = false;
      context.drawImage(canvas, 0, row, canvas.width, 1, x, y, width, height);
    },
    cells(map, sight, cells, smooth = false) {
      context.save();
      context.beginPath();
      context.rect(map.x, map.y, map.width, map.height);
      context.clip();
      context.imageSmoothingEnabled = smooth;
      for (const part of cells) {
        const { x, y, width, height } = boxOf(map, sight, part);
        context.drawImage(part.canvas, x, y, width, height);
      }
      context.restore();
    },
  };
}

const short = (value: number) => Math.round(value * 100) / 100;

/** More cells than these are one image in a figure: a reader of PDF takes long for more. */
const MOST_RECTS = 5_000;

export function svgPen(): Pen & { readonly marks: SVGElement[] } {
  const marks: SVGElement[] = [];
  return {
    marks,
    lines(lines, { colour, width, opacity, dash }) {
      const paths = lines.map((line) => {
        const [from, ...rest] = line.map((at) => at.map(short).join(" "));
        return `M${from}${rest.length > 1 ? "C" : "L"}${rest.join(" ")}`;
      });
      marks.push(
        svg("path", {
          d: paths.join(""),
          fill: "none",
          stroke: colour,
          ...(opacity === undefined ? {} : { "stroke-opacity": String(opacity) }),
          "stroke-width": Math.max(0.5, width), // a printer's line has no device pixel
          ...(dash ? { "stroke-dasharray": dash.join(" ") } : {}),
        }),
      );
    },
    fill(box, fill, opacity = 1) {
      marks.push(
        svg("rect", { ...box, fill, ...(opacity < 1 ? { "fill-opacity": opacity } : {}) }),
      );
    },
    dots(centres, radius, fill, opacity = 1) {
      const shared = { r: radius, fill, ...(opacity < 1 ? { "fill-opacity": opacity } : {}) };
      marks.push(
        ...centres.map(([cx, cy]) => svg("circle", { cx: short(cx), cy: short(cy), ...shared })),
      );
    },
    outline(box, stroke, width) {
      marks.push(svg("rect", { ...box, fill: "none", stroke, "stroke-width": width }));
    },
    text(x, y, text, { colour, size, anchor = "start", turned, bold }) {
      marks.push(
        textAt(x, y, text, {
          fill: colour,
          "font-size": size,
          "text-anchor": anchor,
          ...(bold ? { "font-weight": 650 } : {}),
          ...(turned ? { transform: `rotate(${QUARTERS[turned] * 90} ${x} ${y})` } : {}),
        }),
      );
    },
    row(canvas, row, box) {
      const whole = { canvas, x: 0, y: 0, width: canvas.width, height: canvas.height };
      const parts = cropped(whole, { ...whole, y: row, height: 1 });
      marks.push(...parts.map((part) => svgImage(part.canvas, box)));
    },
    cells(map, sight, cells) {
      const { x, y, width, height } = sight;
      const seen = cells.flatMap((part) => cropped(part, sight));
      const count = seen.reduce((sum, { canvas }) => sum + canvas.width * canvas.height, 0);
      marks.push(
        svg(
          "svg",
          { ...map, viewBox: `${x} ${y} ${width} ${height}`, preserveAspectRatio: "none" },
          ...seen.flatMap((part) =>
            count > MOST_RECTS ? [svgImage(part.canvas, part)] : rects(part),
          ),
        ),
      );
    },
  };
}

/** Without the pixels that are out of sight. */
function cropped(part: Cells, sight: Sight): Cells[] {
  const [across, down] = [part.width / part.canvas.width, part.height / part.canvas.height];
  const left = Math.max(0, Math.floor((sight.x - part.x) / across));
  const top = Math.max(0, Math.floor((sight.y - part.y) / down));
  const right = Math.min(part.canvas.width, Math.ceil((sight.x + sight.width - part.x) / across));
  const end = Math.min(part.canvas.height, Math.ceil((sight.y + sight.height - part.y) / down));
  if (right <= left || end <= top) return [];
  const { canvas: whole } = part;
  if (!left && !top && right === whole.width && end === whole.height) return [part];
  const canvas = document.createElement("canvas");
  canvas.width = right - left;
  canvas.height = end - top;
  canvas.getContext("2d")?.drawImage(part.canvas, -left, -top);
  return [
    {
      canvas,
      x: part.x + left * across,
      y: part.y + top * down,
      width: canvas.width * across,
      height: canvas.height * down,
    },
  ];
}

/** One rectangle for each run of one colour in a row. */
function rects({ canvas, x, y, width, height }: Cells): SVGElement[] {
  const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
  if (!pixels) return [];
  const [across, down] = [width / canvas.width, height / canvas.height];
  const colour = (row: number, column: number) => {
    const place = 4 * (row * canvas.width + column);
    return `rgb(${pixels[place]},${pixels[place + 1]},${pixels[place + 2]})`;
  };
  const found: SVGElement[] = [];
  for (let row = 0; row < canvas.height; row++) {
    for (let column = 0; column < canvas.width; ) {
      const fill = colour(row, column);
      let end = column + 1;
      while (end < canvas.width && colour(row, end) === fill) end += 1;
      found.push(
        svg("rect", {
          x: x + column * across,
          y: y + row * down,
          width: (end - column) * across,
          height: down,
          fill,
          "shape-rendering": "crispEdges", // no seams between neighbours
        }),
      );
      column = end;
    }
  }
  return found;
}
