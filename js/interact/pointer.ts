/** What a hand does on a picture: point, click, drag, pinch, turn the wheel. */

import { placeIn } from "../browser/zoom";

/** In pixels of the element. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PointerActions {
  /** Null when the pointer has left. */
  point(at: Point | null, event: MouseEvent): void;
  click?(at: Point, event: MouseEvent): void;
  /** Two clicks; where nothing is opened they zoom. */
  open?(at: Point, event: MouseEvent): void;
  /** Larger by this factor, around a place. */
  zoom?(by: number, at: Point): void;
  /** By pixels. Whether there is anywhere to go is not known here. */
  pan?(x: number, y: number): void;
}

/** A pointer that moves less than this has not been dragged. */
const STILL = 4;

export function listenToPointer(
  element: HTMLElement,
  actions: PointerActions,
  abort: AbortSignal,
): void {
  const down = new Map<number, Point>();
  let dragged = false;
  const placeOf = (event: MouseEvent) => placeIn(element, event);
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    act: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => element.addEventListener(type, act, { ...options, signal: abort });

  on("pointerdown", (event) => {
    if (!down.size) dragged = false;
    if (event.button === 0 && actions.pan) down.set(event.pointerId, placeOf(event));
  });

  on("pointermove", (event) => {
    const now = placeOf(event);
    if (!event.buttons) down.delete(event.pointerId); // it was let go of elsewhere
    const before = down.get(event.pointerId);
    if (!before) {
      actions.point(now, event);
      return;
    }
    if (!dragged) {
      if (Math.hypot(now.x - before.x, now.y - before.y) < STILL && down.size < 2) return;
      dragged = true;
      actions.point(null, event);
    }
    element.setPointerCapture?.(event.pointerId);
    const [other] = [...down].flatMap(([id, place]) => (id === event.pointerId ? [] : [place]));
    down.set(event.pointerId, now);
    if (other) {
      const apart = (place: Point) => Math.max(1, Math.hypot(place.x - other.x, place.y - other.y));
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      actions.zoom?.(apart(now) / apart(before), middle);
    } else actions.pan?.(now.x - before.x, now.y - before.y);
  });

  const lift = (event: PointerEvent) => {
    down.delete(event.pointerId);
  };
  on("pointerup", lift);
  on("pointercancel", lift);
  on("pointerleave", (event) => {
    if (!down.size) actions.point(null, event);
  });

  on("click", (event) => {
    if (!dragged) actions.click?.(placeOf(event), event);
  });

  const { zoom, open } = actions;
  if (open) on("dblclick", (event) => open(placeOf(event), event));
  if (!zoom) return;
  const zoomAt = (by: number, event: MouseEvent) => {
    event.preventDefault(); // no text is selected, and the page keeps its size
    zoom(by, placeOf(event));
    actions.point(placeOf(event), event); // something else may lie there now
  };
  if (!open) on("dblclick", (event) => zoomAt(event.shiftKey ? 0.5 : 2, event));
  on(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls; a pinch comes with ctrl
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      zoomAt(Math.exp(-event.deltaY * lines * 0.004), event);
    },
    { passive: false },
  );
}
