/** The passages as rows: what each gets, and what leaving it out changes. */

import { button, h } from "../../browser/dom";
import { divergingCss } from "../../draw/scales";
import { unsteered } from "../../language/direction";
import { type AppState, watch } from "../../state/app_state";
import type { PassagesData } from "./data";
import { LEFT_OUT, PASSAGES } from "./texts";
import { measureInWords, shareInWords, signed } from "./words";

/** One line of the table, in words and numbers. */
export interface Line {
  name: string;
  /** Null for what is outside of passages. */
  passage: number | null;
  shares: readonly [all: number, shown: number];
  /** What leaving it out changes; null while that is not known, or where it cannot be. */
  change: number | null;
  /** In the place of a number. */
  instead: string;
}

export function linesOf(state: AppState, data: PassagesData): Line[] {
  const { say } = state;
  const { value: names } = data.names;
  const { value: found } = data.leaving.known;
  return [...names, say(PASSAGES.rest)].map((name, index) => {
    const isRest = index === names.length;
    const value = Number(found?.effects[index] ?? Number.NaN);
    const isTried = found !== null && !isRest;
    const isLeft = isTried && Number.isNaN(value) && data.leaving.isWhole.value;
    return {
      name,
      passage: isRest ? null : index,
      shares: [data.overall.value[index] ?? Number.NaN, data.ofShown.value[index] ?? Number.NaN],
      change: isTried && !Number.isNaN(value) ? value : null,
      instead: isLeft ? say(LEFT_OUT.inAnswer) : "",
    };
  });
}

/** The longest bar of all changes. */
export const reachOf = (lines: readonly Line[]): number =>
  Math.max(1e-12, ...lines.map(({ change }) => Math.abs(change ?? 0)));

export function passageTable(state: AppState, data: PassagesData, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const all = h("span", { role: "columnheader" }, say(PASSAGES.all));
  const shown = h("span", { role: "columnheader" }, say(PASSAGES.shown));
  const header = h(
    "div",
    { class: "aw-passage-columns", role: "row" },
    h("span", { role: "columnheader" }, say(PASSAGES.passage)),
    all,
    shown,
    h("span", { role: "columnheader", title: say(LEFT_OUT.columnTitle) }, say(LEFT_OUT.column)),
  );
  const body = h("div", { class: "aw-passage-rows", role: "rowgroup" });
  const table = h(
    "div",
    { class: "aw-passage-table", role: "table", "aria-label": say(PASSAGES.table) },
    h("div", { role: "rowgroup" }, header),
    body,
  );
  let rows: Row[] = [];

  watch(abort, () => {
    const { value: measure } = data.measure;
    const of = { measure: measure ? measureInWords(state, measure) : "" };
    all.title = say(measure ? PASSAGES.allTitleOf : PASSAGES.allTitle, of);
    shown.title = say(measure ? PASSAGES.shownTitleOf : PASSAGES.shownTitle, of);
  });

  watch(abort, () => {
    const lines = linesOf(state, data);
    if (rows.length !== lines.length) {
      rows = lines.map((_, index) => rowOf(index));
      body.replaceChildren(...rows.map(({ element }) => element));
    }
    const isLeaving = data.leaving.known.value !== null;
    table.toggleAttribute("data-left-out", isLeaving);
    const reach = reachOf(lines);
    lines.forEach((line, index) => {
      rows[index]?.draw(line, reach);
    });
  });

  interface Row {
    element: HTMLElement;
    draw(line: Line, reach: number): void;
  }

  function rowOf(index: number): Row {
    const name = button("", { class: "aw-passage-name" }, abort, () => data.pick(index));
    const rest = h("span", { class: "aw-passage-rest" });
    const cells = [barCell(), barCell(), barCell()] as const;
    const element = h(
      "div",
      { class: "aw-passage-row", role: "row", "data-passage": index },
      h("span", { role: "rowheader" }, name, rest),
      ...cells.map(({ cell }) => cell),
    );
    return {
      element,
      draw(line, reach) {
        const isRest = line.passage === null;
        const said = unsteered(line.name);
        name.hidden = isRest;
        rest.hidden = !isRest;
        const shown = isRest ? rest : name;
        if (shown.textContent !== said) shown.textContent = said;
        name.title = said;
        name.setAttribute("aria-label", say(PASSAGES.pick, { name: said }));
        const isPicked = line.passage === data.picked.value;
        name.setAttribute("aria-pressed", String(isPicked));
        element.classList.toggle("aw-selected", isPicked);
        line.shares.forEach((share, place) => {
          const text = Number.isNaN(share) ? "" : shareInWords(state, share);
          cells[place === 0 ? 0 : 1].draw(text, Math.abs(share) || 0, "var(--aw-accent)");
        });
        const { change } = line;
        const text = change === null ? line.instead : signed(state, change);
        const colour = divergingCss(Math.sign(change ?? 0), 1, state.dark.value);
        cells[2].draw(text, Math.abs(change ?? 0) / reach, colour);
        cells[2].cell.toggleAttribute("data-words", line.instead !== "");
      },
    };
  }
  return table;
}

function barCell() {
  const bar = h("i", { class: "aw-passage-bar" });
  const number = h("span", { class: "aw-passage-number" });
  const track = h("span", { class: "aw-passage-track", "aria-hidden": "true" }, bar);
  const cell = h("span", { role: "cell" }, track, number);
  return {
    cell,
    draw(text: string, share: number, colour: string) {
      if (number.textContent !== text) number.textContent = text;
      bar.style.width = `${Math.min(100, Math.round(1e4 * share) / 100)}%`;
      bar.style.background = colour;
    },
  };
}
