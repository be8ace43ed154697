/** Panels side by side are as tall as the tallest: the lists in the others take up the rest. */

import { onceAFrame } from "./dom";

/** Less than this is not worth a change. */
const LEAST = 4;

/** Sets `--aw-fill`, which lists add to their height; what the reader sized stays as it is. */
export function fillRows(views: HTMLElement, abort: AbortSignal): void {
  const fill = onceAFrame(views, abort, () => {
    const panels = [...views.querySelectorAll<HTMLElement>(".aw-view:not(.aw-full)")];
    for (const panel of panels) panel.style.removeProperty("--aw-fill");
    const spare = panels.map((panel) => ("sized" in panel.dataset ? 0 : spareOf(panel)));
    panels.forEach((panel, index) => {
      const px = spare[index] ?? 0;
      if (px >= LEAST) panel.style.setProperty("--aw-fill", `${px}px`);
    });
  });
  // A fill changes sizes too, and comes out the same the second time.
  const sizes = new ResizeObserver(fill);
  const children = new MutationObserver(() => {
    sizes.disconnect();
    for (const body of views.querySelectorAll(".aw-view, .aw-body")) sizes.observe(body);
  });
  children.observe(views, { childList: true });
  abort.addEventListener(
    "abort",
    () => {
      sizes.disconnect();
      children.disconnect();
    },
    { once: true },
  );
}

/** Height between the picture and the note, which stands at the bottom. */
function spareOf(panel: HTMLElement): number {
  const body = panel.querySelector(".aw-body")?.getBoundingClientRect();
  const note = panel.querySelector(".aw-note")?.getBoundingClientRect();
  return body && note ? Math.floor(note.top - body.bottom) : 0;
}
