/** Every head of the model as a row of numbers; a click selects it. */

import { on } from "../../browser/dom";
import { noteOfDifference } from "../../draw/change_words";
import { inksOf } from "../../draw/inks";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import { SAMPLED_QUERIES } from "../../measures/summaries";
import { ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { DOES } from "../../shell/texts/shortcuts";
import { headsData } from "./data";
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

function mount({ element, state, source, abort, body, tell, drawEachFrame }: Pane): Savable {
  const { say } = state;
  const data = headsData(state, source, abort);
  const table = headTable(state, data, abort);
  body.append(table.element);
  const redraw = drawEachFrame(table.element, table.draw);
  on(table.scroller, "scroll", abort, redraw);

  tell(() => {
    const { by, isAscending } = data.order.value;
    const { missing, error } = data.status.value;
    const n = state.sides.value.queries.tokens.length;
    const order = isAscending ? TABLE.smallest : TABLE.largest;
    const summary = by === "head" ? null : by;
    const said = [
      say(TABLE.count, { n: data.rows.value.length }),
      ...(summary ? [say(order, { summary: say(SUMMARY_NAMES[summary]) })] : []),
      say(state.words.value ? TABLE.unitsOfWords : TABLE.units),
      ...(n > SAMPLED_QUERIES ? [say(TABLE.sampled, { sample: SAMPLED_QUERIES, n })] : []),
    ];
    const note = noteOfDifference(state, said.join(" "), data.isNothing.value);
    return { note: missing ? null : note, error };
  });

  return {
    figure: () => headsFigure(state, table, data, inksOf(element, state.dark.value)),
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}
