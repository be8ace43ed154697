/** The lists of queries and of keys with the lines between them: how they lie and scroll. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { h, on, onAbort } from "../../browser/dom";
import {
  DOWN,
  ROW_HEIGHT,
  revealer,
  type Stretch,
  scrollToMiddle,
  tellHeight,
} from "../../controls/virtual_rows";
import type { Inks } from "../../draw/inks";
import type { AppState } from "../../state/app_state";
import { areSideBySide, shownHeads } from "../../state/shown_heads";
import type { LayerHead } from "../../trace/layer_head";
import type { NumberFormat } from "../../trace/options";
import { type Column, column } from "./column";
import type { ShownLines } from "./data";
import { type Fit, labelFit, rowFit } from "./fit";
import type { Layout, Side } from "./layout";
import { leavingLabel } from "./leaving";
import { minimap } from "./minimap";
import { nameOf, slotColours } from "./slots";
import { LINES } from "./texts";

const STILL_AFTER_MS = 120;

/** Between the rows of queries and of keys where tokens stand side by side, and of each head apart. */
const DEPTH = { together: 210, apart: 96 };

/** Of a weight, in each format; of its sign; and of who speaks. */
const NUMBER_ROOM: Record<NumberFormat, number> = { short: 32, standard: 38, full: 74 };
const SIGN_ROOM = 4;
const ROLE_ROOM = 52;

/** A lane as broad as `name` names its head; a narrower one has its number, or every second has. */
const LANE_OF = {
  head: { name: 72, number: 15, short: ({ head }: LayerHead) => String(head) },
  pair: { name: 118, number: 36, short: ({ layer, head }: LayerHead) => `${layer}·${head}` },
};

export interface Columns {
  readonly element: HTMLElement;
  /** Both lists, the lines and what they are called. */
  readonly parts: readonly HTMLElement[];
  /** Where the lines are. */
  readonly middle: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Under it, for the lines that nobody points at. */
  readonly ground: HTMLCanvasElement;
  readonly keyRows: HTMLElement;
  readonly isScrolling: ReadonlySignal<boolean>;
  layout(): Layout;
  /** Draws all but the lines, which lie as is returned; what was newly selected comes into sight. */
  draw(inks: Inks): Layout;
}

export function columns(
  state: AppState,
  shown: ReadonlySignal<ShownLines>,
  abort: AbortSignal,
): Columns {
  const { say } = state;
  const trackNow = () => track;
  const queries = column("query", state, shown, trackNow, abort);
  const keys = column("key", state, shown, trackNow, abort);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const ground = h("canvas", { class: "aw-ground", "aria-hidden": "true" });
  const leaving = leavingLabel(state, (side, row) => scrollTo(side, placeIn(row)), abort);
  const middle = h("div", { class: "aw-lines-middle" }, ground, canvas, leaving.element);
  const lanes = h("div", { class: "aw-lanes", "aria-hidden": "true" });
  const map = minimap(state, scrollTo, abort);
  const parts = [
    h("span", { class: "aw-of-queries", "aria-hidden": "true" }, say(LINES.query)),
    h("span", { class: "aw-of-keys", "aria-hidden": "true" }, say(LINES.key)),
    queries.scroller,
    middle,
    keys.scroller,
    lanes,
  ];
  const element = h("div", { class: "aw-lines" }, ...parts, map.element);
  const isVertical = () => state.direction.value === "vertical";

  let fit: Fit = rowFit([], 0, 0);
  let track = DOWN;

  const placeIn = (row: number) => (row + 0.5) * track.pitch;

  let fitted = "";
  let styled: Fit | null = null;

  /** What is said of the row under the mouse may take more room; the row stays where it is. */
  function fitRows({ query, key }: Record<Side, number>): void {
    const { queries, keys } = state.sides.value;
    const lists = [queries.tokens, keys.tokens];
    const count = Math.max(query, key);
    const now = `${isVertical()} ${count}`;
    if (state.hovered.value !== null && now === fitted) return;
    fitted = now;
    fit = isVertical()
      ? rowFit(lists, count, middle.clientHeight)
      : labelFit(lists, count, element.clientWidth);
    track = { vertical: isVertical(), pitch: fit.pitch };
  }

  function layout(): Layout {
    const { vertical, pitch } = track;
    const startOf = ({ scroller }: Column) => (vertical ? scroller.scrollTop : scroller.scrollLeft);
    return {
      vertical,
      pitch,
      length: vertical ? middle.clientHeight : middle.clientWidth,
      depth: vertical ? middle.clientWidth : middle.clientHeight,
      scrolled: { query: startOf(queries), key: startOf(keys) },
      slots: slotColours(state).length,
      apart: areSideBySide(state),
    };
  }

  const hasSinks = () =>
    shownHeads(state).some(({ layer }) => state.layers.value[layer]?.sinks ?? false);

  function counts(): Record<Side, number> {
    const { queries, keys } = state.sides.value;
    const hasSink = shown.value.sink !== null || hasSinks();
    return { query: queries.tokens.length, key: keys.tokens.length + Number(hasSink) };
  }

  function arrange(now: Record<Side, number>): void {
    const apart = areSideBySide(state);
    element.dataset.direction = state.direction.value;
    element.toggleAttribute("data-apart", apart);
    const { units } = state.sides.value.grouping;
    element.toggleAttribute("data-passages", units === "passages" && isVertical());
    tellHeight(element, Math.max(now.query, now.key));
    fitRows(now);
    if (fit !== styled) {
      styled = fit;
      element.toggleAttribute("data-turned", fit.turned);
      element.toggleAttribute("data-thinned", fit.thinned);
      for (const name of ["label", "pitch", "type", "room"] as const) {
        element.style.setProperty(`--aw-${name}`, `${fit[name]}px`);
      }
    }
    const heads = apart ? shownHeads(state) : [];
    const number = NUMBER_ROOM[state.number_format.value];
    const sign = state.isSigned.value ? SIGN_ROOM : 0;
    element.style.setProperty("--aw-number", `${number + sign}px`);
    const roles = state.meta.value.roles.length ? ROLE_ROOM : 0;
    element.style.setProperty("--aw-roles", `${roles}px`);
    const depth = Math.max(DEPTH.together, DEPTH.apart * heads.length);
    middle.style.height = isVertical() ? "" : `${depth}px`;
    const width = isVertical() ? middle.clientWidth : Number.POSITIVE_INFINITY;
    drawLanes(heads, width / heads.length);
  }

  /** The names of the heads above their lanes, where each has one. */
  function drawLanes(heads: readonly LayerHead[], room: number): void {
    const of = state.pairs.value.length ? LANE_OF.pair : LANE_OF.head;
    const isRoomy = room >= of.name;
    const step = Math.ceil(of.number / room);
    const names = heads.map((each, place) => {
      if (isRoomy) return nameOf(state, each);
      return place % step ? "" : of.short(each);
    });
    lanes.toggleAttribute("data-narrow", !isRoomy);
    const drawn = `${names.join()} ${state.dark.value}`;
    if (lanes.dataset.heads === drawn) return;
    lanes.dataset.heads = drawn;
    const colours = slotColours(state);
    lanes.replaceChildren(
      ...names.map((text, slot) => {
        const colour = h("i", {});
        colour.style.background = colours[slot] ?? "";
        return h("span", {}, h("b", {}, colour, text));
      }),
    );
  }

  /** All is measured before rows are written, or the browser would lay them out more than once. */
  function draw(inks: Inks): Layout {
    void scrolls.value;
    const now = counts();
    arrange(now);
    let lie = layout();
    const refresh = () => {
      const sight = (side: Side): Stretch => ({ start: lie.scrolled[side], length: lie.length });
      queries.refresh(now.query, fit, sight("query"));
      keys.refresh(now.key, fit, sight("key"));
    };
    refresh();
    if (reveal()) {
      lie = layout();
      refresh();
    }
    map.draw(lie, now, shown.value, inks);
    leaving.draw(shown.value, lie);
    return lie;
  }

  // ---- scrolling ---------------------------------------------------------------------------------

  function scrollTo(side: Side, place: number): void {
    scrollToMiddle((side === "query" ? queries : keys).scroller, place, track);
  }

  const revealers = {
    query: revealer(queries.scroller, () => state.selected.value, trackNow),
    key: revealer(keys.scroller, () => state.selectedKey.value, trackNow),
  };

  /** Scrolls what was newly selected into sight, in both columns if they are of one list. */
  function reveal(): boolean {
    const { value: row } = state.selected;
    const byQuery = revealers.query();
    if (byQuery && row !== null && state.sides.value.same) {
      scrollTo("key", placeIn(row));
    }
    return revealers.key() || byQuery;
  }

  // Over the lines both columns scroll; at their ends the page does.
  middle.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey) return;
      const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? ROW_HEIGHT : 1;
      const before = layout().scrolled;
      for (const { scroller } of [queries, keys]) {
        scroller.scrollBy({
          left: event.deltaX * step,
          top: event.deltaY * step,
          behavior: "instant",
        });
      }
      const { scrolled } = layout();
      if (scrolled.query !== before.query || scrolled.key !== before.key) event.preventDefault();
    },
    { signal: abort, passive: false },
  );

  const scrolls = signal(0);
  const isScrolling = signal(false);
  let settled = 0;
  onAbort(abort, () => clearTimeout(settled));
  const scrolled = () => {
    scrolls.value += 1;
    isScrolling.value = true;
    clearTimeout(settled);
    settled = window.setTimeout(() => {
      isScrolling.value = false;
    }, STILL_AFTER_MS);
  };
  for (const { scroller } of [queries, keys]) {
    on(scroller, "scroll", abort, scrolled);
  }

  return { element, parts, middle, canvas, ground, keyRows: keys.rows, isScrolling, layout, draw };
}
