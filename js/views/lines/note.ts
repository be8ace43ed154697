/** The note keeps its height while a token is under the mouse: the page below stays where it is. */

import { onResize } from "../../browser/dom";
import { type AppState, watch } from "../../state/app_state";

const LINE = 17.4;

export function keepNote(panel: HTMLElement, state: AppState, abort: AbortSignal): void {
  const note = panel.querySelector<HTMLElement>(".aw-note");
  if (!note) return;
  const isPointing = () => state.hovered.value !== null;
  watch(abort, () => panel.toggleAttribute("data-pointing", isPointing()));
  onResize(note, abort, () => {
    if (isPointing()) return;
    const { offsetHeight } = note;
    panel.style.setProperty("--aw-note-height", `${offsetHeight}px`);
    panel.style.setProperty(
      "--aw-note-lines",
      String(Math.max(1, Math.floor(offsetHeight / LINE))),
    );
  });
}
