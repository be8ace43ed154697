/** The card of the head that is looked at: its summaries among those of all heads, its examples. */

import { h, showWords } from "../../browser/dom";
import { isolated } from "../../language/direction";
import { headName } from "../../language/picture_subject";
import type { Pane } from "../../panel/view";
import { watch } from "../../state/app_state";
import type { AtlasData } from "./data";
import { exampleList } from "./examples";
import { doesInWords } from "./names";
import type { Opening } from "./opening";
import { summaryRows } from "./summary_rows";
import { ATLAS_VIEW } from "./texts";

export function card(pane: Pane, data: AtlasData, opening: Opening): HTMLElement {
  const { element, state, abort } = pane;
  const { say } = state;
  const title = h("h4", { class: "aw-atlas-title" });
  const why = h("p", { class: "aw-atlas-why", hidden: true });
  const examples = exampleList(
    element,
    state,
    (example) => {
      const row = data.chosen.peek();
      if (row) void opening.open(example, row);
    },
    abort,
  );
  const shown = h("div", { class: "aw-atlas-shown" }, why, examples.element);
  const rows = summaryRows(state, data, abort);
  const card = h("section", { class: "aw-atlas-card" }, title, rows, shown);

  watch(abort, () => {
    const { value: row } = data.chosen;
    card.hidden = data.overview.value === null || !data.ofKind.value.length;
    const does = row ? doesInWords(state, data, row) : "";
    const name = row ? headName(say, row) : say(ATLAS_VIEW.noHead);
    title.textContent = does ? `${name}: ${does}` : name;
    card.setAttribute("aria-label", name);
  });
  let last = "";
  watch(abort, () => {
    const { value: head } = data.head;
    const { value: row } = data.chosen;
    void state.dark.value;
    void state.numbers.weight(0.5);
    const place = row ? `${row.kind} ${row.layer}.${row.head}` : "";
    examples.set(head?.examples ?? [], opening.can.value);
    if (place !== last) examples.element.scrollTop = 0;
    last = place;
  });
  watch(abort, () => {
    const { value: head } = data.head;
    const { value: row } = data.chosen;
    const open = row && head?.examples.find((one) => opening.isShown(one, row));
    void opening.can.value;
    examples.tellOpen(open ?? null);
  });
  watch(abort, () => {
    const { value: head } = data.head;
    const lack = data.lackOfHead();
    const none = head && !head.examples.length ? say(ATLAS_VIEW.noExamples) : "";
    showWords(why, lack ? isolated(lack) : none || (head ? opening.why.value : ""));
    shown.toggleAttribute("data-pending", opening.busy.value);
    shown.setAttribute("aria-busy", String(opening.busy.value));
  });
  return card;
}
