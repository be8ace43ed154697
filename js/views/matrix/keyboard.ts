/** The matrix by keyboard: a cell to stand on, and what is done with it. */

import { listenToKeys, type Move, moved } from "../../interact/keys";
import type { Place } from "./plan";

export interface Keyboard {
  place(): Place | null;
  /** Where to stand at first. */
  start(): Place;
  counts(): { pictures: number; queries: number; keys: number };
  go(next: Place | null): void;
  select(place: Place): void;
  /** Whether there was anything to let go of. */
  letGo(): boolean;
  zoom(by: number): void;
  fit(): void;
}

/** Rows that a page of them is. */
const PAGE = 10;

export function matrixKeys(element: HTMLElement, keyboard: Keyboard, abort: AbortSignal): void {
  const select = () => keyboard.select(keyboard.place() ?? keyboard.start());
  listenToKeys(
    element,
    {
      move(move, { shiftKey }) {
        const here = keyboard.place();
        keyboard.go(here ? placeAfter(here, move, shiftKey) : keyboard.start());
      },
      enter: select,
      space: select,
      escape: keyboard.letGo,
      zoom: (by) => keyboard.zoom(2 ** by),
      fit: keyboard.fit,
    },
    abort,
  );
  element.addEventListener("blur", () => keyboard.go(null), { signal: abort });

  /** With Shift from one map to the next. */
  function placeAfter(here: Place, { by, x, y }: Move, next: boolean): Place {
    const { pictures, queries, keys } = keyboard.counts();
    if (next && pictures > 1) return { ...here, picture: moved(here.picture, x + y, pictures) };
    return {
      picture: here.picture,
      query: moved(here.query ?? 0, by === "page" ? y * PAGE : y, queries),
      key: moved(here.key ?? 0, by === "end" ? x * keys : x, keys),
    };
  }
}
