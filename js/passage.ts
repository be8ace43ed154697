/** One text in nodes: a span for each unit, in blocks, with the patches of an image as a picture. */

import { h } from "./dom";
import { formatNumber, HEAT_CLASSES, heatClass, heatStep } from "./scales";
import type { Piece } from "./search";
import type { Text } from "./sides";
import { segmentStarts } from "./story";
import type { Unit } from "./units";

/** Units in one block of a long text, at least: blocks end where lines do. */
const BLOCK_UNITS = 200;

export type Mark =
  | "aw-hovered"
  | "aw-selected"
  | "aw-selected-key"
  | "aw-pinned"
  | "aw-found"
  | "aw-found-now";

export interface Content {
  text: Text;
  units: readonly Unit[];
  roles: readonly string[];
  image: readonly number[] | null;
  /** Special tokens are left out. */
  hideSpecial: boolean;
  /** What the picture is called. */
  imageName: string;
}

/** Of the units: how high each stands, and which pin it is nearest to. */
export interface Colours {
  scores: ArrayLike<number>;
  limits: readonly [number, number];
  steps: number;
  hues: ArrayLike<number> | null;
}

export interface Passage {
  readonly element: HTMLElement;
  build(content: Content): void;
  title(text: string): void;
  colour(colours: Colours | null): void;
  /** From now on these and no other units are marked so. */
  mark(kind: Mark, units: readonly number[]): void;
  nodeOf(unit: number): HTMLElement | undefined;
}

/** Colours that pins have before they come again: rules `aw-hue-0` and on in scores.css. */
export const HUES = 6;

const NO_COLOUR = 0;
/** Each pair of a step and a hue, 0 for no hue, as one number above `NO_COLOUR`. */
const paintOf = (step: number, hue: number) => 1 + step + HEAT_CLASSES * hue;

export function passage(side: "query" | "key"): Passage {
  const name = h("div", { class: "aw-passage-title", hidden: true });
  const words = h("div", { class: "aw-words" });
  const element = h("div", { class: "aw-passage", "data-side": side }, name, words);
  let nodes: (HTMLElement | undefined)[] = [];
  let shown: readonly Unit[] = [];
  let painted = new Uint16Array();
  const marked = new Map<Mark, readonly number[]>();

  function paint(unit: number, step: number, hue: number): void {
    const node = nodes[unit];
    const before = painted[unit] ?? NO_COLOUR;
    const now = step < 0 ? NO_COLOUR : paintOf(step, hue);
    if (!node || before === now) return;
    if (before) node.classList.remove(...classesOf(before));
    if (now) node.classList.add(...classesOf(now));
    painted[unit] = now;
  }

  return {
    element,
    title(text) {
      name.hidden = !text;
      name.textContent = text;
    },
    build(content) {
      const { text, units, image, imageName } = content;
      shown = units;
      painted = new Uint16Array(units.length);
      marked.clear();
      nodes = units.map((unit, index) =>
        isHidden(unit, content) ? undefined : unitNode(unit, index, text),
      );
      const starts = segmentStarts(text.tokens, content.roles);
      const patches: HTMLElement[] = [];
      const blocks: HTMLElement[] = [];
      let parts: (Node | string)[] = [];
      let count = 0;
      const endBlock = () => {
        blocks.push(h("div", { class: "aw-block" }, ...parts));
        parts = [];
        count = 0;
      };
      units.forEach((unit, index) => {
        const node = nodes[index];
        const token = text.tokens[unit.tokens[0] ?? -1];
        if (node && token?.box && image) {
          node.setAttribute("role", "img");
          node.setAttribute("aria-label", token.label);
          patches.push(placed(node, token.box, image));
          return;
        }
        const role = unit.tokens.map((one) => starts.get(one)).find((each) => each);
        let { lead } = unit;
        if (count >= BLOCK_UNITS && (role !== undefined || lead.includes("\n"))) {
          // The end of a block breaks the line, as the first break before the unit would.
          const cut = lead.indexOf("\n") + 1;
          parts.push(lead.slice(0, cut));
          lead = lead.slice(cut);
          endBlock();
        }
        if (role !== undefined) parts.push(h("div", { class: "aw-role" }, role));
        parts.push(lead, ...(node ? [node] : []), unit.trail);
        count += 1;
        if (count >= BLOCK_UNITS && /\n$/.test(unit.text + unit.trail)) endBlock();
      });
      const picture = patches.length && image ? [pictureOf(patches, image, imageName)] : [];
      if (blocks.length && parts.length) endBlock();
      words.replaceChildren(...picture, ...blocks, ...parts);
    },
    colour(colours) {
      for (let unit = 0; unit < shown.length; unit++) {
        const score = colours?.scores[unit] ?? Number.NaN;
        if (shown[unit]?.special) {
          const node = nodes[unit];
          const number = Number.isNaN(score) ? "" : formatNumber(score);
          if (node && node.dataset.score !== number) node.dataset.score = number;
          continue;
        }
        const step = colours ? heatStep(score, colours.limits, colours.steps) : -1;
        const hue = colours?.hues ? 1 + ((colours.hues[unit] ?? 0) % HUES) : 0;
        paint(unit, step, hue);
      }
    },
    mark(kind, units) {
      const before = marked.get(kind) ?? [];
      const now = new Set(units);
      for (const unit of before) if (!now.has(unit)) nodes[unit]?.classList.remove(kind);
      for (const unit of now) nodes[unit]?.classList.add(kind);
      marked.set(kind, units);
    },
    nodeOf: (unit) => nodes[unit],
  };
}

/** The text as it is shown. */
export const piecesOf = (content: Content): Piece[] =>
  content.units.flatMap((unit, index) => [
    { text: unit.lead, unit: -1 },
    { text: isHidden(unit, content) ? "" : wordsOf(unit, content.text), unit: index },
    { text: unit.trail, unit: -1 },
  ]);

const isHidden = (unit: Unit, { hideSpecial }: Content) => unit.special && hideSpecial;

const timedOf = (unit: Unit, { tokens }: Text) =>
  unit.tokens.some((token) => (tokens[token]?.time ?? null) !== null);

/** Of sound its time. */
const wordsOf = (unit: Unit, text: Text): string =>
  unit.text || (timedOf(unit, text) ? (text.tokens[unit.tokens[0] ?? -1]?.label ?? "") : "");

const classesOf = (paint: number): string[] => {
  const hue = Math.floor((paint - 1) / HEAT_CLASSES);
  const step = heatClass((paint - 1) % HEAT_CLASSES);
  return hue ? [step, `aw-hue-${hue - 1}`] : [step];
};

function unitNode(unit: Unit, index: number, text: Text): HTMLElement {
  const words = wordsOf(unit, text);
  const node = h("span", { class: "aw-unit", "data-unit": index }, words);
  if (unit.special) node.classList.add("aw-special");
  if (!words) node.classList.add("aw-empty");
  if (timedOf(unit, text)) node.classList.add("aw-frame");
  const generated = unit.tokens.some((token) => (text.tokens[token]?.step ?? null) !== null);
  if (generated) node.classList.add("aw-generated");
  return node;
}

function placed(node: HTMLElement, box: readonly number[], image: readonly number[]): HTMLElement {
  const [left = 0, top = 0, right = 0, bottom = 0] = box;
  const [height = 1, width = 1] = image;
  node.classList.remove("aw-empty");
  node.classList.add("aw-patch");
  node.textContent = "";
  node.style.left = `${(100 * left) / width}%`;
  node.style.top = `${(100 * top) / height}%`;
  node.style.width = `${(100 * (right - left)) / width}%`;
  node.style.height = `${(100 * (bottom - top)) / height}%`;
  return node;
}

/** The image, and beside it the same under the colours of its patches. */
function pictureOf(
  patches: readonly HTMLElement[],
  [height = 1, width = 1]: readonly number[],
  name: string,
) {
  const plain = h("div", { class: "aw-image", role: "img", "aria-label": name });
  const heat = h("div", { class: "aw-image aw-heatmap" }, ...patches);
  for (const each of [plain, heat]) each.style.aspectRatio = `${width} / ${height}`;
  return h("div", { class: "aw-pictures" }, plain, heat);
}
