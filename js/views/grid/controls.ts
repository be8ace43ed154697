/** What steers the grid of heads, and what its colours mean. */

import type { Signal } from "@preact/signals-core";
import { button, h, select } from "../../browser/dom";
import type { LegendItem } from "../../draw/figure";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import { type AppState, watch } from "../../state/app_state";
import { SUMMARIES } from "../../trace/contract";
import type { GridData } from "./data";
import { GRID, GRID_PICTURES } from "./texts";
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
    SUMMARIES.map((name) => [name, say(SUMMARY_NAMES[name])] as const),
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

/** The legend of a figure, on screen. */
export function legendNodes(items: readonly LegendItem[]): HTMLElement[] {
  return items.map((item) => {
    if (!("ramp" in item)) {
      const swatch = h("i", { class: "aw-swatch", "aria-hidden": "true" });
      swatch.style.background = item.colour;
      return h("span", { class: "aw-legend-item" }, swatch, item.label);
    }
    const ramp = h("span", { class: "aw-ramp", "aria-hidden": "true" });
    ramp.style.background = `linear-gradient(to right, ${item.ramp.join(", ")})`;
    const low = h("span", { class: "aw-legend-low" }, item.low);
    const high = h("span", { class: "aw-legend-high" }, item.high);
    return h("span", { class: "aw-legend-item" }, item.label ?? "", low, ramp, high);
  });
}
