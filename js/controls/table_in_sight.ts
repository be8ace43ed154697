/** A table below a row of headings, of which only the rows in sight exist. */

import { h } from "../browser/dom";
import { textWidth } from "../draw/text_width";
import { type Rows, virtualRows } from "./virtual_rows";

/** Classes of its parts. */
interface Classes {
  table: string;
  /** Of the headings and of the rest, besides those of every table. */
  head?: string;
  body?: string;
  rows: string;
}

export interface TableInSight {
  readonly element: HTMLElement;
  /** Takes the headings. */
  readonly header: HTMLElement;
  readonly scroller: HTMLElement;
  readonly list: Rows;
}

const HEADING = 11; // as in rows.css
const BOLD = 650;

/** CSS pixels in which it has two lines at most: headings break between words. */
export function headingWidth(title: string): number {
  const words = title.split(" ");
  const parts = (first: number) => [words.slice(0, first).join(" "), words.slice(first).join(" ")];
  return Math.min(...words.map((_, place) => widest(parts(place + 1), HEADING)));
}

/** CSS pixels of the widest of some texts, written as bold as they can be. */
export const widest = (texts: readonly string[], size: number): number =>
  Math.ceil(Math.max(0, ...texts.map((text) => textWidth(text, size, BOLD))));

/** @param draw fills a row's node for an index; nodes are used again for other indices. */
export function tableInSight(
  { table, head, body, rows }: Classes,
  label: string,
  draw: (node: HTMLElement, index: number) => void,
): TableInSight {
  const header = h("div", { class: named("aw-columns", head), role: "row", "aria-rowindex": 1 });
  const scroller = h("div", { class: named("aw-scroll", body), tabindex: 0, role: "rowgroup" });
  const list = virtualRows(scroller, rows, draw);
  list.element.setAttribute("role", "presentation");
  scroller.append(list.element);
  const element = h(
    "div",
    { class: table, role: "grid", "aria-label": label },
    h("div", { role: "rowgroup" }, header),
    scroller,
  );
  return { element, header, scroller, list };
}

const named = (...names: (string | undefined)[]) => names.filter(Boolean).join(" ");
