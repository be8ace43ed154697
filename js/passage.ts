/** One text in nodes: a span for each unit, in blocks, with the patches of an image as a picture. */

import { h } from "./dom";
import { formatNumber, heatClass } from "./scales";
import type { Text } from "./sides";
import { segmentStarts } from "./story";
import type { Unit } from "./units";

/** Units in one block of a long text. */
const BLOCK_UNITS = 400;

export type Mark = "aw-hovered" | "aw-selected" | "aw-pinned";

export interface Passage {
  readonly element: HTMLElement;
  build(text: Text, units: readonly Unit[], roles: readonly string[], image: number[] | null): void;
  title(text: string): void;
  /** Of the units; without limits there is no colour. */
  colour(scores: readonly number[] | null, limits: readonly [number, number] | null): void;
  mark(marks: readonly (readonly [Mark, number | null])[]): void;
  nodeOf(unit: number): HTMLElement | undefined;
}

export function passage(side: "query" | "key"): Passage {
  const name = h("div", { class: "aw-passage-title", hidden: true });
  const words = h("div", { dir: "auto" });
  const element = h("div", { class: "aw-passage", "data-side": side }, name, words);
  let nodes: HTMLElement[] = [];
  let shown: readonly Unit[] = [];
  let marked: HTMLElement[] = [];

  return {
    element,
    title(text) {
      name.hidden = !text;
      name.textContent = text;
    },
    build(text, units, roles, image) {
      shown = units;
      nodes = units.map((unit, index) => unitNode(unit, index, text));
      const starts = segmentStarts(text.tokens, roles);
      const parts: (Node | string)[] = [];
      const blocks: HTMLElement[] = [];
      const patches: HTMLElement[] = [];
      units.forEach((unit, index) => {
        const node = nodes[index];
        if (!node) return;
        const box = text.tokens[unit.tokens[0] ?? -1]?.box;
        if (box && image) {
          node.setAttribute("role", "img");
          node.setAttribute("aria-label", text.tokens[unit.tokens[0] ?? -1]?.label ?? "");
          patches.push(placed(node, box, image));
          return;
        }
        const role = unit.tokens.map((token) => starts.get(token)).find((each) => each);
        if (role !== undefined) parts.push(h("div", { class: "aw-role" }, role));
        parts.push(unit.lead, node, unit.trail);
        // Long texts are laid out block by block, and only what is in sight.
        const ends = /\n/.test(unit.trail) || /\n/.test(units[index + 1]?.lead ?? "");
        if (units.length > BLOCK_UNITS && ends && parts.length > 3 * BLOCK_UNITS) {
          blocks.push(h("div", { class: "aw-block" }, ...parts.splice(0)));
        }
      });
      const picture = patches.length && image ? [pictureOf(patches, image)] : [];
      words.replaceChildren(...picture, ...blocks, ...parts);
    },
    colour(scores, limits) {
      nodes.forEach((node, unit) => {
        const score = scores?.[unit] ?? Number.NaN;
        const special = shown[unit]?.special ?? false;
        const heat = limits && !special ? heatClass(score, limits) : null;
        if (node.dataset.heat !== (heat ?? "")) {
          node.classList.remove(node.dataset.heat || "aw-no-heat");
          node.dataset.heat = heat ?? "";
          if (heat) node.classList.add(heat);
        }
        if (special) node.dataset.score = Number.isNaN(score) ? "" : formatNumber(score);
      });
    },
    mark(marks) {
      for (const node of marked) node.classList.remove("aw-hovered", "aw-selected", "aw-pinned");
      marked = marks.flatMap(([kind, unit]) => {
        const node = unit === null ? undefined : nodes[unit];
        node?.classList.add(kind);
        return node ?? [];
      });
    },
    nodeOf: (unit) => nodes[unit],
  };
}

function unitNode(unit: Unit, index: number, text: Text): HTMLElement {
  const tokens = unit.tokens.flatMap((token) => text.tokens[token] ?? []);
  const timed = tokens.some(({ time }) => time !== null);
  const words = unit.text || (timed ? (tokens[0]?.label ?? "") : "");
  const node = h("span", { class: "aw-unit", "data-unit": index }, words);
  if (unit.special) node.classList.add("aw-special");
  if (!words) node.classList.add("aw-empty");
  if (timed) node.classList.add("aw-frame");
  if (tokens.some(({ step }) => step !== null)) node.classList.add("aw-generated");
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
function pictureOf(patches: readonly HTMLElement[], [height = 1, width = 1]: readonly number[]) {
  const plain = h("div", { class: "aw-image", role: "img", "aria-label": "The image" });
  const heat = h("div", { class: "aw-image aw-heatmap" }, ...patches);
  for (const each of [plain, heat]) each.style.aspectRatio = `${width} / ${height}`;
  return h("div", { class: "aw-pictures" }, plain, heat);
}
