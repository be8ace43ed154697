/** The place of a legend, which stays as wide while there is none: nothing moves. */

import { h, onAbort, onResize } from "../browser/dom";

export function legendPlace(abort: AbortSignal): HTMLElement {
  const legend = h("div", { class: "aw-legend" });
  let width = 0;
  onResize(legend, abort, () => {
    if (legend.childElementCount) width = legend.offsetWidth;
  });
  const observer = new MutationObserver(() => {
    legend.style.minWidth = legend.childElementCount ? "" : `${width}px`;
  });
  observer.observe(legend, { childList: true });
  onAbort(abort, () => observer.disconnect());
  return legend;
}
