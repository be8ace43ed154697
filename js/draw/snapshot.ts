/** What stands on the screen as marks of a figure: grounds, borders and texts, each where it is. */

import { svg, textAt } from "../browser/svg";
import { unzoomed, zoomOf } from "../browser/zoom";
import { inIsolation } from "../language/direction";
import { clipped } from "./bands";
import { plainColour } from "./colour";
import type { Figure } from "./figure";
import type { Box } from "./pen";
import { fontHeights, shortened } from "./text_width";

/** Of elements that stand together. `ofCanvas` draws anew what is on a canvas. */
export function snapshot(
  elements: readonly HTMLElement[],
  ofCanvas: (canvas: HTMLCanvasElement, box: Box) => SVGElement[],
): Omit<Figure, "legend"> {
  const zoom = elements[0] ? zoomOf(elements[0]) : 1;
  const rects = elements.map((element) => unzoomed(element.getBoundingClientRect(), zoom));
  const left = Math.min(...rects.map((rect) => rect.left));
  const top = Math.min(...rects.map((rect) => rect.top));
  const width = Math.max(...rects.map((rect) => rect.right)) - left;
  const height = Math.max(...rects.map((rect) => rect.bottom)) - top;
  function placeOf(onPage: DOMRect | undefined): Box {
    const rect = onPage && unzoomed(onPage, zoom);
    return {
      x: (rect?.left ?? left) - left,
      y: (rect?.top ?? top) - top,
      width: rect?.width ?? 0,
      height: rect?.height ?? 0,
    };
  }

  function marksOf(node: Node, within: HTMLElement, sight: Box, opacity: number): SVGElement[] {
    const style = getComputedStyle(node instanceof HTMLElement ? node : within);
    if (style.display === "none" || style.visibility === "hidden") return [];
    if (node instanceof Text) {
      const range = document.createRange();
      range.selectNodeContents(node);
      return textOf(node.data, style, placeOf(range.getClientRects()[0]), sight);
    }
    if (!(node instanceof HTMLElement) || node.dataset.figure === "none") return [];
    const box = placeOf(node.getBoundingClientRect());
    const seen = clipped(box, sight);
    if (!seen || !isInSight(box, sight)) return [];
    if (node instanceof HTMLCanvasElement) return ofCanvas(node, box);
    const opaque = opacity * Number.parseFloat(style.opacity || "1");
    const inner = /hidden|auto/.test(style.overflow) ? seen : sight;
    return [
      ...groundOf(style, seen, opaque),
      ...[...node.childNodes].flatMap((child) => marksOf(child, node, inner, opaque)),
    ];
  }

  const whole = { x: 0, y: 0, width, height };
  const marks = elements.flatMap((element) => marksOf(element, element, whole, 1));
  return { width, height, marks };
}

/** Of two rows half in sight, one at each end, the last is drawn: as `rowsInSight` has it. */
const TIE = 0.5;

/** What lies half outside is drawn if its middle is inside, and what is larger if it is all around. */
function isInSight(box: Box, sight: Box): boolean {
  const isIn = (from: number, size: number, start: number, length: number) => {
    const [middle, centre] = [from + size / 2, start + length / 2];
    return (
      (middle > start + TIE && middle <= start + length + TIE) ||
      (centre >= from && centre <= from + size)
    );
  };
  return (
    isIn(box.x, box.width, sight.x, sight.width) && isIn(box.y, box.height, sight.y, sight.height)
  );
}

function groundOf(style: CSSStyleDeclaration, box: Box, opacity: number): SVGElement[] {
  const fill = (colour: string, part: Box, radius = 0): SVGElement[] => {
    const known = plainColour(colour);
    if (!known?.opacity || !part.width || !part.height) return [];
    const whole = known.opacity * opacity;
    const attributes = {
      ...(radius ? { rx: radius } : {}),
      ...(whole < 1 ? { "fill-opacity": whole } : {}),
    };
    return [svg("rect", { ...part, fill: known.colour, ...attributes })];
  };
  const line = (side: string) =>
    Number.parseFloat(style.getPropertyValue(`border-${side}-width`)) || 0;
  const bottom = { ...box, y: box.y + box.height - line("bottom"), height: line("bottom") };
  return [
    ...fill(style.backgroundColor, box, Number.parseFloat(style.borderTopLeftRadius)),
    ...fill(style.borderTopColor, { ...box, height: line("top") }),
    ...fill(style.borderBottomColor, bottom),
    ...fill(style.borderLeftColor, { ...box, width: line("left") }),
  ];
}

/** One line of text, which ends in an ellipsis where there is no room for all of it. */
function textOf(data: string, style: CSSStyleDeclaration, place: Box, sight: Box): SVGElement[] {
  const seen = clipped(place, sight);
  if (!data.trim() || !seen) return [];
  const size = Number.parseFloat(style.fontSize);
  const isTurned = style.writingMode === "vertical-rl";
  const [length, room] = isTurned ? [place.height, seen.height] : [place.width, seen.width];
  const isCut = length > room + 1;
  const font = `${style.fontWeight} ${size}px ${style.fontFamily}`;
  const { up, down } = fontHeights(font) ?? { up: size, down: 0 };
  const spare = ((isTurned ? place.width : place.height) - up - down) / 2;
  const anchor = anchorOf(style, isCut);
  const along = { start: 0, middle: 0.5, end: 1 }[anchor];
  const [x, y] = isTurned
    ? [place.x + spare + down, seen.y + along * seen.height]
    : [seen.x + along * seen.width, place.y + spare + up];
  return [
    textAt(x, y, isCut ? shortened(data, room, size) : inIsolation(data), {
      "font-size": size,
      "text-anchor": anchor,
      fill: plainColour(style.color)?.colour ?? "currentColor",
      ...(Number(style.fontWeight) >= 600 ? { "font-weight": 700 } : {}),
      ...(style.fontStyle === "italic" ? { "font-style": "italic" } : {}),
      ...(style.textDecorationLine === "underline" ? { "text-decoration": "underline" } : {}),
      ...(isTurned ? { transform: `rotate(90 ${x} ${y})` } : {}),
    }),
  ];
}

/** Of a text that is cut its beginning is seen. */
function anchorOf(
  { textAlign, direction }: CSSStyleDeclaration,
  isCut: boolean,
): "start" | "middle" | "end" {
  if (isCut) return direction === "rtl" ? "end" : "start";
  if (textAlign === "center") return "middle";
  return textAlign === "right" ? "end" : "start";
}
