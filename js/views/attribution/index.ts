/** What wrote the logit of the prediction, and why the selected head attends where it does. */

import { h, on } from "../../browser/dom";
import { inksOf } from "../../draw/inks";
import { ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { lackIn } from "../../tensors/answer";
import { compareList } from "./compare";
import { attributionData, noteOf } from "./data";
import { attributionFigure } from "./figure";
import { footSentences } from "./foot";
import { scoreSection } from "./score";
import { termTable } from "./terms";
import { ATTRIBUTION, ATTRIBUTION_KEYS } from "./texts";

export const attribution: View = {
  texts: ATTRIBUTION,
  shortcuts: {
    where: ATTRIBUTION_KEYS.where,
    shortcuts: [
      { keys: ["ArrowUp", "ArrowDown"], does: ATTRIBUTION_KEYS.otherTerm },
      { keys: ENDS, does: ATTRIBUTION_KEYS.endTerm },
      { keys: PAGES, does: DOES.page },
      { keys: ["Enter", " "], does: ATTRIBUTION_KEYS.openTerm },
    ],
  },
  mount,
};

function mount(pane: Pane): Savable {
  const { element, state, model, abort, body, controls, tell, drawEachFrame } = pane;
  const data = attributionData(state, model, abort);
  const table = termTable(state, data, abort);
  const title = h("h4", { class: "aw-part-title" });
  const foot = h("div", { class: "aw-part-words" });
  const logit = h("section", { class: "aw-logit" }, title, table.element, foot);
  body.append(logit, scoreSection(state, data, abort));
  controls.append(compareList(state, model, data, abort));
  const redraw = drawEachFrame(table.element, table.draw);
  on(table.scroller, "scroll", abort, redraw);
  watch(abort, () => {
    const { value: found } = data.written;
    logit.hidden = !found;
    title.textContent = data.heading.value;
    foot.replaceChildren(...footSentences(state, table, data).map((said) => h("p", {}, said)));
  });

  tell(() => {
    const { pending, progress } = data.asked.value;
    const isEarlier = pending && !progress?.partial;
    const note = data.written.value ? noteOf(state, data) : null;
    return { note, pending: isEarlier, ...lackIn(data.asked.value) };
  });

  return {
    figure: () => attributionFigure(state, table, data, inksOf(element, state.dark.value)),
    subject: () => ({ of: "predictions", layer: null, heads: [], how: "each" }),
  };
}
