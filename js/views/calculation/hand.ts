/** Pointing at numbers of the shown step, with the mouse and with the keyboard. */

import { h, on } from "../../browser/dom";
import type { Box } from "../../draw/pen";
import { listenToKeys, moved } from "../../interact/keys";
import { listenToPointer, type Point } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import type { Pane } from "../../panel/view";
import type { AppState } from "../../state/app_state";
import { toggleToken } from "../../state/selecting";
import { calculationTold } from "../../tensors/calculation_told";
import type { CalculationData, Cell } from "./data";
import type { Drawn } from "./layout";
import { isWhole } from "./matrix";
import { numberInWords } from "./matrix_drawing";
import type { Operation } from "./operations";
import { PARTS, type Plan } from "./plan";
import { explained } from "./terms";
import { cellName, sideOf } from "./tokens";

/** What is on the canvas now. */
export interface Shown {
  readonly operation: Operation;
  readonly drawn: Drawn;
  readonly plan: Plan;
}

interface Place extends Cell {
  readonly part: keyof Drawn;
}

const isIn = ({ x, y, width, height }: Box, at: Point) =>
  at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;

/** The number of a matrix that lies at a place; in a row by itself that of the number. */
export function placeAt({ drawn, plan }: Shown, at: Point, row: number): Place | null {
  for (const part of PARTS) {
    const [matrix, box] = [drawn[part], plan.boxes[part]];
    if (!matrix || !box) continue;
    const [rows, columns] = matrix.shape;
    const column = Math.floor(((at.x - box.x) / box.width) * columns);
    if (isIn(box, at))
      return { part, row: Math.floor(((at.y - box.y) / box.height) * rows), column };
    const strip = part === "left" || part === "result" ? plan.focus?.[part] : null;
    if (strip && isIn(strip, at)) return { part, row, column };
  }
  return null;
}

/** The number of the result that a place belongs to. */
export function cellOf({ operation, drawn }: Shown, place: Place, before: Cell | null): Cell {
  const { part, row, column } = place;
  if (part === "sink" || part === "sunk") return { row, column: before?.column ?? 0 };
  if (part === "result" || !operation.right || operation.sign === "+") {
    return part === "plus" ? { row: before?.row ?? 0, column } : { row, column };
  }
  const most = drawn.result.shape;
  if (part === "left") return { row, column: Math.min(before?.column ?? 0, most[1] - 1) };
  return { row: before?.row ?? 0, column };
}

export function hand(
  pane: Pane,
  plot: HTMLElement,
  data: CalculationData,
  state: AppState,
  shown: () => Shown | null,
): void {
  const { abort, element } = pane;
  const tip = tooltip(element, abort);

  /** Rows of tokens are hovered elsewhere too. */
  function hover(place: Place | null): void {
    const now = shown();
    const matrix = place && now?.drawn[place.part];
    if (!place || !matrix) {
      state.hovered.value = null;
      return;
    }
    const [rows, columns] = [sideOf(matrix.rows), sideOf(matrix.columns)];
    if (rows && place.part !== "right") state.hovered.value = { token: place.row, as: rows };
    else if (columns) state.hovered.value = { token: place.column, as: columns };
    else if (rows) state.hovered.value = { token: place.row, as: rows };
    else state.hovered.value = null;
  }

  function said(now: Shown, { part, row, column }: Place): string[] {
    const matrix = now.drawn[part];
    if (!matrix) return [];
    const own = matrix.isTransposed ? { row: column, column: row } : { row, column };
    const name = `${data.symbol(matrix.name)}[${cellName(state, matrix.name, own)}]`;
    const line = data.line(matrix.name, "row", own.row)?.[own.column];
    const value = line ?? (isWhole(matrix.pooling) ? matrix.at(row, column) : undefined);
    return value === undefined ? [name] : [`${name} = ${numberInWords(state, matrix.name, value)}`];
  }

  listenToPointer(
    plot,
    {
      point(at, event) {
        const now = shown();
        const place = at && now ? placeAt(now, at, data.cell.peek()?.row ?? 0) : null;
        if (!place || !now) {
          data.pointed.value = null;
          hover(null);
          tip.hide();
          return;
        }
        data.pointed.value = cellOf(now, place, data.cell.peek());
        hover(place);
        tip.show(said(now, place), event);
      },
      click(at) {
        const now = shown();
        const place = at && now ? placeAt(now, at, data.cell.peek()?.row ?? 0) : null;
        if (place && now) select(now, place);
      },
    },
    abort,
  );

  function select({ drawn }: Shown, { part, row, column }: Place): void {
    const matrix = drawn[part];
    if (!matrix) return;
    const [rows, columns] = [sideOf(matrix.rows), sideOf(matrix.columns)];
    if (rows === "query") choose(row, "query");
    else if (rows === "key") choose(row, state.sides.value.same ? "query" : "key");
    if (columns === "key") choose(column, "key");
  }

  /** Not let go of: its row is followed. */
  function choose(row: number, as: "query" | "key"): void {
    const selected = as === "query" ? state.selected : state.selectedKey;
    if (selected.value !== row) toggleToken(state, row, as);
  }

  const from = () => data.cell.value ?? { row: 0, column: 0 };
  const tell = () => {
    const at = data.cell.value;
    const found = at && explained(data, state, at);
    if (found) calculationTold(state).value = `${found.lead} ${found.made}`;
  };
  listenToKeys(
    plot,
    {
      move({ by, x, y }) {
        const now = shown();
        if (!now) return false;
        const [rows, columns] = now.drawn.result.shape;
        const { row, column } = from();
        const page = by === "page" ? 10 : 1;
        data.pointed.value = {
          row: moved(row, y * page, rows),
          column: moved(column, by === "end" ? x * columns : x, columns),
        };
        tell();
        return true;
      },
      enter: () => selectCell(),
      space: () => selectCell(),
      escape() {
        const was = data.pointed.value !== null;
        data.pointed.value = null;
        tip.hide();
        return was;
      },
    },
    abort,
  );
  function selectCell(): boolean {
    const now = shown();
    if (now) select(now, { part: "result", ...from() });
    return now !== null;
  }
  on(plot, "blur", abort, () => {
    data.pointed.value = null;
  });
}

/** The number that is explained, in a line of text. */
export function termsLine(): { element: HTMLElement; set(lead: string, made: string): void } {
  const lead = h("b", {});
  const made = h("span", {});
  return {
    element: h("p", { class: "aw-calculation-terms", dir: "ltr" }, lead, " ", made),
    set(first, rest) {
      lead.textContent = first;
      made.textContent = rest;
    },
  };
}
