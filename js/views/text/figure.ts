/** The text in sight as marks of a figure: each unit where it stands on the screen. */

import { svg, textAt } from "../../browser/svg";
import { unzoomed, zoomOf } from "../../browser/zoom";
import { plainColour } from "../../draw/colour";
import type { Figure } from "../../draw/figure";
import type { LegendItem } from "../../draw/legend";
import { type Box, grown } from "../../draw/pen";
import { MARKS } from "../../draw/scale_words";
import { fontHeights } from "../../draw/text_width";
import { RIGHT_TO_LEFT } from "../../language/direction";

/** A stretch of one line of one unit. */
interface Run {
  text: string;
  /** From the top left corner of the text. */
  box: Box;
  node: HTMLElement;
  colour: string;
  /** Beside a special token, and where it ends. */
  score: { text: string; right: number } | null;
}

/** What lies half outside is drawn if its middle is inside. */
export function textFigure(text: HTMLElement, legend: readonly LegendItem[]): Figure | null {
  const zoom = zoomOf(text);
  const boxOnPage = text.getBoundingClientRect();
  const sight = unzoomed(boxOnPage, zoom);
  const inSight = ({ y, height }: Box) => y + height / 2 >= 0 && y + height / 2 <= sight.height;
  const place = (onPage: DOMRect): Box => {
    const { left, top, width, height } = unzoomed(onPage, zoom);
    return { x: left - sight.left, y: top - sight.top, width, height };
  };
  const boxesOf = (node: Element | Range) =>
    [...node.getClientRects()].map(place).filter((box) => box.height > 0 && inSight(box));

  // Blocks out of sight are not laid out, and must not be for this.
  const blocks = [...text.querySelectorAll<HTMLElement>(".aw-block")];
  const far = new Set(
    blocks.filter((block) => {
      const { top, bottom } = block.getBoundingClientRect();
      return bottom < boxOnPage.top || top > boxOnPage.bottom;
    }),
  );
  const seen = [...text.querySelectorAll<HTMLElement>(SHOWN)].filter((node) => {
    const block = node.closest<HTMLElement>(".aw-block");
    return !block || !far.has(block);
  });

  const marks: SVGElement[] = [];
  const above: SVGElement[] = [];
  const runs: Run[] = [];
  let bottom = 0;
  for (const node of seen) {
    const boxes = boxesOf(node);
    const [first] = boxes;
    if (!first) continue;
    bottom = Math.max(bottom, ...boxes.map(({ y, height }) => y + height));
    if (node.classList.contains("aw-image")) {
      marks.push(...pictureOf(node, first));
      continue;
    }
    if (node.classList.contains("aw-patch-colour")) marks.push(...groundOf(node, first));
    if (node.classList.contains("aw-unit")) {
      marks.push(...boxes.flatMap((box) => groundOf(node, box)));
      above.push(...boxes.flatMap((box) => framesOf(node, box)));
    }
    runs.push(...runsOf(node, place, sight.height).filter(({ box }) => inSight(box)));
  }
  if (!marks.length && !runs.length) return null;
  return {
    width: sight.width,
    height: Math.ceil(bottom) + 2,
    marks: [...marks, ...wordsOf(runs), ...above],
    legend,
  };
}

/** Of special tokens, with their frame. */
const SPECIAL_PADDING = 5;

const SHOWN =
  ".aw-passage-title, .aw-role, .aw-template.aw-turn > .aw-fold, .aw-image, .aw-patch-colour, .aw-unit";

function groundOf(node: HTMLElement, box: Box): SVGElement[] {
  const style = getComputedStyle(node);
  const { colour, opacity } = plainColour(style.backgroundColor) ?? { colour: "", opacity: 0 };
  const rx = node.classList.contains("aw-patch-colour") ? 0 : 3;
  const marks: SVGElement[] = [];
  if (opacity > 0) {
    const whole = opacity * Number(style.opacity);
    const seeThrough = whole < 1 ? { "fill-opacity": whole } : {};
    marks.push(svg("rect", { ...box, rx, fill: colour, ...seeThrough }));
  }
  if (node.classList.contains("aw-special")) {
    const { colour: stroke } = plainColour(style.borderTopColor) ?? { colour: "#888888" };
    marks.push(svg("rect", { ...box, rx: 3, fill: "none", stroke, "stroke-dasharray": "3 2" }));
  }
  return marks;
}

function framesOf(node: HTMLElement, box: Box): SVGElement[] {
  const is = (name: string) => node.classList.contains(`aw-${name}`);
  const style = getComputedStyle(node);
  const ink = plainColour(style.color)?.colour ?? "#000000";
  const shadow = /^(?:\w+\([^)]*\))/.exec(style.boxShadow)?.[0] ?? "";
  const ring = plainColour(shadow)?.colour;
  const right = box.x + box.width;
  const y = box.y + box.height + 1;
  const under = (stroke: string, width: number, dash = {}) =>
    svg("line", { x1: box.x, x2: right, y1: y, y2: y, stroke, "stroke-width": width, ...dash });
  const around = (by: number, rounding: object, stroke: string, width: number, dash = {}) =>
    svg("rect", {
      ...grown(box, by),
      ...rounding,
      fill: "none",
      stroke,
      "stroke-width": width,
      ...dash,
    });
  const marks: SVGElement[] = [];
  if (is("generated")) marks.push(under(ink, 1, { "stroke-dasharray": "1 2" }));
  for (const side of ["above", "below"] as const) {
    const style = { "font-size": 8, fill: ink, "text-anchor": "end" };
    if (is(side)) marks.push(textAt(right - 1, box.y + 9, MARKS[side], style));
  }
  if (is("found-now")) marks.push(around(3, {}, ink, 2, { "stroke-dasharray": "4 3" }));
  if (is("found")) marks.push(under(ink, 3));
  if (is("selected-key")) marks.push(under(ring ?? ink, 3));
  const width = is("selected") || is("pinned") ? 2 : is("hovered") ? 1.5 : 0;
  if (width && ring) marks.push(around(width / 2, { rx: 3 }, ring, width));
  return marks;
}

/** The image is a custom property, so that it is in the page once. */
function pictureOf(node: HTMLElement, box: Box): SVGElement[] {
  const [, href] =
    /url\("?(data:image\/png;[^")]+)"?\)/.exec(getComputedStyle(node).backgroundImage) ?? [];
  return href ? [svg("image", { ...box, href, preserveAspectRatio: "none" })] : [];
}

/** The text of a node, line by line, as far down as can be seen. */
function runsOf(node: HTMLElement, place: (rect: DOMRect) => Box, bottom: number): Run[] {
  const content = node.firstChild;
  if (!(content instanceof Text) || !content.data.trim()) return [];
  const colour = plainColour(getComputedStyle(node).color)?.colour ?? "#000000";
  const range = document.createRange();
  const boxOf = (from: number, to: number): Box | null => {
    range.setStart(content, from);
    range.setEnd(content, to);
    const [rect, ...more] = range.getClientRects();
    return rect && !more.length ? place(rect) : null;
  };
  const whole = boxOf(0, content.length);
  if (whole) return [{ text: content.data, box: whole, node, colour, score: scoreOf(node, place) }];
  const runs: Run[] = [];
  let at = startInSight(content, place);
  for (const { segment } of new Intl.Segmenter().segment(content.data.slice(at))) {
    const box = boxOf(at, at + segment.length);
    at += segment.length;
    const run = runs[runs.length - 1];
    if (!box) continue;
    if (box.y > bottom) break;
    if (run && Math.abs(run.box.y - box.y) < 2) {
      run.text += segment;
      run.box = together(run.box, box);
    } else runs.push({ text: segment, box, node, colour, score: null });
  }
  return runs.filter((run) => run.text.trim());
}

/** Where its first line in sight begins: those above may be thousands. */
function startInSight(content: Text, place: (rect: DOMRect) => Box): number {
  const range = document.createRange();
  const lineAt = (at: number): Box | null => {
    range.setStart(content, at);
    range.setEnd(content, content.length);
    const [rect] = range.getClientRects();
    return rect ? place(rect) : null;
  };
  const isAbove = (at: number) => {
    const line = lineAt(at);
    return line !== null && line.y + line.height < 0;
  };
  if (!isAbove(0)) return 0;
  let [from, to] = [0, content.length - 1];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (isAbove(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function scoreOf(node: HTMLElement, place: (rect: DOMRect) => Box): Run["score"] {
  const [rect] = node.getClientRects();
  const text = node.dataset.score;
  if (!text || !rect) return null;
  const { x, width } = place(rect);
  return { text, right: x + width - SPECIAL_PADDING };
}

function together(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

/**
 * Runs that touch are one word, and drawn as one text: letters of many scripts change their shape
 * where they join. It is anchored in its middle, so that it needs not be said where it begins.
 */
function wordsOf(runs: readonly Run[]): SVGElement[] {
  const words: Run[][] = [];
  for (const run of runs) {
    const word = words[words.length - 1];
    const last = word?.[word.length - 1];
    if (word && last && touches(last, run)) word.push(run);
    else words.push([run]);
  }
  return words.flatMap((word) => {
    const [first] = word as [Run, ...Run[]];
    const box = word.map((run) => run.box).reduce(together);
    const style = getComputedStyle(first.node);
    const size = Number.parseFloat(style.fontSize);
    const baseline = box.y + ascentOf(style, box.height, size);
    const node = textAt(box.x + box.width / 2, baseline, "", {
      "font-size": size,
      "text-anchor": "middle",
      ...(Number(style.fontWeight) >= 600 ? { "font-weight": 700 } : {}),
      ...(isRtl(word) ? { direction: "rtl" } : {}),
    });
    node.replaceChildren(...word.map(({ text, colour }) => svg("tspan", { fill: colour }, text)));
    const { score } = first;
    if (!score) return [node];
    const atEnd = { "font-size": size, fill: first.colour, "text-anchor": "end" };
    return [node, textAt(score.right, baseline, score.text, atEnd)];
  });
}

/** Signs without a letter are read as their line is: brackets are mirrored there. */
function isRtl(word: readonly Run[]): boolean {
  const text = word.map((run) => run.text).join("");
  if (/\p{L}/u.test(text) || !word[0]) return RIGHT_TO_LEFT.test(text);
  const near = (node: Node, step: "previousSibling" | "nextSibling"): string[] => {
    const found: string[] = [];
    for (let next = node[step]; next; next = next[step]) {
      const isSpecial = next instanceof Element && next.classList.contains("aw-special");
      const said = isSpecial ? "" : (next.textContent ?? "");
      found.push(said);
      if (said.includes("\n")) break;
    }
    return found;
  };
  const before = near(word[0].node, "previousSibling").reverse().join("");
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const after = near(word[0].node, "nextSibling").join("").split("\n")[0] ?? "";
  return RIGHT_TO_LEFT.test(line + after);
}

const touches = (a: Run, b: Run): boolean => {
  const isText = ({ node }: Run) =>
    node.classList.contains("aw-unit") && !node.classList.contains("aw-special");
  const gap = Math.max(a.box.x, b.box.x) - Math.min(a.box.x + a.box.width, b.box.x + b.box.width);
  return isText(a) && isText(b) && Math.abs(a.box.y - b.box.y) < 2 && Math.abs(gap) < 0.6;
};

/** Of the first line's box, which is as high as its font. */
function ascentOf(style: CSSStyleDeclaration, height: number, size: number): number {
  const font = fontHeights(`${style.fontWeight} ${size}px ${style.fontFamily}`);
  return font ? (height - font.up - font.down) / 2 + font.up : height * 0.8;
}
