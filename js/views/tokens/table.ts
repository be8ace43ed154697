/** The table of tokens: as many rows as there are tokens, of which only those in sight exist. */

import { h } from "../../browser/dom";
import { drawLabel, linkKeys, linkRows, markRow } from "../../controls/token_list";
import { revealer, tellHeight, virtualRows } from "../../controls/virtual_rows";
import type { AppState, Hover } from "../../state/app_state";
import type { TokenMeta } from "../../trace/contract";
import type { Column } from "./columns";
import { TOKENS } from "./texts";

const GAP = 8; // as in style.css
const SCROLLBAR = 20;

export interface Table {
  readonly element: HTMLElement;
  readonly scroller: HTMLElement;
  set(columns: readonly Column[], tokens: readonly TokenMeta[]): void;
  /** Draws what is in sight, and brings a newly selected token there. */
  refresh(): void;
}

export function tokenTable(as: Hover["as"], state: AppState, abort: AbortSignal): Table {
  const { say } = state;
  let columns: readonly Column[] = [];
  let tokens: readonly TokenMeta[] = [];

  const head = h("div", { class: "aw-table-head aw-columns", role: "row", "aria-rowindex": 1 });
  const scroller = h("div", { class: "aw-scroll aw-table-body", tabindex: 0, role: "rowgroup" });
  const rows = virtualRows(scroller, "aw-table-rows", draw);
  rows.element.setAttribute("role", "presentation");
  scroller.append(rows.element);
  const element = h(
    "div",
    { class: "aw-table", role: "grid", "data-as": as, "aria-label": say(TOKENS.table) },
    h("div", { role: "rowgroup" }, head),
    scroller,
  );

  const isKeys = () => as === "key" && !state.sides.value.same;
  const side = () => state.sides.value[isKeys() ? "keys" : "queries"];
  const chosenRow = () => (isKeys() ? state.selectedKey.value : state.selected.value);

  function draw(node: HTMLElement, index: number): void {
    const token = tokens[index];
    if (!token) return;
    if (node.childElementCount !== columns.length) {
      node.setAttribute("role", "row");
      node.replaceChildren(
        ...columns.map(({ key, end }) =>
          h("span", {
            role: "gridcell",
            "data-column": key,
            class: key === "token" ? "aw-label" : end ? "aw-cell aw-end" : "aw-cell",
            ...(key === "token" || key === "text" ? { dir: "auto" } : {}),
          }),
        ),
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
        if (column.key === "text") cell.title = text;
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
    set(nextColumns, nextTokens) {
      tokens = nextTokens;
      const same =
        columns.map(({ key }) => key).join() === nextColumns.map(({ key }) => key).join();
      columns = nextColumns;
      if (!same || !head.childElementCount) {
        head.replaceChildren(
          ...columns.map(({ key, title, about, end }) =>
            h(
              "span",
              {
                role: "columnheader",
                "data-column": key,
                class: end ? "aw-cell aw-end" : "aw-cell",
                ...(about ? { title: say(about) } : {}),
              },
              say(title),
            ),
          ),
        );
        for (const row of rows.element.children) row.replaceChildren();
      }
      const tracks = columns.map(({ least, grow }) => `minmax(${least}px, ${grow}fr)`);
      const least = columns.reduce((sum, column) => sum + column.least + GAP, 0);
      element.style.setProperty("--aw-tracks", tracks.join(" "));
      element.style.minWidth = `${least + SCROLLBAR}px`;
      element.setAttribute("aria-rowcount", String(tokens.length + 1));
      element.setAttribute("aria-colcount", String(columns.length));
      element.setAttribute("aria-label", listName());
    },
    refresh() {
      const count = side().tokens.length;
      tellHeight(scroller, count);
      rows.refresh(count);
      reveal();
    },
  };

  function listName(): string {
    if (state.sides.value.same) return say(TOKENS.table);
    return say(isKeys() ? TOKENS.keys : TOKENS.queries, { n: tokens.length });
  }
}
