/** What steers the grid of heads. */

import type { Signal } from "@preact/signals-core";
import { button, h, select } from "../../browser/dom";
import { type AppState, watch } from "../../state/app_state";
import { SUMMARIES } from "../../trace/contract";
import type { GridData } from "./data";
import { GRID, GRID_PICTURES, GRID_SUMMARIES } from "./texts";
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
  const summary = select(
    say(GRID.colour),
    SUMMARIES.map((name) => [name, say(GRID_SUMMARIES[name])] as const),
    abort,
    (name) => {
      state.summary.value = name;
    },
  );
  const sort = button(
    say(GRID.sort),
    { title: say(GRID.sortTitle), "data-sort": "" },
    abort,
    () => {
      state.sort_heads.value = !state.sort_heads.value;
    },
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
    const { value: chosen } = state.summary;
    summary.set(chosen);
    summary.off(data.dead.value.filter((name) => name !== chosen));
    sort.disabled = chosen === "none";
    sort.setAttribute("aria-pressed", String(state.sort_heads.value && chosen !== "none"));
  });
  watch(abort, () => {
    pictures.set(picture.value);
    fit.setAttribute("aria-pressed", String(data.zoom.value === null));
  });
  element.append(summary.element, sort, pictures.element, zooms);
}
