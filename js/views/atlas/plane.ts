/** The plane of heads: layer × head, or in each layer the heads in the order of a summary. */

import { heatColours } from "../../plane/heat_colours";
import type { HeatPicture } from "../../plane/heat_picture";
import type { AppState } from "../../state/app_state";
import { type AtlasData, type AtlasRow, byNumber, type Overview } from "./data";
import { headInWords, summaryName, summaryText } from "./names";
import { ATLAS_VIEW } from "./texts";

export interface PlanePlan {
  readonly layers: readonly number[];
  /** Cells of the longest layer. */
  readonly columns: number;
  /** Row by row; null where there is no head, or where it is left out. */
  readonly cells: readonly (AtlasRow | null)[];
  /** NaN where there is no number. */
  readonly data: Float64Array;
}

/** @param shown which of the heads are not left out. */
export function planeOf(
  all: readonly AtlasRow[],
  shown: readonly AtlasRow[],
  number: (row: AtlasRow) => number,
  isSorted: boolean,
): PlanePlan {
  const layers = [...new Set(all.map(({ layer }) => layer))].sort((a, b) => a - b);
  const isShown = new Set(shown);
  const rows = layers.map((layer) => {
    const heads = all.filter((row) => row.layer === layer);
    const places: (AtlasRow | null)[] = [];
    if (isSorted)
      places.push(
        ...byNumber(
          heads.filter((row) => isShown.has(row)),
          number,
        ),
      );
    else for (const row of heads) places[row.head] = isShown.has(row) ? row : null;
    return { places, count: Math.max(...heads.map(({ head }) => head + 1)) };
  });
  const columns = Math.max(0, ...rows.map(({ count }) => count));
  const cells = rows.flatMap(({ places }) =>
    Array.from({ length: columns }, (_, column) => places[column] ?? null),
  );
  const data = Float64Array.from(cells, (row) => (row ? number(row) : Number.NaN));
  return { layers, columns, cells, data };
}

export const cellOf = (plan: PlanePlan, row: number, column: number): AtlasRow | null =>
  plan.cells[row * plan.columns + column] ?? null;

const count = (n: number, from: number) => Array.from({ length: n }, (_, at) => String(at + from));

export function planePicture(
  state: AppState,
  data: AtlasData,
  plan: PlanePlan,
  overview: Overview,
  name: string,
): HeatPicture {
  const { say } = state;
  const { value: chosen } = data.chosen;
  const at = chosen ? plan.cells.indexOf(chosen) : -1;
  const numbers = Float64Array.from(data.ofKind.value, (row) => overview.of(name, row));
  return {
    rows: plan.layers.map(String),
    columns: count(plan.columns, state.atlas_sort.value ? 1 : 0),
    rowName: say(ATLAS_VIEW.layer),
    columnName: say(state.atlas_sort.value ? ATLAS_VIEW.place : ATLAS_VIEW.head),
    data: plan.data,
    // Of all heads: what is left out changes no colour.
    colours: heatColours(state, numbers, { label: summaryName(state, name), isEmptyNaN: true }),
    write: (value) => summaryText(state, name, value),
    says(row, column) {
      const head = row === null || column === null ? null : cellOf(plan, row, column);
      return head ? headInWords(state, data, head, [name]) : [];
    },
    marksCells: true,
    selectedRow: at < 0 ? null : Math.floor(at / plan.columns),
    selectedColumn: at < 0 ? null : at % plan.columns,
  };
}
