/** The tables of queries and of keys: one, where they are the same, else one at a time. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { copyText } from "../../browser/clipboard";
import { button, h, on } from "../../browser/dom";
import { tabs } from "../../controls/tabs";
import { rowsInSight } from "../../controls/virtual_rows";
import { type AppState, type Hover, watch } from "../../state/app_state";
import type { MaskMeta } from "../../trace/contract";
import { columnsOf, type Listed, tsvOf } from "./columns";
import { listTitle, tokenTable } from "./table";
import { TOKENS } from "./texts";

export type TokenLists = ReturnType<typeof tokenLists>;

/** The masks tell which keys are never seen; a text that is copied stands in the panel meanwhile. */
export function tokenLists(
  panel: HTMLElement,
  state: AppState,
  masks: ReadonlySignal<readonly MaskMeta[]>,
  abort: AbortSignal,
) {
  const { say } = state;
  const chosen = signal<Hover["as"]>("query");
  const shown = computed(() => (state.sides.value.same ? "query" : chosen.value));
  const tables = { query: tokenTable("query", state, abort), key: tokenTable("key", state, abort) };
  const [queryTable, keyTable] = [tables.query.element, tables.key.element];
  const lists = tabs(
    [
      ["query", queryTable],
      ["key", keyTable],
    ],
    chosen,
    abort,
  );
  const scrolled = h("div", { class: "aw-tables" }, queryTable, keyTable);
  const element = h("div", { class: "aw-token-lists" }, lists.element, scrolled);
  const copied = h("span", { class: "aw-copied" });
  const copy = button(say(TOKENS.copy), {}, abort, () => void copyRows());

  const listed = computed<Listed>(() => {
    const { queries, keys, same, queryText, keyText } = state.sides.value;
    const as = shown.value;
    const [side, text] = as === "key" ? [keys, keyText] : [queries, queryText];
    const { target, roles } = state.meta.value;
    return {
      ...side,
      roles: target && text.kind === "decoder" ? [] : roles,
      masks: masks.value,
      as,
      same,
      say,
      numbers: state.numbers,
    };
  });
  const columns = computed(() => columnsOf(listed.value));

  watch(abort, () => {
    const { same, queries, keys } = state.sides.value;
    lists.set(!same, {
      query: say(listTitle("queries", state), { n: queries.tokens.length }),
      key: say(listTitle("keys", state), { n: keys.tokens.length }),
    });
    for (const as of ["query", "key"] as const) tables[as].element.hidden = shown.value !== as;
    copied.textContent = "";
  });

  async function copyRows(): Promise<void> {
    const { value: of } = listed;
    try {
      await copyText(tsvOf(columns.value, of), panel);
      copied.textContent = say(TOKENS.copied, { n: of.tokens.length });
    } catch {
      copied.textContent = say(TOKENS.notCopied); // an iframe without permission
    }
  }

  return {
    controls: [copy, copied],
    element,
    draw() {
      tables[shown.value].draw(columns.value, listed.value.tokens);
    },
    onScroll(react: () => void) {
      for (const { scroller } of [tables.query, tables.key]) {
        on(scroller, "scroll", abort, react);
      }
    },
    /** The rows in sight of the table that is shown: the first, and one past the last. */
    inSight() {
      const { tokens, as } = listed.value;
      return {
        columns: columns.value,
        tokens,
        range: rowsInSight(tables[as].scroller, tokens.length),
        selected: as === "key" ? state.selectedKey.value : state.selected.value,
      };
    },
  };
}
