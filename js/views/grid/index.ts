/** Every head of the model as a small picture; the pictures are the picker too. */

import { signal } from "@preact/signals-core";
import { h, onceAFrame, onResize } from "../../browser/dom";
import { drawLegend } from "../../draw/legend";
import { tooltip } from "../../interact/tooltip";
import { ARROWS, ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import type { Head, Layer } from "../../state/choose_head";
import { gridCanvas } from "./canvas";
import { marginsOf } from "./cell_marks";
import { placeIn } from "./cells";
import { gridColours } from "./colours";
import { gridControls } from "./controls";
import { gridData } from "./data";
import { gridInteraction } from "./interaction";
import { GRID, GRID_KEYS } from "./texts";
import type { Picture } from "./thumbnails";
import { gridWords } from "./words";

export const grid: View = {
  texts: GRID,
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

function mount({ element, state, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const { say } = state;
  const cell = h("div", {
    role: "gridcell",
    id: `aw-head-${Math.random().toString(36).slice(2)}`, // two widgets may share a page
  });
  const row = h("div", { role: "row", class: "aw-grid-active" }, cell);
  const scroller = h(
    "div",
    { class: "aw-grid", role: "grid", tabindex: 0, "aria-label": say(GRID.grid) },
    row,
  );
  frame.body.append(scroller, h("p", { class: "aw-hint" }, say(GRID.how)));
  const tip = tooltip(element, abort);

  const picture = signal<Picture>("matrix");
  const axes = { layer: say(GRID.layer), head: say(GRID.head) };
  const data = gridData(state, source, abort, (isRanked) => marginsOf(isRanked ? null : axes));
  const words = gridWords(state, data);
  const colours = gridColours(element, state, data, words, picture);
  const canvas = gridCanvas(scroller, data, colours, data.margins);
  gridControls(frame.controls, state, data, picture, canvas.resize, abort);

  const shownHead = (): Head => ({
    kind: state.attention_kind.value,
    layer: state.layer.value,
    head: state.focusHead.value ?? 0,
  });
  gridInteraction(element, scroller, state, data, canvas, words, tip, shownHead, abort);

  /** To a screen reader there is one cell: that where the keyboard is. */
  watch(abort, () => {
    const head = data.active.value ?? shownHead();
    const place = placeIn(data.cells.value, head);
    const isSelected = colours.labels().isSelected(head);
    const told = [...words.headInWords(head), ...(isSelected ? [say(GRID.selected)] : [])];
    scroller.setAttribute("aria-rowcount", String(data.cells.value.rows.length));
    scroller.setAttribute("aria-colcount", String(data.cells.value.columns));
    scroller.setAttribute("aria-activedescendant", cell.id);
    row.setAttribute("aria-rowindex", String((place?.row ?? 0) + 1));
    cell.setAttribute("aria-colindex", String((place?.column ?? 0) + 1));
    cell.setAttribute("aria-selected", String(isSelected));
    cell.textContent = told.join(", ");
  });

  const repaint = drawEachFrame(scroller, canvas.paint);
  scroller.addEventListener("scroll", repaint, { signal: abort });
  drawEachFrame(scroller, canvas.point);
  drawEachFrame(scroller, () => drawLegend(frame.legend, colours.legend()));
  tell(() => ({ note: words.note(), error: data.tensors.value.error }));
  watch(abort, () => {
    const isWaiting = data.tensors.value.missing > 0;
    scroller.toggleAttribute("data-pending", isWaiting); // what is here is not to be dimmed
    scroller.setAttribute("aria-busy", String(isWaiting));
  });

  /** A layer that was chosen elsewhere comes into sight. */
  let toBeSeen: Layer | null = null;
  const reveal = onceAFrame(scroller, abort, () => {
    if (toBeSeen) canvas.reveal({ ...shownHead(), ...toBeSeen });
    toBeSeen = null;
  });
  watch(abort, () => {
    const shown = { kind: state.attention_kind.value, layer: state.layer.value };
    if (data.hovered.peek()) return; // it was chosen here
    toBeSeen = shown;
    reveal();
  });
  onResize(scroller, abort, reveal); // it was hidden

  return {
    figure: canvas.figure,
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}
