/** What keys do where the focus is: one keymap for every picture, list and row of buttons. */

import { on } from "../browser/dom";

/** Where a key leads: to the right and down, by a step, by a page or to the end. */
export interface Move {
  readonly by: "step" | "page" | "end";
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

/** What a key does. An act that answers false did nothing: the key is left to the browser. */
export interface KeyActs {
  move?(move: Move, event: KeyboardEvent): unknown;
  enter?(event: KeyboardEvent): unknown;
  space?(event: KeyboardEvent): unknown;
  escape?(event: KeyboardEvent): unknown;
  /** 1 for larger, -1 for smaller. */
  zoom?(by: 1 | -1): unknown;
  /** Nothing is zoomed any more. */
  fit?(): unknown;
}

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: { by: "step", x: -1, y: 0 },
  ArrowRight: { by: "step", x: 1, y: 0 },
  ArrowUp: { by: "step", x: 0, y: -1 },
  ArrowDown: { by: "step", x: 0, y: 1 },
  PageUp: { by: "page", x: 0, y: -1 },
  PageDown: { by: "page", x: 0, y: 1 },
  Home: { by: "end", x: -1, y: 0 },
  End: { by: "end", x: 1, y: 0 },
};

const ZOOMS: Readonly<Record<string, 1 | -1>> = { "+": 1, "=": 1, "-": -1, "−": -1 };

/**
 * `withControl` says which keys are heard with Control (Command on a Mac) held too. All others
 * with it, and all with Alt, are the browser's: the zoom of the page, its search, its way back.
 */
export function listenToKeys(
  element: HTMLElement,
  acts: KeyActs,
  abort: AbortSignal,
  withControl: (key: string) => boolean = () => false,
): void {
  function act(event: KeyboardEvent): unknown {
    const { key } = event;
    const move = MOVES[key];
    const zoom = ZOOMS[key];
    if (move) return acts.move?.(move, event) ?? Boolean(acts.move);
    if (zoom) return acts.zoom?.(zoom) ?? Boolean(acts.zoom);
    const other = { Enter: acts.enter, " ": acts.space, Escape: acts.escape, 0: acts.fit }[key];
    return other?.(event) ?? Boolean(other);
  }
  on(element, "keydown", abort, (event) => {
    if (event.isComposing || event.altKey) return;
    if (isControl(event) && !withControl(event.key)) return;
    if (act(event) !== false) event.preventDefault();
  });
}

export const isControl = ({ ctrlKey, metaKey }: KeyboardEvent | MouseEvent): boolean =>
  ctrlKey || metaKey;

/** One more is chosen, or one less. */
export const isSeveral = (event: KeyboardEvent | MouseEvent): boolean =>
  isControl(event) || event.shiftKey;

/** Where a move leads among so many in a row: not beyond its ends. */
export function moved(from: number, step: number, count: number): number {
  return Math.max(0, Math.min(count - 1, from + step));
}

/**
 * Arrows walk in a row of buttons, round its ends, and Home and End go to them; the row has one
 * place in the tab order, which is the business of whoever draws it.
 */
export function walkIn(
  row: HTMLElement,
  buttons: () => readonly HTMLElement[],
  go: (button: HTMLElement, event: KeyboardEvent) => void,
  abort: AbortSignal,
  { space, withControl }: Pick<KeyActs, "space"> & { withControl?: (key: string) => boolean } = {},
): void {
  const move = ({ by, x, y }: Move, event: KeyboardEvent) => {
    const all = buttons();
    const now = all.indexOf(event.target as HTMLElement);
    const step = x + y;
    const next = by === "end" ? (step > 0 ? all.length - 1 : 0) : now + step;
    const goal = by === "page" ? undefined : all[(next + all.length) % all.length];
    if (!goal) return false;
    goal.focus();
    return go(goal, event);
  };
  listenToKeys(row, { move, ...(space ? { space } : {}) }, abort, withControl);
}
