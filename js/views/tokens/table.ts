/** The table of tokens: as many rows as there are tokens, of which only those in sight exist. */

import { h } from "../../browser/dom";
import { headingWidth, tableInSight } from "../../controls/table_in_sight";
import { drawLabel, linkKeys, linkRows, markRow } from "../../controls/token_list";
import { revealer, tellHeight } from "../../controls/virtual_rows";
import type { Text } from "../../language/say";
import type { AppState, Hover } from "../../state/app_state";
import type { TokenMeta } from "../../trace/contract";
import type { Column } from "./columns";
import { TOKENS } from "./texts";

const GAP = 5; // as in style.css
const SCROLLBAR = 20;
const PADDING = 6; // before what begins a cell

/** What a list is called, and counts. */
export const listTitle = (side: "queries" | "keys", { rows }: AppState): Text =>
  ({
    tokens: TOKENS[side],
    words: { queries: TOKENS.queriesInWords, keys: TOKENS.keysInWords }[side],
    passages: { queries: TOKENS.queriesInPassages, keys: TOKENS.keysInPassages }[side],
  })[rows.value];

export function tokenTable(as: Hover["as"], state: AppState, abort: AbortSignal) {
  const { say } = state;
  let columns: readonly Column[] = [];
  let tokens: readonly TokenMeta[] = [];

  const names = {
    table: "aw-table",
    head: "aw-table-head",
    body: "aw-table-body",
    rows: "aw-table-rows",
  };
  const {
    element,
    header: head,
    scroller,
    list: rows,
  } = tableInSight(names, say(TOKENS.table), draw);
  element.dataset.as = as;

  const isKeys = () => as === "key" && !state.sides.value.same;
  const chosenRow = () => (isKeys() ? state.selectedKey.value : state.selected.value);
  const classOf = ({ end }: Column) => (end ? "aw-cell aw-end" : "aw-cell");

  function draw(node: HTMLElement, index: number): void {
    const token = tokens[index];
    if (!token) return;
    if (node.childElementCount !== columns.length) {
      node.setAttribute("role", "row");
      node.replaceChildren(
        ...columns.map((column) => {
          const { key } = column;
          const name = key === "token" ? "aw-label" : classOf(column);
          return h("span", {
            role: "gridcell",
            "data-column": key,
            class: name,
            ...(key === "token" || key === "text" || key === "piece" ? { dir: "auto" } : {}),
          });
        }),
      );
    }
    node.setAttribute("aria-rowindex", String(index + 2));
    node.setAttribute("aria-selected", String(chosenRow() === index));
    columns.forEach((column, place) => {
      const cell = node.children[place] as HTMLElement;
      if (column.key === "token") drawLabel(cell, token, state);
      else {
        const text = column.cell(token, index);
        if (cell.textContent !== text) cell.textContent = text;
        if (column.key === "text" || column.key === "piece") cell.title = text;
      }
    });
    markRow(node, index, as, state);
  }

  linkRows(rows.element, as, state, abort);
  linkKeys(scroller, as, state, abort);
  const reveal = revealer(scroller, chosenRow);

  return {
    element,
    scroller,
    /** Draws what is in sight, and brings a newly selected token there. */
    draw(nextColumns: readonly Column[], nextTokens: readonly TokenMeta[]) {
      tokens = nextTokens;
      const same =
        columns.map(({ key }) => key).join() === nextColumns.map(({ key }) => key).join();
      columns = nextColumns;
      if (!same) {
        head.replaceChildren(
          ...columns.map((column) => {
            const { key, title, about } = column;
            const attributes = {
              role: "columnheader",
              "data-column": key,
              class: classOf(column),
              ...(about ? { title: say(about) } : {}),
            };
            return h("span", attributes, say(title));
          }),
        );
        for (const row of rows.element.children) row.replaceChildren();
      }
      const sizes = columns.map(({ least, title, end }) =>
        Math.max(least, headingWidth(say(title)) + (end ? 0 : PADDING)),
      );
      const tracks = columns.map(({ grow }, place) => `minmax(${sizes[place]}px, ${grow}fr)`);
      const least = sizes.reduce((sum, size) => sum + size + GAP, SCROLLBAR);
      element.style.setProperty("--aw-tracks", tracks.join(" "));
      element.style.minWidth = `${least}px`;
      element.setAttribute("aria-rowcount", String(tokens.length + 1));
      element.setAttribute("aria-colcount", String(columns.length));
      element.setAttribute("aria-label", listName());
      tellHeight(scroller, tokens.length);
      rows.refresh(tokens.length);
      reveal();
    },
  };

  function listName(): string {
    if (state.sides.value.same) return say(TOKENS.table);
    return say(listTitle(isKeys() ? "keys" : "queries", state), { n: tokens.length });
  }
}
