/** The lists of queries and of keys with the lines between them: how they lie and scroll. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { h, on, onAbort } from "../../browser/dom";
import {
  ROW_HEIGHT,
  revealer,
  scrollToMiddle,
  type Track,
  tellHeight,
} from "../../controls/virtual_rows";
import type { Inks } from "../../draw/inks";
import type { AppState } from "../../state/app_state";
import { type Column, column } from "./column";
import { inColumns, type ShownLines, slotColours } from "./data";
import { type LabelFit, type Layout, labelFit, type Side } from "./layout";
import { minimap } from "./minimap";
import { LINES } from "./texts";

const STILL_AFTER_MS = 120;

/** Between the rows of queries and of keys where tokens stand side by side, and of each head apart. */
const DEPTH = { together: 210, apart: 96 };

/** A lane this broad names its head; a narrower one has its number. */
const ROOM_FOR_NAME = 72;

export interface Columns {
  readonly element: HTMLElement;
  /** Both lists, the lines and what they are called. */
  readonly parts: readonly HTMLElement[];
  /** Where the lines are. */
  readonly middle: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly keyRows: HTMLElement;
  readonly isScrolling: ReadonlySignal<boolean>;
  layout(): Layout;
  /** Draws all but the lines; what was newly selected comes into sight. */
  draw(inks: Inks): void;
}

export function columns(
  state: AppState,
  shown: ReadonlySignal<ShownLines>,
  abort: AbortSignal,
): Columns {
  const { say } = state;
  const queries = column("query", state, shown, track, abort);
  const keys = column("key", state, shown, track, abort);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const middle = h("div", { class: "aw-lines-middle" }, canvas);
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

  function labels(): LabelFit | null {
    if (isVertical()) return null;
    const { queries, keys } = state.sides.value;
    return labelFit([queries.tokens, keys.tokens], element.clientWidth);
  }

  function track(): Track {
    return { vertical: isVertical(), pitch: labels()?.pitch ?? ROW_HEIGHT };
  }

  function layout(): Layout {
    const { vertical, pitch } = track();
    const startOf = ({ scroller }: Column) => (vertical ? scroller.scrollTop : scroller.scrollLeft);
    return {
      vertical,
      pitch,
      length: vertical ? middle.clientHeight : middle.clientWidth,
      depth: vertical ? middle.clientWidth : middle.clientHeight,
      scrolled: { query: startOf(queries), key: startOf(keys) },
      slots: slotColours(state).length,
      apart: inColumns(state),
    };
  }

  function counts(): Record<Side, number> {
    const { queries, keys } = state.sides.value;
    const hasSink = shown.value.sink !== null || (state.layerMeta.value?.sinks ?? false);
    return { query: queries.tokens.length, key: keys.tokens.length + Number(hasSink) };
  }

  function arrange(): void {
    const apart = inColumns(state);
    const now = labels();
    element.dataset.direction = state.direction.value;
    element.toggleAttribute("data-turned", now?.turned ?? false);
    element.toggleAttribute("data-apart", apart);
    element.style.setProperty("--aw-label", `${now?.label ?? 0}px`);
    const heads = apart ? state.activeHeads.value : [];
    const depth = Math.max(DEPTH.together, DEPTH.apart * heads.length);
    middle.style.height = isVertical() ? "" : `${depth}px`;
    const width = isVertical() ? middle.clientWidth : Number.POSITIVE_INFINITY;
    drawLanes(heads, width / heads.length >= ROOM_FOR_NAME);
  }

  /** The names of the heads above their lanes, where each has one. */
  function drawLanes(heads: readonly number[], isRoomy: boolean): void {
    const names = heads.map((head) =>
      isRoomy ? say(LINES.head, { head: String(head) }) : String(head),
    );
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

  function draw(inks: Inks): void {
    void scrolls.value;
    arrange();
    const now = counts();
    tellHeight(element, Math.max(now.query, now.key));
    const refresh = () => {
      queries.refresh(now.query);
      keys.refresh(now.key);
    };
    refresh();
    if (reveal()) refresh();
    map.draw(layout(), now, shown.value, inks);
  }

  // ---- scrolling ---------------------------------------------------------------------------------

  function scrollTo(side: Side, place: number): void {
    scrollToMiddle((side === "query" ? queries : keys).scroller, place, track());
  }

  const revealers = {
    query: revealer(queries.scroller, () => state.selected.value, track),
    key: revealer(keys.scroller, () => state.selectedKey.value, track),
  };

  /** Scrolls what was newly selected into sight, in both columns if they are of one list. */
  function reveal(): boolean {
    const { value: row } = state.selected;
    const byQuery = revealers.query();
    if (byQuery && row !== null && state.sides.value.same) {
      scrollTo("key", (row + 0.5) * track().pitch);
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

  return { element, parts, middle, canvas, keyRows: keys.rows, isScrolling, layout, draw };
}
