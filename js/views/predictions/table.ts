/** The table of predictions, of which only the rows in sight exist. */

import { batch } from "@preact/signals-core";
import { h, on } from "../../browser/dom";
import { tableInSight } from "../../controls/table_in_sight";
import { drawLabel, linkKeys } from "../../controls/token_list";
import { revealer, tellHeight, tokenOf } from "../../controls/virtual_rows";
import { scoreStep } from "../../draw/score_colours";
import { unsteered } from "../../language/direction";
import type { Text } from "../../language/say";
import { type AppState, watch } from "../../state/app_state";
import { rowIn } from "../../trace/sides";
import { changeColours } from "./change_colours";
import {
  actualOf,
  isActual,
  keptOf,
  labelOf,
  type PredictionData,
  probabilityOf,
  type Row,
} from "./data";
import { PREDICTED } from "./texts";

/** What a column holds. */
export type ColumnName =
  | "index"
  | "token"
  | "prediction"
  | "probability"
  | "actual"
  | "rank"
  | "change";

export interface Column {
  readonly name: ColumnName;
  readonly title: string;
  readonly about: string;
}

export interface PredictionTable {
  readonly element: HTMLElement;
  readonly scroller: HTMLElement;
  columns(): Column[];
  /** What a cell says; of a probability its number. */
  textOf(row: Row, column: ColumnName): string;
  draw(): void;
}

/** Of the palette: before edits, and after them. */
export const BAR_SHADES = [0.6, 0.95];

export function predictionTable(
  state: AppState,
  data: PredictionData,
  take: (row: Row) => (() => void) | null,
  abort: AbortSignal,
): PredictionTable {
  const { say, numbers } = state;
  const names = { table: "aw-predicted", rows: "aw-predicted-rows" };
  const { element, header, scroller, list } = tableInSight(names, say(PREDICTED.table), drawRow);

  function columns(): Column[] {
    const predicts = data.answer.value?.predicts ?? "next token";
    const isNext = predicts === "next token";
    const column = (name: ColumnName, title: Text, about = title) => ({
      name,
      title: say(title),
      about: say(about),
    });
    const probability = column("probability", PREDICTED.probability, PREDICTED.aboutProbability);
    const change = data.after.value
      ? [column("change", PREDICTED.change, PREDICTED.aboutChange)]
      : [];
    if (predicts === "class")
      return [column("prediction", PREDICTED.class), probability, ...change];
    const best = isNext ? PREDICTED.aboutNext : PREDICTED.aboutHere;
    const token = column("token", PREDICTED.token);
    const shown = [
      { ...token, name: "index" as const, title: "" },
      token,
      predicts === "class of token"
        ? column("prediction", PREDICTED.class)
        : column("prediction", PREDICTED.prediction, best),
      probability,
    ];
    if (predicts === "class of token" || change.length) return [...shown, ...change];
    const actual = isNext ? PREDICTED.aboutActualNext : PREDICTED.aboutActual;
    return [
      ...shown,
      column("actual", PREDICTED.actual, actual),
      column("rank", PREDICTED.rank, PREDICTED.aboutRank),
    ];
  }

  function textOf(row: Row, column: ColumnName): string {
    const { value: found } = data.answer;
    const { value: after } = data.after;
    if (!found) return "";
    const { at, candidate } = row;
    const actual = candidate === null ? actualOf(found, at) : null;
    switch (column) {
      case "index":
        return candidate === null ? String(found.positions[at] ?? "") : "";
      case "token":
        return candidate === null ? (data.tokenAt(at)?.label ?? "") : `${candidate + 1}.`;
      case "prediction": {
        const [now, then] = [labelOf(found, row), after ? labelOf(after, row) : ""];
        const isOther = after && candidate === null && after.ids[at]?.[0] !== found.ids[at]?.[0];
        return unsteered(isOther ? `${now} → ${then}` : now);
      }
      case "probability": {
        const p = numbers.share(probabilityOf(found, row), 0);
        return after ? `${p} → ${numbers.share(keptOf(after, row), 0)}` : p;
      }
      case "change": {
        if (!after) return "";
        return numbers.change(keptOf(after, row) - probabilityOf(found, row));
      }
      case "actual":
        return actual ? numbers.share(actual.p, 0) : "";
      case "rank":
        return actual ? numbers.fixed(actual.rank, 0) : "";
    }
  }

  function drawCell(cell: HTMLElement, row: Row, name: ColumnName): void {
    const { value: found } = data.answer;
    if (!found) return;
    if (name === "token" && row.candidate === null) {
      drawLabel(cell, data.tokenAt(row.at), state);
      return;
    }
    const text = textOf(row, name);
    if (name === "prediction") {
      const act = row.candidate === null ? null : take(row);
      drawPrediction(cell, text, act ? say(PREDICTED.take, { text }) : null);
      cell.classList.toggle("aw-actual", isActual(found, row));
      return;
    }
    if (name === "probability") {
      const { value: after } = data.after;
      drawBars(cell, [probabilityOf(found, row), ...(after ? [keptOf(after, row)] : [])], text);
      return;
    }
    if (name === "change") {
      const step = changeColours(state, data, row);
      cell.style.background = step?.colour ?? "";
      cell.style.color = step?.ink ?? "";
    }
    delete cell.dataset.drawn; // as a label
    if (cell.textContent !== text) cell.textContent = text;
    cell.title = "";
  }

  function drawPrediction(cell: HTMLElement, text: string, title: string | null): void {
    const drawn = `${title}\n${text}`;
    if (cell.dataset.drawn === drawn) return;
    cell.dataset.drawn = drawn;
    cell.title = title ?? text;
    cell.replaceChildren(
      title ? h("button", { type: "button", class: "aw-take", title }, text) : text,
    );
  }

  function drawBars(cell: HTMLElement, shares: readonly number[], text: string): void {
    if (!cell.firstElementChild) {
      cell.replaceChildren(h("span", { class: "aw-odds-tracks" }), h("span"));
    }
    const [tracks, number] = [...cell.children] as HTMLElement[];
    if (!tracks || !number) return;
    while (tracks.childElementCount > shares.length) tracks.lastElementChild?.remove();
    while (tracks.childElementCount < shares.length) {
      tracks.append(h("span", { class: "aw-odds-track" }, h("span", { class: "aw-odds-bar" })));
    }
    shares.forEach((share, place) => {
      const bar = tracks.children[place]?.firstElementChild as HTMLElement;
      bar.style.width = `${Math.round(1e4 * (share || 0)) / 100}%`;
      bar.style.background = scoreStep(state, BAR_SHADES[place] ?? 1).colour;
    });
    if (number.textContent !== text) number.textContent = text;
  }

  function drawRow(node: HTMLElement, index: number): void {
    const row = data.rows.value[index];
    if (!row) return;
    const shown = columns();
    const names = shown.map(({ name }) => name).join();
    if (node.dataset.columns !== names) {
      node.dataset.columns = names;
      node.setAttribute("role", "row");
      node.replaceChildren(
        ...shown.map(({ name }) =>
          h("span", {
            role: "gridcell",
            "data-column": name,
            ...(isText(name) && { dir: "auto" }),
          }),
        ),
      );
    }
    shown.forEach(({ name }, place) => {
      drawCell(node.children[place] as HTMLElement, row, name);
    });
    const isPosition = row.candidate === null;
    const isSelected = isPosition && row.at === data.selected.value;
    const token = isPosition ? data.tokenAt(row.at) : undefined;
    node.setAttribute("aria-rowindex", String(index + 2));
    node.setAttribute("aria-selected", String(isSelected));
    node.classList.toggle("aw-selected", isSelected);
    node.classList.toggle("aw-special", token?.special ?? false);
    node.classList.toggle("aw-candidate", !isPosition && data.answer.value?.predicts !== "class");
    const hovered = state.hovered.value;
    const own = data.isOfText.value && isPosition ? rowOf(row) : null;
    node.classList.toggle("aw-hovered", own !== null && hovered?.token === own);
  }

  /** The row of a position in the lists of the attention. */
  const rowOf = ({ at }: Row): number | null =>
    rowIn(state.sides.value.queries, data.answer.value?.positions[at] ?? null);

  function select({ at, candidate }: Row): void {
    const token = data.answer.value?.positions[at];
    if (candidate !== null || token === undefined) return;
    const isSame = data.selected.peek() === at;
    batch(() => {
      if (!data.isOfText.peek()) state.attention_kind.value = "decoder";
      state.token.value = isSame ? null : token;
    });
  }

  on(list.element, "click", abort, (event) => {
    const row = data.rows.value[tokenOf(event) ?? -1];
    if (!row) return;
    if ((event.target as Element).closest(".aw-take")) take(row)?.();
    else select(row);
  });
  on(list.element, "keydown", abort, (event) => {
    const isPress = event.key === "Enter" || event.key === " ";
    if (isPress && (event.target as Element).closest(".aw-take")) event.stopPropagation();
  });
  on(list.element, "pointerover", abort, (event) => {
    const row = data.rows.value[tokenOf(event) ?? -1];
    const own = row && row.candidate === null && data.isOfText.value ? rowOf(row) : null;
    state.hovered.value = own === null ? null : { token: own, as: "query" };
  });
  on(list.element, "pointerleave", abort, () => {
    state.hovered.value = null;
  });
  linkKeys(scroller, "query", state, abort);
  watch(abort, () => {
    const shown = columns();
    header.replaceChildren(
      ...shown.map(({ name, title, about }) =>
        h("span", { role: "columnheader", "data-column": name, title: about }, title),
      ),
    );
    element.hidden = !data.rows.value.length; // nothing there to stop at with Tab
    element.dataset.columns = shown.map(({ name }) => name).join(" ");
    element.setAttribute("aria-rowcount", String(data.rows.value.length + 1));
  });
  const reveal = revealer(scroller, () => {
    const { value: at } = data.selected;
    return at === null ? null : data.rows.value.findIndex((row) => row.at === at);
  });

  return {
    element,
    scroller,
    columns,
    textOf,
    draw() {
      tellHeight(scroller, data.rows.value.length);
      list.refresh(data.rows.value.length);
      reveal();
    },
  };
}

const isText = (name: ColumnName): boolean => name === "token" || name === "prediction";
