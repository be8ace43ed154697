/** Drawing that follows what it reads. */

import { effect } from "@preact/signals-core";
import { onceAFrame, onResize } from "../browser/dom";

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
  abort.addEventListener("abort", () => forget(), { once: true });
  onResize(element, abort, ask);
  ask();
  return ask;
}
