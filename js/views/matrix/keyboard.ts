/** The matrix by keyboard: a cell to stand on, and what is done with it. */

import type { Place } from "./plan";

export interface Keyboard {
  place(): Place | null;
  /** Where to stand at first. */
  start(): Place;
  counts(): { pictures: number; queries: number; keys: number };
  go(next: Place | null): void;
  select(place: Place): void;
  letGo(): void;
  zoom(by: number): void;
  fit(): void;
}

const STEPS: Readonly<Record<string, readonly [query: number, key: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
  Home: [0, Number.NEGATIVE_INFINITY],
  End: [0, Number.POSITIVE_INFINITY],
};

export function listenToKeys(element: HTMLElement, keyboard: Keyboard, abort: AbortSignal): void {
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return; // the page's own zoom
      if (act(event)) event.preventDefault();
    },
    { signal: abort },
  );
  element.addEventListener("blur", () => keyboard.go(null), { signal: abort });

  function act({ key, shiftKey }: KeyboardEvent): boolean {
    const here = keyboard.place();
    const step = STEPS[key];
    if (step) {
      keyboard.go(here ? moved(here, step, shiftKey) : keyboard.start());
      return true;
    }
    if (key === "Enter" || key === " ") keyboard.select(here ?? keyboard.start());
    else if (key === "+" || key === "=") keyboard.zoom(2);
    else if (key === "-" || key === "−") keyboard.zoom(0.5);
    else if (key === "0") keyboard.fit();
    else if (key === "Escape") keyboard.letGo();
    else return false;
    return true;
  }

  /** With Shift from one map to the next. */
  function moved(here: Place, [down, across]: readonly [number, number], next: boolean): Place {
    const { pictures, queries, keys } = keyboard.counts();
    const within = (place: number, size: number) => Math.min(size - 1, Math.max(0, place));
    if (next && pictures > 1) {
      return { ...here, picture: within(here.picture + Math.sign(down + across), pictures) };
    }
    return {
      picture: here.picture,
      query: within((here.query ?? 0) + down, queries),
      key: within((here.key ?? 0) + across, keys),
    };
  }
}
