/** One of the two lists of tokens: queries or keys, each with its weight where one is looked at. */

import type { ReadonlySignal } from "@preact/signals-core";
import { h } from "../../browser/dom";
import { drawLabel, linkKeys, linkRows, markRow, SINK } from "../../controls/token_list";
import { type Track, virtualRows } from "../../controls/virtual_rows";
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
  /** Draws again what is in sight. */
  refresh(count: number, fit: Fit): void;
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
  const shiftOf = new WeakMap<HTMLElement, string>();
  const rows = virtualRows(scroller, isKeys ? "aw-keys" : "aw-queries", draw, track);
  scroller.append(rows.element);
  linkRows(rows.element, as, state, abort);
  linkKeys(scroller, as, state, abort, track);

  function draw(node: HTMLElement, index: number): void {
    if (!node.firstChild) {
      const parts = [
        h("span", { class: "aw-label", dir: "auto" }),
        h("span", { class: "aw-heads", "aria-hidden": "true" }),
        h("span", { class: "aw-weight" }),
      ];
      node.append(...(isKeys ? parts : parts.reverse()));
    }
    const [first, heads, last] = node.children as unknown as HTMLElement[];
    const [label, weight] = isKeys ? [first, last] : [last, first];
    if (!label || !heads || !weight) return;
    const { queries, keys } = state.sides.value;
    const { tokens } = isKeys ? keys : queries;
    const isSink = index >= tokens.length;
    node.classList.toggle("aw-sink", isSink);
    if (isSink) delete node.dataset.token;
    drawLabel(label, isSink ? { ...SINK, label: state.say(LINES.sink) } : tokens[index], state);
    markRow(node, index, as, state);
    node.classList.toggle("aw-unnamed", named !== null && !named.has(index));
    const shift = `${named?.get(index) ?? 0}px`;
    if (shiftOf.get(node) !== shift) node.style.setProperty("--aw-shift", shift);
    shiftOf.set(node, shift);
    const value = weightAt(shown.value, as, index, isSink);
    const said = value === undefined ? "" : state.numbers.weight(value);
    if (weight.textContent !== said) weight.textContent = said;
    if (isKeys) drawBlocks(heads, value === undefined ? [] : blocksOf(state, shown.value, index));
  }

  function refresh(count: number, { thinned, pitch }: Fit): void {
    named = thinned ? namedRows(mattering(as, state, shown.value, count), count, pitch) : null;
    rows.refresh(count);
  }

  return { scroller, rows: rows.element, refresh };
}

const NUMBERED = 5;

/** Rows whose labels are there even where others have to go. */
function mattering(as: Hover["as"], state: AppState, shown: ShownLines, count: number): number[] {
  const { hovered, selected, selectedKey, sides } = state;
  const isKeys = as === "key";
  const { tokens } = isKeys ? sides.value.keys : sides.value.queries;
  const rows = [(isKeys ? selectedKey : selected).value];
  if (hovered.value?.as === as) rows.push(hovered.value.token);
  if (shown.of === (isKeys ? "query" : "key")) {
    const weights = Float32Array.from(shown.weights, (weight) => Math.max(0, weight || 0));
    rows.push(...strongest(weights, NUMBERED));
  }
  if (count > tokens.length) rows.push(count - 1); // the sink
  return rows.flatMap((row) => row ?? []);
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
function blocksOf(state: AppState, { slotRows, slotSinks }: ShownLines, key: number): string[] {
  const colours = slotWeightColours(state);
  return (slotRows ?? []).map((weights, slot) => {
    const weight = key >= weights.length ? slotSinks[slot] : weights[key];
    return colours[slot]?.css(weight || 0) ?? "";
  });
}

/** The nodes stay: new ones for each row under the mouse would take longer than all else. */
function drawBlocks(element: HTMLElement, colours: readonly string[]): void {
  const { children } = element;
  if (colours.length && children.length !== colours.length) {
    element.replaceChildren(...colours.map(() => h("i", {})));
  }
  element.classList.toggle("aw-none", !colours.length);
  colours.forEach((colour, slot) => {
    const block = children[slot] as HTMLElement;
    if (drawnIn.get(block) === colour) return;
    drawnIn.set(block, colour);
    block.style.backgroundColor = colour;
  });
}

const drawnIn = new WeakMap<HTMLElement, string>();
