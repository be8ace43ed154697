/** The note keeps its height while a token is pointed at: the page below stays where it is. */

import { onResize } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";

const LINE = 17.4;

/** Parts of a pixel that a browser lays out by: less would move the page by one of them. */
const FINENESS = 64;

export function keepNote(
  panel: HTMLElement,
  note: HTMLElement,
  state: AppState,
  abort: AbortSignal,
): void {
  const isPointing = () => state.hovered.value !== null;
  watch(abort, () => panel.toggleAttribute("data-pointing", isPointing()));
  onResize(note, abort, () => {
    if (isPointing()) return;
    const written = Number.parseFloat(getComputedStyle(note).height); // whatever the zoom
    const height = Math.round(FINENESS * written) / FINENESS;
    const lines = Math.floor((height + 1) / LINE);
    panel.style.setProperty("--aw-note-height", `${height}px`);
    panel.style.setProperty("--aw-note-lines", String(Math.max(1, lines)));
  });
}
