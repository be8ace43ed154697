/** Drawing that follows what it reads. */

import { effect } from "@preact/signals-core";
import { onAbort, onceAFrame, onResize } from "../browser/dom";
import { watch } from "../state/app_state";

/**
 * Draws in the next frame, and again in the frame after a signal that `draw` read has changed or the
 * element has another size; never while the element is hidden, and once it comes into sight.
 *
 * @returns asks for it where what changed is no signal.
 */
export function drawEachFrame(element: Element, abort: AbortSignal, draw: () => void): () => void {
  let forget = () => {};
  const ask = onceAFrame(element, abort, () => {
    forget();
    let isDrawn = false;
    forget = effect(() => {
      if (isDrawn) return ask(); // it reads nothing now, and hears of nothing until it is drawn
      isDrawn = true;
      draw();
    });
    if (abort.aborted) forget();
  });
  onAbort(abort, () => forget());
  onResize(element, abort, ask);
  ask();
  return ask;
}

/**
 * Scrolls in the next frame to what `wanted`, which reads signals, says anew; null is nothing. While
 * the element is hidden it waits until it comes into sight.
 */
export function scrollEachFrame<T>(
  element: Element,
  abort: AbortSignal,
  wanted: () => T | null,
  scroll: (to: T) => void,
): void {
  let goal: T | null = null;
  const ask = onceAFrame(element, abort, () => {
    if (goal !== null) scroll(goal);
    goal = null;
  });
  watch(abort, () => {
    goal = wanted();
    ask();
  });
  onResize(element, abort, ask);
}
