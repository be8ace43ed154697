/** What a hand does on the matrix: point, click, drag, pinch, turn the wheel. */

export interface PointerActions {
  /** Pixels of the element; null when the pointer has left. */
  point(at: { x: number; y: number } | null, event: MouseEvent): void;
  click(at: { x: number; y: number }): void;
  /** Larger by this factor, around a place. */
  zoom(by: number, at: { x: number; y: number }): void;
  /** By pixels. Whether there is anywhere to go is not known here. */
  pan(x: number, y: number): void;
}

/** A pointer that moves less than this has not been dragged. */
const STILL = 4;

export function listenToPointer(
  element: HTMLElement,
  actions: PointerActions,
  abort: AbortSignal,
): void {
  const down = new Map<number, { x: number; y: number }>();
  let dragged = false;
  const placeOf = (event: MouseEvent) => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    act: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => element.addEventListener(type, act, { ...options, signal: abort });

  on("pointerdown", (event) => {
    if (!down.size) dragged = false;
    if (event.button === 0) down.set(event.pointerId, placeOf(event));
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
      const apart = (place: { x: number; y: number }) =>
        Math.max(1, Math.hypot(place.x - other.x, place.y - other.y));
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      actions.zoom(apart(now) / apart(before), middle);
    } else actions.pan(now.x - before.x, now.y - before.y);
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
    if (!dragged) actions.click(placeOf(event));
  });

  on("dblclick", (event) => {
    event.preventDefault(); // no text is selected
    actions.zoom(event.shiftKey ? 0.5 : 2, placeOf(event));
    actions.point(placeOf(event), event);
  });

  on(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls; a pinch comes with ctrl
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      actions.zoom(Math.exp(-event.deltaY * lines * 0.004), placeOf(event));
      actions.point(placeOf(event), event); // another cell may lie there now
    },
    { passive: false },
  );
}
