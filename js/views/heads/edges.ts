/** Says on which sides of a box more can be scrolled to, for the style sheet. */

import { on, onResize } from "../../browser/dom";

/** Sets `data-more` to "left", "right" or "both"; nothing where all can be seen. */
export function tellEdges(box: HTMLElement, inner: HTMLElement, abort: AbortSignal): void {
  const tell = () => {
    const left = box.scrollLeft > 1;
    const right = box.scrollLeft + box.clientWidth < box.scrollWidth - 1;
    if (left || right) box.dataset.more = left && right ? "both" : left ? "left" : "right";
    else delete box.dataset.more;
  };
  on(box, "scroll", abort, tell);
  for (const each of [box, inner]) onResize(each, abort, tell);
}
