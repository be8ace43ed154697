/** The tokens as the model got them, and the mask through which it read them. */

import { h, onResize } from "../../browser/dom";
import { drawLegend } from "../../draw/legend";
import { ARROWS, ENDS } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { watch } from "../../state/app_state";
import { tokensFigure } from "./figure";
import { tokenLists } from "./lists";
import { layerMask } from "./mask_data";
import { LONGEST, maskLegend, maskPicture } from "./mask_picture";
import { layersSentence } from "./mask_words";
import { MASK_KEYS, TOKENS } from "./texts";
import { maskSentence, maskTitle, noteOf, pairInWords } from "./words";

/** Table and mask stand beside each other (style.css); else the mask is smaller. */
const BESIDE = 900;
const STACKED = 232;

export const tokens: View = {
  texts: TOKENS,
  isOfTokens: true,
  shortcuts: {
    where: MASK_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: MASK_KEYS.otherPair },
      { keys: ENDS, does: MASK_KEYS.endKey },
    ],
  },
  mount,
};

function mount({ element, state, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const { say } = state;
  const layer = layerMask(state, source, abort);
  const lists = tokenLists(element, state, layer.masks, abort);
  frame.controls.append(...lists.controls);

  const tellPair = (query: number, key: number) => pairInWords(state, layer, query, key);
  const picture = maskPicture(element, tellPair, state, abort);
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
  frame.body.classList.add("aw-token-body");
  frame.body.append(parts);

  watch(abort, () => {
    drawLegend(frame.legend, maskLegend(state));
    title.textContent = maskTitle(state, layer);
    sentence.textContent = maskSentence(state, layer);
    elsewhere.textContent = layersSentence(state.layers.value, state.sides.value.same, say);
  });
  const redraw = drawEachFrame(parts, () => {
    lists.draw();
    const isBeside = parts.clientWidth >= BESIDE;
    const room = Math.min(maskCell.clientWidth - 24, isBeside ? LONGEST : STACKED);
    picture.draw(layer.mask.value, room);
  });
  lists.onScroll(redraw);
  onResize(lists.element, abort, redraw);

  tell(() => {
    const { pending, error } = layer.status.value;
    return { note: pending && !layer.mask.value ? null : noteOf(state, layer), pending, error };
  });

  return {
    figure: () =>
      tokensFigure(
        {
          element,
          ...lists.inSight(),
          mask: layer.mask.value,
          picture,
          title: maskTitle(state, layer),
          words: maskSentence(state, layer),
        },
        state,
      ),
    subject: () => ({
      of: "tokens",
      layer: state.layer.value,
      heads: layer.masks.value.length > 1 ? [layer.head()] : [],
      how: "each",
    }),
  };
}
