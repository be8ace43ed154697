/** What steers the grid of heads. */

import type { Signal } from "@preact/signals-core";
import { button, h, select } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import { type AppState, watch } from "../../state/app_state";
import type { GridData } from "./data";
import { GRID, GRID_OPTIONS, GRID_PICTURES } from "./texts";
import { PICTURES, type Picture } from "./thumbnails";

/** @param resize makes pictures so many times as large. */
export function gridControls(
  element: HTMLElement,
  state: AppState,
  data: GridData,
  picture: Signal<Picture>,
  resize: (by: number) => void,
  abort: AbortSignal,
): void {
  const { say } = state;
  const options = optionControls(
    state,
    GRID_OPTIONS,
    {
      summary: { off: () => data.dead.value.filter((name) => name !== state.summary.value) },
      sort_heads: { usable: () => state.summary.value !== "none" },
    },
    abort,
  );
  const pictures = select(
    say(GRID.picture),
    PICTURES.map((name) => [name, say(GRID_PICTURES[name])] as const),
    abort,
    (name) => {
      picture.value = name;
    },
  );
  const step = 1.25;
  const fit = button(say(GRID.fit), { title: say(GRID.fitTitle) }, abort, () => {
    data.zoom.value = null;
  });
  const named = (title: string) => ({ title, "aria-label": title });
  const zooms = h(
    "span",
    { class: "aw-buttons", role: "group", "aria-label": say(GRID.zoom) },
    button("−", named(say(GRID.zoomOut)), abort, () => resize(1 / step)),
    button("+", named(say(GRID.zoomIn)), abort, () => resize(step)),
    fit,
  );
  watch(abort, () => {
    pictures.set(picture.value);
    fit.setAttribute("aria-pressed", String(data.zoom.value === null));
  });
  element.append(...options, pictures.element, zooms);
}
