/** Every head of the model as a row of numbers; a click selects it. */

import { on } from "../../browser/dom";
import { effectLine } from "../../controls/effect_line";
import { effectNotes } from "../../controls/effect_notes";
import { optionControl } from "../../controls/option_controls";
import { noteOfDifference } from "../../draw/change_words";
import { effectLegend } from "../../draw/effect_colours";
import { inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { COMPARISON } from "../../language/texts/comparison";
import { EFFECT } from "../../language/texts/effects";
import { LABEL_LIST, LABEL_NAMES, PROBED } from "../../language/texts/labels";
import { SUMMARY_NAMES, SUMMARY_UNITS } from "../../language/texts/summaries";
import { LABELS } from "../../measures/detectors";
import { SAMPLED_QUERIES } from "../../measures/summaries";
import { ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { rankingOf } from "../../tensors/ranking";
import { headsData } from "./data";
import { tellEdges } from "./edges";
import { headsFigure } from "./figure";
import { headTable } from "./table";
import { TABLE, TABLE_KEYS } from "./texts";

export const heads: View = {
  texts: TABLE,
  needs: { tensors: ["summaries"], called: TABLE.needs },
  shortcuts: {
    where: TABLE_KEYS.where,
    shortcuts: [
      { keys: ["ArrowUp", "ArrowDown"], does: TABLE_KEYS.otherRow },
      { keys: ENDS, does: TABLE_KEYS.endRow },
      { keys: PAGES, does: DOES.page },
    ],
  },
  mount,
};

const UNITS_OF = {
  tokens: SUMMARY_UNITS,
  words: TABLE.unitsOfWords,
  passages: TABLE.unitsOfPassages,
};

function mount(pane: Pane): Savable {
  const { element, state, source, model, abort, body, controls, legend, tell, drawEachFrame } =
    pane;
  const { say } = state;
  const ranking = rankingOf(state, model);
  const data = headsData(state, source, ranking, abort);
  const isByEffect = () => data.order.value.by === "effect";
  ranking.follow(abort, isByEffect);
  const hasEffects = () =>
    (model.asks.value && !(state.comparison.value && state.isDifference.value)) ||
    ranking.known.value !== null ||
    isByEffect();
  const table = headTable(state, data, hasEffects, abort);
  body.append(effectLine(state, model, ranking, isByEffect, abort), table.element);
  const label = optionControl(
    state,
    "head_label",
    LABEL_LIST,
    {
      off: () =>
        data.areLabelled.value
          ? LABELS.filter((name) => name !== state.head_label.value && !data.isUsed(name))
          : [],
    },
    abort,
  );
  controls.append(label);
  tellEdges(body, table.element, abort);
  const redraw = drawEachFrame(table.element, table.draw);
  on(table.scroller, "scroll", abort, redraw);
  const legendItems = () =>
    isByEffect() ? effectLegend(state, ranking.known.value, inksOf(element, state.dark.value)) : [];
  drawEachFrame(table.element, () => drawLegend(legend, legendItems()));

  tell(() => {
    const { by, isAscending } = data.order.value;
    const { missing, error } = data.status.value;
    const { value: filter } = data.filter;
    const n = state.sides.value.queries.tokens.length;
    const order = isAscending ? TABLE.smallest : TABLE.largest;
    const isOther = by === null || by === "head" || by === "effect" || by === "label";
    const summary = isOther ? null : SUMMARY_NAMES[by];
    const { value: found } = ranking.known;
    const effects = isByEffect() && found ? effectNotes(state, found, data.rows.value) : [];
    const sorted = isByEffect() && found && !ranking.isRunning.value ? EFFECT.name : summary;
    const said = [
      filter
        ? say(TABLE.labelled, {
            n: data.rows.value.length,
            of: data.count.value,
            name: say(LABEL_NAMES[filter]),
          })
        : say(TABLE.count, { n: data.rows.value.length }),
      ...(sorted ? [say(order, { summary: say(sorted) })] : []),
      ...(by === "divergence" && !isAscending ? [say(COMPARISON.changedMost)] : []),
      ...(data.isProbed.value && data.hasLabels.value ? [say(PROBED.note)] : []),
      ...effects,
      say(UNITS_OF[state.rows.value]),
      ...(n > SAMPLED_QUERIES ? [say(TABLE.sampled, { sample: SAMPLED_QUERIES, n })] : []),
    ];
    const refused = isByEffect() ? ranking.error.value : null;
    const note = noteOfDifference(state, said.join(" "), data.isNothing.value);
    return { note: missing ? null : note, error: error ?? refused };
  });

  return {
    figure: () => headsFigure(state, table, data, legendItems(), inksOf(element, state.dark.value)),
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}
