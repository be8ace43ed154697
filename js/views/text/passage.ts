/** One text in nodes: a span for each unit, in blocks, with the patches of an image as a picture. */

import { h, onAbort } from "../../browser/dom";
import { type Range, sideOf } from "../../draw/range";
import { heatClass } from "../../draw/scales";
import { segmentStarts } from "../../language/descriptions";
import type { Text } from "../../trace/sides";
import type { Unit } from "../../trace/units";
import { type Blocks, blocksOf, type Part } from "./blocks";
import { type Fold, type Folded, foldOf } from "./folds";
import { colouredPart, pictureOf, placed, strengthen } from "./picture";
import type { Piece } from "./search";

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
  /** What so many tokens of a chat's template are called. */
  foldName(count: number): string;
}

/** Of the units: how high each stands, and which pin it is nearest to. */
export interface Colours {
  scores: ArrayLike<number>;
  /** What lies beyond it is marked. */
  range: Range;
  /** Of a score the step of its colour, -1 for none. */
  stepOf(score: number): number;
  hues: ArrayLike<number> | null;
  /** A score as it is printed. */
  write(score: number): string;
  /** The scores of several add up, as attention does. */
  adds: boolean;
}

export interface Passage {
  readonly element: HTMLElement;
  build(content: Content): void;
  title(text: string): void;
  /** Of a long text first what is in sight of the scroller, and the rest in the next frames. */
  colour(colours: Colours | null, scroller: Element): void;
  /** The width is another. */
  cut(): void;
  /** From now on these and no other units are marked so. */
  mark(kind: Mark, units: readonly number[]): void;
  nodeOf(unit: number): HTMLElement | undefined;
}

/** Colours that pins have before they come again: rules `aw-hue-0` and on in draw/scores.css. */
export const HUES = 6;

/** Units that are coloured in one frame, beside those in sight. */
const AT_ONCE = 800;

export function passage(side: "query" | "key", abort: AbortSignal): Passage {
  const name = h("div", { class: "aw-passage-title", hidden: true });
  const pictures = h("div");
  const words = h("div", { class: "aw-words" });
  const element = h("div", { class: "aw-passage", "data-side": side }, name, pictures, words);
  let nodes: (HTMLElement | undefined)[] = [];
  let shown: readonly Unit[] = [];
  /** Classes of their colours. */
  let painted: string[] = [];
  let blocks: Blocks | null = null;
  let folds: readonly Fold[] = [];
  let frame = 0;
  onAbort(abort, () => cancelAnimationFrame(frame));
  const marked = new Map<Mark, readonly number[]>();

  function paint(unit: number, colours: Colours | null): void {
    const node = nodes[unit];
    if (!node) return;
    if (shown[unit]?.special) {
      const score = colours?.scores[unit] ?? Number.NaN;
      const number = Number.isNaN(score) ? "" : (colours?.write(score) ?? "");
      if (node.dataset.score !== number) node.dataset.score = number;
      return;
    }
    const before = painted[unit];
    const now = colours ? classesOf(unit, colours) : "";
    if (before === now) return;
    const coloured = colouredPart(node);
    if (before) coloured.classList.remove(...before.split(" "));
    if (now) coloured.classList.add(...now.split(" "));
    if (coloured !== node) strengthen(coloured, now);
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
      painted = units.map(() => "");
      marked.clear();
      nodes = units.map((unit, index) =>
        isHidden(unit, content) ? undefined : unitNode(unit, index, text),
      );
      const starts = segmentStarts(text.tokens, content.roles);
      const roleOf = (unit: Unit | undefined) =>
        unit?.tokens.map((one) => starts.get(one)).find((each) => each !== undefined);
      const foldedAt = foldsOf(content, nodes, roleOf);
      folds = [...new Set(foldedAt.values())];
      const patches: HTMLElement[] = [];
      const parts = units.map((unit, index): Part | null => {
        const node = nodes[index] ?? null;
        const token = text.tokens[unit.tokens[0] ?? -1];
        if (node && token?.box && image) {
          patches.push(placed(node, token.box, image, token.label));
          return null;
        }
        const fold = foldedAt.get(index);
        const before = foldedAt.get(index - 1);
        const role = roleOf(unit);
        const heading = role === undefined ? null : headingOf(role, before);
        const said = unit.special ? "" : unit.text;
        const isFirst = fold?.units[0] === index;
        // What is no turn stands in the heading of the next one.
        const follows = fold && roleOf(units[(fold.units.at(-1) ?? index) + 1]) !== undefined;
        const isHere = isFirst && (fold.isTurn || !follows);
        const own = fold ? (isHere ? fold.element : null) : node;
        return { heading, lead: unit.lead, node: own, trail: unit.trail, text: said };
      });
      const picture = patches.length && image ? [pictureOf(patches, image, imageName)] : [];
      pictures.replaceChildren(...picture);
      blocks = blocksOf(words, parts);
    },
    cut: () => blocks?.cut(),
    colour(colours, scroller) {
      cancelAnimationFrame(frame);
      const paintAll = (from: number, to: number) => {
        for (let unit = from; unit < to; unit++) paint(unit, colours);
      };
      for (const fold of folds) paintFold(fold, colours);
      for (const [first, end] of blocks?.inSight(scroller) ?? []) paintAll(first, end);
      let next = 0;
      const paintMore = () => {
        paintAll(next, next + AT_ONCE);
        next += AT_ONCE;
        if (next < shown.length) frame = requestAnimationFrame(paintMore);
      };
      if (shown.length <= AT_ONCE) paintMore();
      // Not in the frame that shows what is in sight.
      else
        frame = requestAnimationFrame(() => {
          frame = requestAnimationFrame(paintMore);
        });
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

/** By unit, those of a chat that stand in no message. */
function foldsOf(
  content: Content,
  nodes: readonly (HTMLElement | undefined)[],
  roleOf: (unit: Unit | undefined) => string | undefined,
): ReadonlyMap<number, Fold> {
  const { units, text, roles, foldName } = content;
  const found = new Map<number, Fold>();
  if (!roles.length) return found;
  let run: Folded[] = [];
  units.forEach((unit, index) => {
    const node = nodes[index];
    const token = text.tokens[unit.tokens[0] ?? -1];
    if (!node || !token || !unit.special || token.segment !== null) return;
    run.push({ unit: index, node, label: token.label });
    const next = units[index + 1];
    const after = text.tokens[next?.tokens[0] ?? -1];
    if (next?.special && after?.segment === null) return;
    const fold = foldOf(run, roleOf(next) ?? "", foldName(run.length));
    for (const { unit: each } of run) found.set(each, fold);
    run = [];
  });
  return found;
}

function headingOf(role: string, fold: Fold | undefined): HTMLElement {
  const beside = fold && !fold.isTurn ? [fold.element] : [];
  return h("div", { class: "aw-turn" }, h("span", { class: "aw-role" }, role), ...beside);
}

/** What its tokens get together, where that means something. */
function paintFold({ element, units }: Fold, colours: Colours | null): void {
  let sum = 0;
  for (const unit of units) sum += colours?.scores[unit] || 0;
  const toggle = element.firstElementChild as HTMLElement;
  toggle.dataset.score = colours?.adds ? colours.write(sum) : "";
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

function classesOf(unit: number, { scores, range, stepOf, hues }: Colours): string {
  const score = scores[unit] ?? Number.NaN;
  const step = stepOf(score);
  if (step < 0) return "";
  const hue = hues ? ` aw-hue-${(hues[unit] ?? 0) % HUES}` : "";
  const side = sideOf(score, range);
  return heatClass(step) + hue + (side ? ` aw-${side}` : "");
}

const isPadding = ({ tokens }: Unit, text: Text): boolean =>
  tokens.every((token) => text.tokens[token]?.padding);

const LINE_BREAKS = /^[\n\v\f\r\u0085\u2028\u2029]+$/;

function unitNode(unit: Unit, index: number, text: Text): HTMLElement {
  const words = wordsOf(unit, text);
  const node = h("span", { class: "aw-unit", "data-unit": index }, words);
  if (unit.special) node.classList.add("aw-special");
  if (isPadding(unit, text)) node.classList.add("aw-padding");
  if (!words) node.classList.add("aw-empty");
  else if (LINE_BREAKS.test(words)) node.classList.add("aw-break");
  else if (!words.trim()) node.classList.add("aw-blank");
  if (timedOf(unit, text)) node.classList.add("aw-frame");
  const generated = unit.tokens.some((token) => (text.tokens[token]?.step ?? null) !== null);
  if (generated) node.classList.add("aw-generated");
  return node;
}
