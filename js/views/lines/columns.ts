/** The lists of queries and of keys with the lines between them: how they lie and scroll. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { h } from "../../browser/dom";
import {
  ROW_HEIGHT,
  revealer,
  scrollToMiddle,
  type Track,
  tellHeight,
} from "../../controls/virtual_rows";
import type { Inks } from "../../draw/inks";
import type { AppState } from "../../state/app_state";
import { column } from "./column";
import { inColumns, type ShownLines, slotColours } from "./data";
import { type LabelFit, labelFit } from "./label_fit";
import { lanesOf } from "./lanes";
import type { Layout } from "./layout";
import { minimap } from "./minimap";
import { LINES } from "./texts";

const STILL_AFTER_MS = 120;

/** Between the rows of queries and of keys where tokens stand side by side, and of each head apart. */
const DEPTH = { together: 210, apart: 96 };

export interface Counts {
  query: number;
  key: number;
}

export interface Columns {
  readonly element: HTMLElement;
  /** Where the lines are. */
  readonly middle: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly keyRows: HTMLElement;
  readonly isScrolling: ReadonlySignal<boolean>;
  onScroll(react: () => void): void;
  layout(): Layout;
  counts(): Counts;
  /** How labels stand side by side; null where tokens stand below each other. */
  labels(): LabelFit | null;
  /** What a list is wide, or high where its tokens stand side by side. */
  room(): Counts;
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
  const lanes = lanesOf(state);
  const map = minimap(state, scrollTo, abort);
  const element = h(
    "div",
    { class: "aw-lines" },
    h("span", { class: "aw-of-queries", "aria-hidden": "true" }, say(LINES.query)),
    lanes.element,
    h("span", { class: "aw-of-keys", "aria-hidden": "true" }, say(LINES.key)),
    queries.scroller,
    middle,
    keys.scroller,
    map.element,
  );
  const isVertical = () => state.direction.value === "vertical";

  function labels(): LabelFit | null {
    if (isVertical()) return null;
    const { queries, keys } = state.sides.value;
    return labelFit([queries.tokens, keys.tokens], element.clientWidth);
  }

  function track(): Track {
    return { vertical: isVertical(), pitch: labels()?.pitch ?? ROW_HEIGHT };
  }

  const scrolledBy = ({ scroller }: { scroller: HTMLElement }, vertical: boolean) =>
    vertical ? scroller.scrollTop : scroller.scrollLeft;

  function layout(): Layout {
    const { vertical, pitch } = track();
    return {
      vertical,
      pitch,
      length: vertical ? middle.clientHeight : middle.clientWidth,
      depth: vertical ? middle.clientWidth : middle.clientHeight,
      scrolled: { query: scrolledBy(queries, vertical), key: scrolledBy(keys, vertical) },
      slots: slotColours(state).length,
      apart: inColumns(state),
    };
  }

  function counts(): Counts {
    const { queries, keys } = state.sides.value;
    const hasSink = shown.value.sink !== null || (state.layerMeta.value?.sinks ?? false);
    return { query: queries.tokens.length, key: keys.tokens.length + Number(hasSink) };
  }

  function room(): Counts {
    const vertical = isVertical();
    const size = ({ scroller }: { scroller: HTMLElement }) =>
      vertical ? scroller.clientWidth : scroller.clientHeight;
    return { query: size(queries), key: size(keys) };
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
    lanes.draw(heads, isVertical() ? middle.clientWidth : Number.POSITIVE_INFINITY);
  }

  function draw(inks: Inks): void {
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

  function scrollTo(side: "query" | "key", place: number): void {
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

  const isScrolling = signal(false);
  let settled = 0;
  abort.addEventListener("abort", () => clearTimeout(settled), { once: true });

  return {
    element,
    middle,
    canvas,
    keyRows: keys.rows,
    isScrolling,
    onScroll(react) {
      const scrolled = () => {
        isScrolling.value = true;
        clearTimeout(settled);
        settled = window.setTimeout(() => {
          isScrolling.value = false;
        }, STILL_AFTER_MS);
        react();
      };
      for (const { scroller } of [queries, keys]) {
        scroller.addEventListener("scroll", scrolled, { signal: abort });
      }
    },
    layout,
    counts,
    labels,
    room,
    draw,
  };
}
