/** The text in sight as marks of a figure: each unit where it stands on the screen. */

import { svg, textAt } from "../../browser/svg";
import { plainColour } from "../../draw/colour";
import type { Figure } from "../../draw/figure";
import type { LegendItem } from "../../draw/legend";
import { MARKS } from "../../draw/scale_words";
import { fontHeights } from "../../draw/text_width";
import { RIGHT_TO_LEFT } from "../../language/direction";

/** In CSS pixels, from the top left corner of the text. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A stretch of one line of one unit. */
interface Run {
  text: string;
  box: Box;
  node: HTMLElement;
  colour: string;
  /** Beside a special token, and where it ends. */
  score: { text: string; right: number } | null;
}

const FRAMES = [
  ["aw-hovered", 1.5],
  ["aw-selected", 2],
  ["aw-pinned", 2],
] as const;

/** What lies half outside is drawn if its middle is inside. */
export function textFigure(text: HTMLElement, legend: readonly LegendItem[]): Figure | null {
  const sight = text.getBoundingClientRect();
  const inSight = ({ top, height }: Box) =>
    top + height / 2 >= 0 && top + height / 2 <= sight.height;
  const place = (rect: DOMRect): Box => ({
    left: rect.left - sight.left,
    top: rect.top - sight.top,
    width: rect.width,
    height: rect.height,
  });
  const boxesOf = (node: Element | Range) =>
    [...node.getClientRects()].map(place).filter((box) => box.height > 0 && inSight(box));

  // Blocks out of sight are not laid out, and must not be for this.
  const blocks = [...text.querySelectorAll<HTMLElement>(".aw-block")];
  const far = new Set(
    blocks.filter((block) => {
      const { top, bottom } = block.getBoundingClientRect();
      return bottom < sight.top || top > sight.bottom;
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
    for (const box of boxes) bottom = Math.max(bottom, box.top + box.height);
    if (!boxes.length) continue;
    if (node.classList.contains("aw-image")) marks.push(...pictureOf(node, boxes[0] as Box));
    if (!node.classList.contains("aw-unit")) {
      if (node.classList.contains("aw-image")) continue;
    } else {
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

const SHOWN = ".aw-passage-title, .aw-role, .aw-image, .aw-unit";

function groundOf(node: HTMLElement, box: Box): SVGElement[] {
  const style = getComputedStyle(node);
  const { colour, opacity } = plainColour(style.backgroundColor) ?? { colour: "", opacity: 0 };
  const rect = { x: box.left, y: box.top, width: box.width, height: box.height };
  const rx = node.classList.contains("aw-patch") ? 0 : 3;
  const marks: SVGElement[] = [];
  if (opacity > 0) {
    const whole = opacity * Number(style.opacity);
    marks.push(
      svg("rect", { ...rect, rx, fill: colour, ...(whole < 1 ? { "fill-opacity": whole } : {}) }),
    );
  }
  if (node.classList.contains("aw-special")) {
    const { colour: stroke } = plainColour(style.borderTopColor) ?? { colour: "#888888" };
    marks.push(svg("rect", { ...rect, rx: 3, fill: "none", stroke, "stroke-dasharray": "3 2" }));
  }
  return marks;
}

function framesOf(node: HTMLElement, box: Box): SVGElement[] {
  const style = getComputedStyle(node);
  const x2 = box.left + box.width;
  const y = box.top + box.height + 1;
  const line = { x1: box.left, x2, y1: y, y2: y };
  const ink = plainColour(style.color)?.colour ?? "#000000";
  const marks: SVGElement[] = [];
  if (node.classList.contains("aw-generated")) {
    marks.push(svg("line", { ...line, stroke: ink, "stroke-width": 1, "stroke-dasharray": "1 2" }));
  }
  for (const side of ["above", "below"] as const) {
    if (!node.classList.contains(`aw-${side}`)) continue;
    const style = { "font-size": 8, fill: ink, "text-anchor": "end" };
    marks.push(textAt(x2 - 1, box.top + 9, MARKS[side], style));
  }
  if (node.classList.contains("aw-found-now")) {
    const around = {
      x: box.left - 3,
      y: box.top - 3,
      width: box.width + 6,
      height: box.height + 6,
    };
    marks.push(
      svg("rect", {
        ...around,
        fill: "none",
        stroke: ink,
        "stroke-width": 2,
        "stroke-dasharray": "4 3",
      }),
    );
  }
  if (node.classList.contains("aw-found")) {
    marks.push(svg("line", { ...line, stroke: ink, "stroke-width": 3 }));
  }
  if (node.classList.contains("aw-selected-key")) {
    const { colour: stroke = ink } = shadowOf(style) ?? {};
    marks.push(svg("line", { ...line, stroke, "stroke-width": 3 }));
  }
  const width = Math.max(
    0,
    ...FRAMES.map(([name, size]) => (node.classList.contains(name) ? size : 0)),
  );
  const stroke = shadowOf(style)?.colour;
  if (width && stroke) {
    marks.push(
      svg("rect", {
        x: box.left - width / 2,
        y: box.top - width / 2,
        width: box.width + width,
        height: box.height + width,
        rx: 3,
        fill: "none",
        stroke,
        "stroke-width": width,
      }),
    );
  }
  return marks;
}

const shadowOf = ({ boxShadow }: CSSStyleDeclaration) =>
  plainColour(/^(?:\w+\([^)]*\))/.exec(boxShadow)?.[0] ?? "");

/** The image is a custom property, so that it is in the page once. */
function pictureOf(node: HTMLElement, box: Box): SVGElement[] {
  const [, href] =
    /url\("?(data:image\/png;[^")]+)"?\)/.exec(getComputedStyle(node).backgroundImage) ?? [];
  if (!href) return [];
  const place = { x: box.left, y: box.top, width: box.width, height: box.height };
  return [svg("image", { ...place, href, preserveAspectRatio: "none" })];
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
  let at = 0;
  for (const { segment } of new Intl.Segmenter().segment(content.data)) {
    const box = boxOf(at, at + segment.length);
    at += segment.length;
    const run = runs[runs.length - 1];
    if (!box) continue;
    if (box.top > bottom) break;
    if (run && Math.abs(run.box.top - box.top) < 2) {
      run.text += segment;
      run.box = around(run.box, box);
    } else runs.push({ text: segment, box, node, colour, score: null });
  }
  return runs.filter((run) => run.text.trim());
}

function scoreOf(node: HTMLElement, place: (rect: DOMRect) => Box): Run["score"] {
  const [rect] = node.getClientRects();
  const text = node.dataset.score;
  if (!text || !rect) return null;
  const { left, width } = place(rect);
  return { text, right: left + width - SPECIAL_PADDING };
}

function around(a: Box, b: Box): Box {
  const [left, top] = [Math.min(a.left, b.left), Math.min(a.top, b.top)];
  const right = Math.max(a.left + a.width, b.left + b.width);
  const bottom = Math.max(a.top + a.height, b.top + b.height);
  return { left, top, width: right - left, height: bottom - top };
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
    const box = word.map((run) => run.box).reduce(around);
    const style = getComputedStyle(first.node);
    const size = Number.parseFloat(style.fontSize);
    const baseline = box.top + ascentOf(style, box.height, size);
    const node = textAt(box.left + box.width / 2, baseline, "", {
      "font-size": size,
      "text-anchor": "middle",
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
  const gap =
    Math.max(a.box.left, b.box.left) - Math.min(a.box.left + a.box.width, b.box.left + b.box.width);
  return isText(a) && isText(b) && Math.abs(a.box.top - b.box.top) < 2 && Math.abs(gap) < 0.6;
};

/** Of the first line's box, which is as high as its font. */
function ascentOf(style: CSSStyleDeclaration, height: number, size: number): number {
  const font = fontHeights(`${style.fontWeight} ${size}px ${style.fontFamily}`);
  return font ? (height - font.up - font.down) / 2 + font.up : height * 0.8;
}
