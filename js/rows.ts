/** Rows of equal height of which only the visible ones exist. */

import { h } from "./dom";

export const ROW_HEIGHT = 22;

const OVERSCAN = 4;

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
): Rows {
  const element = h("div", { class: `aw-rows ${className}` });
  const pool: HTMLElement[] = [];
  return {
    element,
    refresh(count) {
      element.style.height = `${count * ROW_HEIGHT}px`;
      const [first, last] = visibleRange(scroller, count);
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
        node.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
        draw(node, index);
      });
    },
  };
}

/** First and one past the last row in sight, with a few beyond. */
export function visibleRange(scroller: HTMLElement, count: number): [number, number] {
  const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_HEIGHT) - OVERSCAN);
  const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_HEIGHT) + OVERSCAN;
  return [Math.min(first, count), Math.min(last, count)];
}

/** The token of the row that an event happened in. */
export function tokenOf(event: Event): number | null {
  const row = (event.target as Element | null)?.closest?.<HTMLElement>("[data-token]");
  return row?.dataset.token === undefined ? null : Number(row.dataset.token);
}
