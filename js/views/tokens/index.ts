/** The tokens as the model got them, and the mask through which it read them. */

import { signal } from "@preact/signals-core";
import { h, onResize } from "../../browser/dom";
import { noteOfAfter } from "../../draw/change_words";
import { drawLegend } from "../../draw/legend";
import { ARROWS, ENDS } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { afterEdits } from "../../state/one_pass";
import { tokensFigure } from "./figure";
import { tokenLists } from "./lists";
import { layerMask } from "./mask_data";
import { AXIS, LONGEST, maskPicture } from "./mask_picture";
import { layersSentence } from "./mask_words";
import { MASK_KEYS, TOKENS } from "./texts";
import { maskLegend, maskSentence, maskTitle, noteOf, pairWithPieces } from "./words";

/** Table and mask stand beside each other (style.css); else the mask is smaller. */
const BESIDE = 900;
const STACKED = 232;

export const tokens: View = {
  texts: TOKENS,
  shortcuts: {
    where: MASK_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: MASK_KEYS.otherPair },
      { keys: ENDS, does: MASK_KEYS.endKey },
      { keys: ["+", "-"], does: DOES.zoom },
      { keys: ["0"], does: DOES.fit },
    ],
  },
  mount,
};

function mount(pane: Pane): Savable {
  const { element, source, abort, tell, drawEachFrame } = pane;
  const state = afterEdits(pane.state); // a mask has no difference
  const layer = layerMask(state, source, abort);
  const lists = tokenLists(element, state, layer.masks, abort);
  pane.controls.append(...lists.controls);

  const picture = maskPicture(pane, layer, (query, key) =>
    pairWithPieces(state, layer, query, key),
  );
  const title = h("h4", { class: "aw-mask-title" });
  const sentence = h("p", { class: "aw-mask-words" });
  const elsewhere = h("p", { class: "aw-mask-layers" });
  const maskCell = h(
    "div",
    { class: "aw-mask" },
    h("div", { class: "aw-mask-says" }, title, sentence, elsewhere),
    picture.element,
  );
  const parts = h("div", { class: "aw-token-parts" }, lists.element, maskCell);
  pane.body.classList.add("aw-token-body");
  pane.body.append(parts);

  watch(abort, () => {
    const { layers, sides, say } = state;
    drawLegend(pane.legend, maskLegend(state));
    title.textContent = maskTitle(state, layer);
    sentence.textContent = maskSentence(state, layer);
    elsewhere.textContent = layersSentence(layers.value, sides.value.same, say);
  });
  const redraw = drawEachFrame(parts, () => {
    lists.draw();
    picture.draw();
  });
  lists.onScroll(redraw);
  onResize(lists.element, abort, redraw);
  const room = signal<readonly [number, number]>([0, 0]);
  onResize(parts, abort, () => {
    room.value = [parts.clientWidth, maskCell.clientWidth];
  });
  watch(abort, () => {
    const [all, own] = room.value;
    const most = all >= BESIDE ? LONGEST : STACKED;
    picture.room.value = Math.min(own - AXIS - 6, most);
  });

  tell(() => {
    const { pending, error } = layer.status.value;
    const note = noteOfAfter(pane.state, noteOf(state, layer));
    return { note: pending && !layer.mask.value ? null : note, pending, error };
  });

  return {
    figure: () => tokensFigure(element, state, lists, layer, picture),
    subject: () => ({
      of: "tokens",
      layer: state.layer.value,
      heads: layer.masks.value.length > 1 ? [layer.head()] : [],
      how: "each",
    }),
  };
}
