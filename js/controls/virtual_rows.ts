/** Rows of equal size of which only the visible ones exist. */

import { h } from "../browser/dom";

export const ROW_HEIGHT = 22;

const OVERSCAN = 4;

/** How rows lie: one below the other or side by side, and how far apart. */
export interface Track {
  vertical: boolean;
  pitch: number;
}

const DOWN: Track = { vertical: true, pitch: ROW_HEIGHT };

export interface Rows {
  readonly element: HTMLElement;
  /** Draws again what is in sight. */
  refresh(count: number): void;
}

/**
 * @param draw fills a row's node for an index; nodes are used again for other indices.
 */
export function virtualRows(
  scroller: HTMLElement,
  className: string,
  draw: (node: HTMLElement, index: number) => void,
  track: () => Track = () => DOWN,
): Rows {
  const element = h("div", { class: `aw-rows ${className}` });
  const pool: HTMLElement[] = [];
  return {
    element,
    refresh(count) {
      const { vertical, pitch } = track();
      element.style.height = vertical ? `${count * pitch}px` : "";
      element.style.width = vertical ? "" : `${count * pitch}px`;
      const [first, last] = visibleRange(scroller, count, { vertical, pitch });
      const needed = last - first;
      while (pool.length < needed) {
        const node = h("div", { class: "aw-row" });
        pool.push(node);
        element.append(node);
      }
      for (const node of pool.splice(needed)) node.remove();
      pool.forEach((_, offset) => {
        const index = first + offset;
        const node = pool[index % needed];
        if (!node) return;
        node.dataset.token = String(index);
        node.style.transform = `translate${vertical ? "Y" : "X"}(${index * pitch}px)`;
        node.style.width = vertical ? "" : `${pitch}px`;
        draw(node, index);
      });
    },
  };
}

/** A list is as tall as there is room, but no taller than its rows: the style sheet needs to know. */
export function tellHeight(element: HTMLElement, rows: number): void {
  element.style.setProperty("--aw-rows", `${rows * ROW_HEIGHT}px`);
}

/** First and one past the last row in sight, with a few beyond. */
export function visibleRange(
  scroller: HTMLElement,
  count: number,
  { vertical, pitch }: Track = DOWN,
): [number, number] {
  const start = vertical ? scroller.scrollTop : scroller.scrollLeft;
  const length = vertical ? scroller.clientHeight : scroller.clientWidth;
  const first = Math.max(0, Math.floor(start / pitch) - OVERSCAN);
  const last = Math.ceil((start + length) / pitch) + OVERSCAN;
  return [Math.min(first, count), Math.min(last, count)];
}

/** The token of the row that an event happened in. */
export function tokenOf(event: Event): number | null {
  const row = (event.target as Element | null)?.closest?.<HTMLElement>("[data-token]");
  return row?.dataset.token === undefined ? null : Number(row.dataset.token);
}
