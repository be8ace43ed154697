/** Every head of the model as a small picture; the pictures are the picker too. */

import { h, on } from "../../browser/dom";
import { effectLine } from "../../controls/effect_line";
import { scrollEachFrame } from "../../draw/frame";
import { drawLegend } from "../../draw/legend";
import { namingMeasure } from "../../draw/measure_words";
import { ARROWS, ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { type Head, isChosen } from "../../state/choose_head";
import { unmeasured } from "../../state/measured_state";
import { rankingOf } from "../../tensors/ranking";
import { gridCanvas } from "./canvas";
import { placeIn } from "./cells";
import { gridControls } from "./controls";
import { gridData } from "./data";
import { gridInteraction } from "./interaction";
import { legendOf } from "./style";
import { GRID, GRID_KEYS } from "./texts";
import { headInWords, noteOf } from "./words";

export const grid: View = {
  isMeasured: true,
  texts: GRID,
  shortNow: (state) => namingMeasure(state, GRID.ofMeasure),
  needs: { tensors: ["summaries", "thumbnails"], called: GRID.needs },
  shortcuts: {
    where: GRID_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: DOES.otherCell },
      { keys: ENDS, does: DOES.endCell },
      { hold: "Control", keys: ENDS, does: GRID_KEYS.endHeadOfAll },
      { keys: PAGES, does: DOES.page },
      { keys: [" "], does: GRID_KEYS.chooseHead },
      { keys: ["Enter"], does: GRID_KEYS.openHead },
      { keys: ["+", "-"], does: DOES.zoom },
      { keys: ["0"], does: DOES.fit },
    ],
  },
  mount,
};

function mount(pane: Pane): Savable {
  const { element, state, source, model, abort, tell, drawEachFrame, ...frame } = pane;
  const { say } = state;
  const cell = h("div", {
    role: "gridcell",
    id: `aw-head-${Math.random().toString(36).slice(2)}`, // two widgets may share a page
  });
  const row = h("div", { role: "row", class: "aw-grid-active" }, cell);
  const scroller = h(
    "div",
    {
      class: "aw-grid",
      "data-scroll": "",
      role: "grid",
      tabindex: 0,
      "aria-label": say(GRID.grid),
    },
    row,
  );
  const ranking = rankingOf(unmeasured(state), model);
  const data = gridData(state, source, ranking, abort);
  const shows = () => data.showsEffects.value;
  ranking.follow(abort, shows);
  frame.body.append(effectLine(state, model, ranking, shows, abort), scroller);

  const canvas = gridCanvas(element, scroller, state, data);
  gridControls(frame.controls, state, data, canvas.resize, abort);

  const shownHead = (): Head => ({
    kind: state.attention_kind.value,
    layer: state.layer.value,
    head: state.focusHead.value ?? 0,
  });
  gridInteraction(element, scroller, state, data, canvas, shownHead, abort);

  /** To a screen reader there is one cell: that where the keyboard is. */
  watch(abort, () => {
    const head = data.active.value ?? shownHead();
    const place = placeIn(data.cells.value, head);
    const isSelected = isChosen(state, head);
    const told = [...headInWords(state, data, head), ...(isSelected ? [say(GRID.selected)] : [])];
    scroller.setAttribute("aria-rowcount", String(data.cells.value.rows.length));
    scroller.setAttribute("aria-colcount", String(data.cells.value.columns));
    scroller.setAttribute("aria-activedescendant", cell.id);
    row.setAttribute("aria-rowindex", String((place?.row ?? 0) + 1));
    cell.setAttribute("aria-colindex", String((place?.column ?? 0) + 1));
    cell.setAttribute("aria-selected", String(isSelected));
    cell.textContent = told.join(", ");
  });

  const repaint = drawEachFrame(scroller, canvas.paint);
  on(scroller, "scroll", abort, repaint);
  drawEachFrame(scroller, canvas.point);
  drawEachFrame(scroller, () => drawLegend(frame.legend, legendOf(element, state, data)));
  tell(() => {
    const refused = shows() ? ranking.error.value : null;
    return { note: noteOf(state, data), error: data.tensors.value.error ?? refused };
  });
  watch(abort, () => {
    const isWaiting = data.tensors.value.missing > 0;
    scroller.toggleAttribute("data-pending", isWaiting); // what is here is not to be dimmed
    scroller.setAttribute("aria-busy", String(isWaiting));
  });

  /** A layer that was chosen elsewhere comes into sight. */
  const layerElsewhere = () => {
    const layer = { kind: state.attention_kind.value, layer: state.layer.value };
    return data.hovered.peek() ? null : layer; // else it was chosen here
  };
  scrollEachFrame(scroller, abort, layerElsewhere, (layer) =>
    canvas.reveal({ ...shownHead(), ...layer }),
  );

  return {
    figure: canvas.figure,
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}
