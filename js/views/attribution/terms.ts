/** The table of what wrote the logit, of which only the rows in sight exist. */

import { signal } from "@preact/signals-core";
import { h, on } from "../../browser/dom";
import {
  DOWN,
  revealer,
  rowsOnPage,
  tellHeight,
  tokenOf,
  virtualRows,
} from "../../controls/virtual_rows";
import { isSeveral, listenToKeys, moved } from "../../interact/keys";
import { type AppState, watch } from "../../state/app_state";
import { chooseHead, type Head, isChosen } from "../../state/choose_head";
import { letGo } from "../../state/selecting";
import type { Term } from "../../trace/explained";
import { drawBar, signedBar } from "./bars";
import type { AttributionData } from "./data";
import { ATTRIBUTION } from "./texts";
import { backupSentence, hasKinds, signed, termName } from "./words";

export interface TermTable {
  readonly element: HTMLElement;
  readonly scroller: HTMLElement;
  /** The row that keys are at. */
  here(): Term | null;
  /** Name, part and change of a row, as its cells say them, without a star. */
  textsOf(term: Term): readonly [name: string, part: string, change: string];
  draw(): void;
}

let made = 0;

export const headOf = ({ kind, layer, head }: Term): Head | null =>
  kind === null || layer === null || head === null ? null : { kind, layer, head };

export function termTable(state: AppState, data: AttributionData, abort: AbortSignal): TermTable {
  const { say, numbers } = state;
  const { terms } = data;
  made += 1;
  const id = `aw-terms-${made}`;
  const current = signal<number | null>(null);
  const header = h("div", { class: "aw-columns", "aria-hidden": "true" }); // each row names them
  const label = say(ATTRIBUTION.table);
  const scroller = h("div", { class: "aw-scroll", tabindex: 0, role: "grid", "aria-label": label });
  const list = virtualRows(scroller, "aw-term-rows", drawRow);
  list.element.setAttribute("role", "presentation");
  scroller.append(list.element);
  const element = h("div", { class: "aw-terms" }, header, scroller);
  const column = (title: string, about: string, span: string) =>
    h("span", { class: span, title: about }, title);
  const { writer, aboutWriter, direct, aboutDirect, effect, aboutEffect } = ATTRIBUTION;
  header.append(
    column(say(writer), say(aboutWriter), ""),
    column(say(direct), say(aboutDirect), "aw-two"),
    column(say(effect), say(aboutEffect), "aw-two"),
  );

  function textsOf(term: Term): readonly [string, string, string] {
    const found = data.effectOf(term);
    const change = found ? signed(numbers, Number(found.effect)) : data.isAwaited(term) ? "…" : "";
    const name = termName(say, term, hasKinds(terms.value));
    return [name, signed(numbers, Number(term.value)), change];
  }

  const spoken = (name: string, part: string, change: string) =>
    [`${name}: ${say(direct)} ${part}`, ...(change ? [`${say(effect)} ${change}`] : [])].join(", ");

  function drawRow(node: HTMLElement, index: number): void {
    const term = terms.value[index];
    if (!term) return;
    if (!node.childElementCount) {
      node.setAttribute("role", "row");
      node.replaceChildren(
        h("span", { role: "gridcell", "data-column": "writer" }),
        signedBar(),
        h("span", { role: "gridcell", "data-column": "part" }),
        signedBar(),
        h("span", { role: "gridcell", "data-column": "change" }),
      );
    }
    const [name, part, change] = textsOf(term);
    const [writing, bar, number, changeBar, changed] = [...node.children] as [
      HTMLElement,
      HTMLElement,
      HTMLElement,
      HTMLElement,
      HTMLElement,
    ];
    const found = data.effectOf(term);
    const head = headOf(term);
    const [reach, dark] = [data.reach.value, state.dark.value];
    writing.textContent = name;
    writing.title = name;
    number.textContent = part;
    changed.textContent = change;
    changed.classList.toggle("aw-backed-up", Boolean(found?.backup)); // a star
    drawBar(bar, Number(term.value), reach, dark);
    drawBar(changeBar, found && Number(found.effect), reach, dark);
    const { value: answer } = data.written;
    node.title = found && answer ? backupSentence(state, answer, found) : "";
    const isSelected = head !== null && isChosen(state, head);
    node.id = `${id}-${index}`;
    node.setAttribute("aria-rowindex", String(index + 1));
    node.setAttribute("aria-label", spoken(name, part, found ? change : ""));
    node.setAttribute("aria-selected", String(isSelected));
    node.classList.toggle("aw-selected", isSelected);
    node.classList.toggle("aw-current", current.value === index);
    node.classList.toggle("aw-no-head", head === null);
  }

  const select = (term: Term | undefined, several: boolean): boolean => {
    const head = term && headOf(term);
    if (!head) return false;
    chooseHead(state, head, several);
    return true;
  };
  const at = () => terms.peek()[current.peek() ?? -1];

  on(list.element, "click", abort, (event) => {
    const row = tokenOf(event);
    if (row === null) return;
    current.value = row;
    select(terms.peek()[row], isSeveral(event));
  });
  listenToKeys(
    scroller,
    {
      move({ by, x, y }) {
        if (by === "step" && x) return false;
        const { length } = terms.peek();
        if (!length) return false;
        const now = current.peek() ?? (x + y < 0 ? length : -1);
        const step = { step: y, page: y * rowsOnPage(scroller, DOWN), end: x * length }[by];
        current.value = moved(now, step, length);
        return true;
      },
      enter: (event) => select(at(), isSeveral(event)),
      space: (event) => select(at(), isSeveral(event)),
      escape: () => letGo(state),
    },
    abort,
  );
  watch(abort, () => {
    void data.asked.value.question; // of another answer
    current.value = null;
  });
  watch(abort, () => {
    const { value: row } = current;
    if (row === null) scroller.removeAttribute("aria-activedescendant");
    else scroller.setAttribute("aria-activedescendant", `${id}-${row}`);
    scroller.setAttribute("aria-rowcount", String(terms.value.length));
  });
  const reveal = revealer(scroller, () => current.value);

  return {
    element,
    scroller,
    here: () => terms.value[current.value ?? -1] ?? null,
    textsOf,
    draw() {
      const { length } = terms.value;
      header.hidden = !length;
      tellHeight(scroller, length);
      list.refresh(length);
      if (reveal()) list.refresh(length);
    },
  };
}
