/** One of the two lists of tokens: queries or keys, each with its weight where one is looked at. */

import type { ReadonlySignal } from "@preact/signals-core";
import { h } from "../../browser/dom";
import { drawLabel, linkKeys, linkRows, markRow, SINK } from "../../controls/token_list";
import { type Stretch, type Track, virtualRows } from "../../controls/virtual_rows";
import { weightInWords } from "../../draw/change_words";
import type { WeightColours } from "../../draw/weight_colours";
import { strongest } from "../../measures/edges";
import type { AppState, Hover } from "../../state/app_state";
import type { ShownLines } from "./data";
import type { Fit } from "./fit";
import { type Named, namedRows } from "./named";
import { slotWeightColours } from "./slots";
import { LINES } from "./texts";

export interface Column {
  readonly scroller: HTMLElement;
  readonly rows: HTMLElement;
  /** Draws again what is in sight: `sight` of `count` rows. */
  refresh(count: number, fit: Fit, sight: Stretch): void;
}

export function column(
  as: Hover["as"],
  state: AppState,
  shown: ReadonlySignal<ShownLines>,
  track: () => Track,
  abort: AbortSignal,
): Column {
  const isKeys = as === "key";
  const scroller = h("div", {
    class: `aw-scroll aw-${isKeys ? "keys" : "queries"}-scroll`,
    tabindex: 0,
    role: "group",
    "aria-label": state.say(isKeys ? LINES.keys : LINES.queries),
  });
  let named: Named | null = null; // all of them
  let told: Told = { isAll: true, rows: new Set() };
  let colours: WeightColours[] = [];
  const nodes = new WeakMap<HTMLElement, Parts>();
  const rows = virtualRows(scroller, isKeys ? "aw-keys" : "aw-queries", draw, track);
  scroller.append(rows.element);
  linkRows(rows.element, as, state, abort);
  linkKeys(scroller, as, state, abort, track);

  function partsOf(node: HTMLElement): Parts {
    const known = nodes.get(node);
    if (known) return known;
    const label = h("span", { class: "aw-label", dir: "auto" });
    const heads = h("span", { class: "aw-heads", "aria-hidden": "true" });
    const weight = document.createTextNode("");
    const number = h("span", { class: "aw-weight" }, weight);
    node.append(...(isKeys ? [label, heads, number] : [number, heads, label]));
    const parts = { label, heads, weight, shift: 0 };
    nodes.set(node, parts);
    return parts;
  }

  function draw(node: HTMLElement, index: number): void {
    const parts = partsOf(node);
    const { label, heads, weight } = parts;
    const { queries, keys } = state.sides.value;
    const { tokens } = isKeys ? keys : queries;
    const isSink = index >= tokens.length;
    node.classList.toggle("aw-sink", isSink);
    if (isSink) delete node.dataset.token;
    drawLabel(label, isSink ? { ...SINK, label: state.say(LINES.sink) } : tokens[index], state);
    markRow(node, index, as, state);
    const isNamed = named === null || named.has(index);
    label.classList.toggle("aw-unnamed", !isNamed);
    const shift = named?.get(index) ?? 0;
    if (parts.shift !== shift) {
      node.style.setProperty("--aw-shift", `${shift}px`);
      node.classList.toggle("aw-moved", shift !== 0);
    }
    parts.shift = shift;
    const isTold = told.isAll || told.rows.has(index);
    const value = isTold ? weightAt(shown.value, as, index, isSink) : undefined;
    const said = value === undefined || !isNamed ? "" : weightInWords(state, value);
    if (weight.data !== said) weight.data = said;
    if (!isKeys) return;
    const blocks = value === undefined ? [] : blocksOf(colours, shown.value, index);
    drawBlocks(heads, blocks);
    if (blocks.length) heads.classList.toggle("aw-thin", !isNamed);
  }

  function refresh(count: number, { thinned, pitch }: Fit, sight: Stretch): void {
    const { first, rest } = mattering(as, state, shown.value, count);
    named = thinned ? namedRows(first, count, pitch) : null;
    told = { isAll: pitch >= ROOMY_PITCH, rows: new Set([...first, ...rest]) };
    colours = isKeys ? slotWeightColours(state) : [];
    rows.refresh(count, sight);
  }

  return { scroller, rows: rows.element, refresh };
}

/** Of a row. */
interface Parts {
  label: HTMLElement;
  heads: HTMLElement;
  weight: Text;
  /** Of its label, in pixels. */
  shift: number;
}

/** Rows that have their numbers. */
interface Told {
  isAll: boolean;
  rows: ReadonlySet<number>;
}

/** Where rows lie closer, numbers beside all of them would be clutter. */
const ROOMY_PITCH = 18;

/** So many of the strongest are named, of those that have at least this share of the strongest. */
const NAMED = { most: 8, share: 0.01 };

/** What others of at least this weight have is told too. */
const TOLD_WEIGHT = 0.01;

/** Rows that matter, and those whose labels are there even where others have to go first. */
function mattering(
  as: Hover["as"],
  state: AppState,
  shown: ShownLines,
  count: number,
): { first: number[]; rest: number[] } {
  const { hovered, selected, selectedKey, sides } = state;
  const isKeys = as === "key";
  const { tokens } = isKeys ? sides.value.keys : sides.value.queries;
  const first = hovered.value?.as === as ? [hovered.value.token] : [];
  const { value: chosen } = isKeys ? selectedKey : selected;
  if (chosen !== null) first.push(chosen);
  if (count > tokens.length) first.push(count - 1); // the sink
  if (shown.of !== (isKeys ? "query" : "key")) return { first, rest: [] };
  const weights = Float32Array.from(shown.weights, (weight) => Math.abs(weight || 0));
  const strong = [...strongest(weights, NAMED.most)].sort(
    (a, b) => (weights[b] ?? 0) - (weights[a] ?? 0),
  );
  const least = NAMED.share * (weights[strong[0] ?? 0] ?? 0);
  first.push(...strong.filter((row) => (weights[row] ?? 0) > least));
  const rest: number[] = [];
  weights.forEach((weight, row) => {
    if (Math.abs(weight) >= TOLD_WEIGHT) rest.push(row);
  });
  return { first, rest };
}

/** The number beside a row; undefined where there is none. */
function weightAt(
  shown: ShownLines,
  as: Hover["as"],
  index: number,
  isSink: boolean,
): number | undefined {
  if (shown.of !== (as === "key" ? "query" : "key")) return undefined;
  return isSink ? (shown.sink ?? undefined) : shown.weights[index];
}

/** What each drawn head gives to a key, in the colour of the weight. */
function blocksOf(
  colours: readonly WeightColours[],
  { slotRows, slotSinks }: ShownLines,
  key: number,
): string[] {
  return (slotRows ?? []).map((weights, slot) => {
    const weight = key >= weights.length ? slotSinks[slot] : weights[key];
    return Number.isNaN(weight) ? "transparent" : (colours[slot]?.css(weight || 0) ?? "");
  });
}

/**
 * The nodes stay, and where there is nothing to show they have no colour: new ones for each row under
 * the mouse would take longer than all else.
 */
function drawBlocks(element: HTMLElement, colours: readonly string[]): void {
  const { children } = element;
  if (colours.length && children.length !== colours.length) {
    element.replaceChildren(...colours.map(() => h("i", {})));
  }
  for (const [slot, block] of [...children].entries()) {
    const colour = colours[slot] ?? "transparent";
    if (drawnIn.get(block) === colour) continue;
    drawnIn.set(block, colour);
    (block as HTMLElement).style.backgroundColor = colour;
  }
}

const drawnIn = new WeakMap<Element, string>();
