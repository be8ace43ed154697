/** What steers the grid of heads. */

import { button, h, select } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import { LABELS } from "../../measures/detectors";
import { deadSummaries } from "../../measures/head_summaries";
import { type AppState, watch } from "../../state/app_state";
import type { LabelName } from "../../trace/contract";
import { ZOOM_STEP } from "./canvas";
import type { GridData } from "./data";
import { effectCandidates } from "./effect_candidates";
import { GRID, GRID_OPTIONS, GRID_PICTURES } from "./texts";
import { PICTURES } from "./thumbnails";

/** @param resize makes pictures so many times as large. */
export function gridControls(
  element: HTMLElement,
  state: AppState,
  data: GridData,
  resize: (by: number) => void,
  abort: AbortSignal,
): void {
  const { say } = state;
  const isUsed = (label: LabelName) =>
    data.heads.value.some((head) => data.labels.value(head)?.name === label);
  const options = optionControls(
    state,
    GRID_OPTIONS,
    {
      summary: {
        off: () => deadSummaries(state).filter((name) => name !== state.summary.value),
      },
      effect_of: {
        shown: () => state.summary.value === "effect",
        off: () => (data.ranking.known.value?.of === "states" ? ["difference", "loss"] : []),
      },
      head_label: {
        off: () =>
          data.areLabelled.value
            ? LABELS.filter((name) => name !== state.head_label.value && !isUsed(name))
            : [],
      },
      sort_heads: { shown: () => state.summary.value !== "none" },
    },
    abort,
  );
  const pictures = select(
    say(GRID.picture),
    PICTURES.map((name) => [name, say(GRID_PICTURES[name])] as const),
    abort,
    (name) => {
      data.picture.value = name;
    },
  );
  const fit = button(say(GRID.fit), { title: say(GRID.fitTitle) }, abort, () => {
    data.zoom.value = null;
  });
  const named = (title: string) => ({ title, "aria-label": title });
  const zooms = h(
    "span",
    { class: "aw-buttons", role: "group", "aria-label": say(GRID.zoom) },
    button("−", named(say(GRID.zoomOut)), abort, () => resize(1 / ZOOM_STEP)),
    button("+", named(say(GRID.zoomIn)), abort, () => resize(ZOOM_STEP)),
    fit,
  );
  watch(abort, () => {
    pictures.set(data.picture.value);
    zooms.hidden = data.fits.value && data.zoom.value === null;
    fit.setAttribute("aria-pressed", String(data.zoom.value === null));
  });
  const candidates = effectCandidates(state, data, abort);
  element.append(...options, ...candidates, pictures.element, zooms);
}
