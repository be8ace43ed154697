/** What colours mean: one description, beside the picture on screen and in a figure of it. */

import { h } from "../browser/dom";
import { svg, textAt } from "../browser/svg";
import { hatchCss, hatchMark } from "./hatch";
import { textWidth } from "./text_width";

/** A scale: its colours from left to right, and what its ends stand for. */
export interface Scale {
  ramp: readonly string[];
  low: string;
  high: string;
  label?: string;
  /** Long enough for numbers on both sides of 0. */
  isWide?: boolean;
  /** Below it, each at a share of its length. */
  ticks?: readonly Tick[];
  /** What lies beyond the ends. */
  beyond?: readonly string[];
  /** For who points at it. */
  about?: string;
  /** More ramps of the same ends, each with what it is of. */
  stack?: readonly { ramp: readonly string[]; label: string }[];
}

export interface Tick {
  at: number;
  label: string;
}

/** A colour and its meaning; with lines of another colour across it. */
interface Swatch {
  colour: string;
  label: string;
  hatch?: string;
}

/** A letter that stands on pictures, and its meaning. */
interface Letter {
  letter: string;
  label: string;
}

export type LegendItem = Scale | Swatch | Letter;

const TICK_SIZE = 9;
const TICK_GAP = 4;

/** Those that stand clear of each other and within the ramp; the higher ones go first. */
export function withRoom(ticks: readonly Tick[], width: number): Tick[] {
  const kept: Tick[] = [];
  let end = width;
  for (const tick of [...ticks].sort((a, b) => b.at - a.at)) {
    const half = textWidth(tick.label, TICK_SIZE) / 2;
    const place = tick.at * width;
    if (place + half > end || place - half < 0) continue;
    kept.unshift(tick);
    end = place - half - TICK_GAP;
  }
  return kept;
}

// ---- on screen -----------------------------------------------------------------------------------

const SCREEN_RAMP = { usual: 64, wide: 128 };

const drawn = new WeakMap<HTMLElement, string>();

export function drawLegend(element: HTMLElement, items: readonly LegendItem[]): void {
  const now = JSON.stringify(items);
  if (drawn.get(element) === now) return;
  drawn.set(element, now);
  element.replaceChildren(...items.map(legendNode));
}

function legendNode(item: LegendItem): HTMLElement {
  if ("letter" in item) {
    return h("span", { class: "aw-legend-item" }, h("b", {}, item.letter), " ", item.label);
  }
  if (!("ramp" in item)) {
    const swatch = h("i", { class: "aw-swatch", "aria-hidden": "true" });
    swatch.style.background = item.hatch ? hatchCss(item.colour, item.hatch) : item.colour;
    return h("span", { class: "aw-legend-item" }, swatch, item.label);
  }
  const { stack, label = "", low, high, ticks = [], beyond = [], about = "" } = item;
  const ramps = (stack ?? [item]).map(({ ramp }) => {
    const node = h("i", {});
    node.style.background = `linear-gradient(to right, ${ramp.join(", ")})`;
    return node;
  });
  const ramp = h("span", { class: "aw-ramp", "aria-hidden": "true" }, ...ramps);
  const width = SCREEN_RAMP[item.isWide ? "wide" : "usual"];
  ramp.style.width = `${width}px`;
  const words = beyond.join("  ");
  const marks = withRoom(ticks, width).map((tick) => {
    const mark = h("small", {}, tick.label);
    mark.style.left = `${100 * tick.at}%`;
    return mark;
  });
  return h(
    "span",
    { class: "aw-legend-item", ...(about ? { title: about } : {}) },
    stack ? "" : label,
    h("span", { class: "aw-legend-low" }, low),
    marks.length ? h("span", { class: "aw-ramp-frame" }, ramp, ...marks) : ramp,
    h("span", { class: "aw-legend-high" }, high),
    ...(words ? [" ", h("span", { class: "aw-legend-beyond" }, words)] : []),
  );
}

// ---- in a figure ---------------------------------------------------------------------------------

export const LEGEND_HEIGHT = 24;
const SIZE = 12;
const RAMP = { width: 120, height: 10 };

/** What stands in a figure: no stacks, and all words together. */
type Single = {
  ramp: readonly string[];
  before: string;
  after: string;
  ticks: readonly Tick[];
};

function singles(item: LegendItem): (Single | Swatch | Letter)[] {
  if (!("ramp" in item)) return [item];
  const after = [item.high, ...(item.beyond ?? [])].filter(Boolean).join("  ");
  const { ticks = [] } = item;
  return (item.stack ?? [{ ramp: item.ramp, label: item.label ?? "" }]).map(({ ramp, label }) => ({
    ramp,
    before: `${label ? `${label}  ` : ""}${item.low}`,
    after,
    ticks,
  }));
}

/** As many rows as they take side by side. */
export function legendRows(
  items: readonly LegendItem[],
  width: number,
  soft: string,
): SVGElement[][] {
  const rows: SVGElement[][] = [];
  let x = 0;
  for (const item of items.flatMap(singles)) {
    const isRamp = "ramp" in item;
    const words = textWidth(isRamp ? item.before : item.label, SIZE);
    const size = words + 26 + (isRamp ? RAMP.width + 8 + textWidth(item.after, SIZE) : 16);
    const row = rows[rows.length - 1];
    const isNext = row !== undefined && x + size <= width;
    if (!isNext) x = 0;
    const mark = svg("g", { transform: `translate(${x} 0)` }, ...markOf(item, words, soft));
    if (isNext) row.push(mark);
    else rows.push([mark]);
    x += size;
  }
  return rows;
}

function markOf(item: Single | Swatch | Letter, words: number, soft: string): SVGElement[] {
  const style = { "font-size": SIZE, fill: soft };
  if ("letter" in item) {
    const bold = { ...style, "font-weight": 700 };
    return [textAt(0, 11, item.letter, bold), textAt(16, 11, item.label, style)];
  }
  if (!("ramp" in item)) {
    return [
      svg("rect", { width: 11, height: 11, y: 1, rx: 2, fill: item.colour }),
      ...(item.hatch ? [hatchMark({ x: 0, y: 1, width: 11, height: 11 }, item.hatch)] : []),
      textAt(16, 11, item.label, style),
    ];
  }
  const start = words + 6;
  const step = RAMP.width / item.ramp.length;
  const small = { "font-size": TICK_SIZE, fill: soft, "text-anchor": "middle" };
  return [
    textAt(0, 11, item.before, style),
    ...item.ramp.map((fill, index) =>
      svg("rect", {
        x: start + index * step,
        y: 1,
        width: step + 0.5, // no seams between neighbours
        height: RAMP.height,
        fill,
      }),
    ),
    ...withRoom(item.ticks, RAMP.width).map(({ at, label }) =>
      textAt(start + at * RAMP.width, 20, label, small),
    ),
    textAt(start + RAMP.width + 6, 11, item.after, style),
  ];
}
