/** What the model predicts at each position, and how likely the text is that is there. */

import { on } from "../../browser/dom";
import { inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { stacked } from "../../draw/stacked";
import { ARROWS, ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { lackIn } from "../../tensors/answer";
import { changeLegend } from "./change_colours";
import { noteOf, predictionData } from "./data";
import { predictionFigure } from "./figure";
import { lensChart } from "./lens";
import { planeFold } from "./plane";
import { PLANE_KEYS } from "./plane_texts";
import { predictionTable } from "./table";
import { PREDICTED, PREDICTED_KEYS } from "./texts";
import { wordEditor } from "./word_editor";

export const predictions: View = {
  texts: PREDICTED,
  shortcuts: {
    where: PREDICTED_KEYS.where,
    shortcuts: [
      { keys: ["ArrowUp", "ArrowDown"], does: PREDICTED_KEYS.otherPredicted },
      { keys: ENDS, does: PREDICTED_KEYS.endPredicted },
      { keys: PAGES, does: DOES.page },
      { keys: ["Enter"], does: PREDICTED_KEYS.openPredicted },
      { keys: ARROWS, does: PLANE_KEYS.movePlane },
      { keys: ["Enter", " "], does: PLANE_KEYS.enterPlane },
    ],
  },
  mount,
};

function mount(pane: Pane): Savable {
  const { element, state, model, abort, body, tell, drawEachFrame } = pane;
  const data = predictionData(state, model, abort);
  const editor = wordEditor(state, model, data, abort);
  const table = predictionTable(state, data, editor.take, abort);
  const lens = lensChart(state, model, data, abort);
  const plane = planeFold(pane, data);
  body.append(table.element, editor.element, lens, plane.element);
  const redraw = drawEachFrame(table.element, table.draw);
  on(table.scroller, "scroll", abort, redraw);
  watch(abort, () => drawLegend(pane.legend, changeLegend(state, data)));

  tell(() => {
    const { pending, progress } = data.asked.value;
    const { value: compared } = data.compared;
    const warn = compared.error ?? "";
    const waiting = progress
      ? state.say(PREDICTED.progress, { done: progress.done, of: progress.of })
      : null;
    const note = pending ? waiting : noteOf(state, data);
    return {
      note,
      pending: pending || data.isComparing.value,
      ...(warn && { warn }),
      ...lackIn(data.asked.value),
    };
  });

  return {
    figure: () =>
      stacked([
        predictionFigure(state, table, data, inksOf(element, state.dark.value)),
        plane.figure(),
      ]),
    subject: () => ({ of: "predictions", layer: null, heads: [], how: "each" }),
  };
}
