/** Rows of equal size of which only the visible ones exist. */

import { h } from "../browser/dom";

export const ROW_HEIGHT = 22;

const OVERSCAN = 4;

/** How rows lie: one below the other or side by side, and how far apart. */
export interface Track {
  vertical: boolean;
  pitch: number;
}

export const DOWN: Track = { vertical: true, pitch: ROW_HEIGHT };

export interface Rows {
  readonly element: HTMLElement;
  /** Draws again what is in sight; how much that is, if it is known, need not be read again. */
  refresh(count: number, sight?: Stretch): void;
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
  const placed = new WeakMap<HTMLElement, string>();

  function place(node: HTMLElement, index: number, { vertical, pitch }: Track): void {
    const now = `${index} ${pitch} ${vertical}`;
    if (placed.get(node) === now) return;
    placed.set(node, now);
    node.style.transform = `translate${vertical ? "Y" : "X"}(${Math.round(index * pitch)}px)`;
    node.style.width = vertical ? "" : `${pitch}px`;
  }

  return {
    element,
    refresh(count, sight) {
      const { vertical, pitch } = track();
      const stretch = sight ?? sightOf(scroller, { vertical });
      const [first, last] = rangeIn(stretch, count, pitch);
      element.style.height = vertical ? `${count * pitch}px` : "";
      element.style.width = vertical ? "" : `${count * pitch}px`;
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
        if (node.dataset.token !== String(index)) node.dataset.token = String(index);
        place(node, index, { vertical, pitch });
        draw(node, index);
      });
    },
  };
}

/** Taller than a picture beside it makes its panel, so that it can fill its own. */
const LONG = 800;

/** A list is as tall as there is room, but no taller than its rows: the style sheet needs to know. */
export function tellHeight(element: HTMLElement, rows: number): void {
  const height = rows * ROW_HEIGHT;
  element.style.setProperty("--aw-rows", `${height}px`);
  element.toggleAttribute("data-long", height > LONG);
}

/** How far a list is scrolled, and how much of it is in sight. */
export interface Stretch {
  start: number;
  length: number;
}

export const sightOf = (scroller: HTMLElement, { vertical }: Pick<Track, "vertical">): Stretch =>
  vertical
    ? { start: scroller.scrollTop, length: scroller.clientHeight }
    : { start: scroller.scrollLeft, length: scroller.clientWidth };

/** First and one past the last row of which some lies within a stretch. */
export const rowsWithin = (start: number, length: number, pitch: number): [number, number] => [
  Math.floor(start / pitch),
  Math.ceil((start + length) / pitch),
];

/** First and one past the last row in sight, with a few beyond. */
export function visibleRange(
  scroller: HTMLElement,
  count: number,
  track: Track = DOWN,
): [number, number] {
  return rangeIn(sightOf(scroller, track), count, track.pitch);
}

function rangeIn({ start, length }: Stretch, count: number, pitch: number): [number, number] {
  const [first, last] = rowsWithin(start, length, pitch);
  return [Math.min(Math.max(0, first - OVERSCAN), count), Math.min(last + OVERSCAN, count)];
}

/** First and one past the last row of a figure: those whose middle is in sight, and one at least. */
export function rowsInSight(scroller: HTMLElement, count: number): [number, number] {
  const { start, length } = sightOf(scroller, DOWN);
  const first = Math.min(count, Math.round(start / ROW_HEIGHT));
  return [first, Math.min(count, Math.max(first + 1, Math.round((start + length) / ROW_HEIGHT)))];
}

/** How many rows a page is: one of those in sight stays. */
export const rowsOnPage = (scroller: HTMLElement, track: Track): number =>
  Math.max(1, Math.floor(sightOf(scroller, track).length / track.pitch) - 1);

/** Scrolls a place of a list, in pixels, to the middle. */
export function scrollToMiddle(scroller: HTMLElement, place: number, track: Track): void {
  const start = place - sightOf(scroller, track).length / 2;
  if (track.vertical) scroller.scrollTop = start;
  else scroller.scrollLeft = start;
}

/**
 * Brings a row into sight when it is another one than before; called once it has its place. What
 * the reader scrolls away from stays where it is.
 *
 * @returns whether it scrolled.
 */
export function revealer(
  scroller: HTMLElement,
  row: () => number | null,
  track: () => Track = () => DOWN,
  what: () => unknown = row,
): () => boolean {
  let revealed: unknown = null;
  return () => {
    const [now, wanted] = [row(), what()];
    const isNew = wanted !== revealed;
    revealed = wanted;
    if (now === null || !isNew) return false;
    const { pitch } = track();
    const { start, length } = sightOf(scroller, track());
    const place = now * pitch;
    if (place >= start && place + pitch <= start + length) return false;
    scrollToMiddle(scroller, place + pitch / 2, track());
    return true;
  };
}

/** The token of the row that an event happened in. */
export function tokenOf(event: Event): number | null {
  const row = (event.target as Element | null)?.closest?.<HTMLElement>("[data-token]");
  return row?.dataset.token === undefined ? null : Number(row.dataset.token);
}
