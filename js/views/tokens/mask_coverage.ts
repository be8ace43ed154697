/** The mask as a grid of cells: one for each pair, or the share of the pairs that a cell holds. */

import type { Numbers } from "../../trace/tensor";

export interface Coverage {
  columns: number;
  rows: number;
  /** Row by row: how much of the cell is seen, 0..1. */
  share: Float32Array;
}

/** `runs` (run, 4): head, query, start, stop. -1 stands for every head. */
export function coverageOf(
  runs: Numbers,
  head: number,
  queries: number,
  keys: number,
  most: number,
): Coverage {
  const columns = Math.min(keys, most);
  const rows = Math.min(queries, most);
  const share = new Float32Array(columns * rows);
  if (!columns || !rows) return { columns, rows, share };
  const inRow = new Int32Array(rows);
  for (let query = 0; query < queries; query++) {
    const row = Math.floor((query * rows) / queries);
    inRow[row] = (inRow[row] ?? 0) + 1;
  }
  const wide = columns / keys;
  forRuns(runs, head, (query, start, stop) => {
    const row = Math.floor((query * rows) / queries);
    const part = 1 / (inRow[row] ?? 1);
    const [from, to] = [start * wide, stop * wide];
    const last = Math.min(columns, Math.ceil(to));
    for (let column = Math.floor(from); column < last; column++) {
      const covered = Math.min(to, column + 1) - Math.max(from, column);
      share[row * columns + column] = (share[row * columns + column] ?? 0) + part * covered;
    }
  });
  return { columns, rows, share };
}

export function forRuns(
  runs: Numbers,
  head: number,
  visit: (query: number, start: number, stop: number) => void,
): void {
  for (let at = 0; at + 3 < runs.length; at += 4) {
    const of = runs[at] ?? -1;
    if (of >= 0 && of !== head) continue;
    visit(runs[at + 1] ?? 0, runs[at + 2] ?? 0, runs[at + 3] ?? 0);
  }
}

export interface Counts {
  /** Keys that a query sees. */
  sees: Int32Array;
  /** Queries that see a key. */
  seen: Int32Array;
}

export function countsOf(runs: Numbers, head: number, queries: number, keys: number): Counts {
  const sees = new Int32Array(queries);
  const seen = new Int32Array(keys + 1);
  forRuns(runs, head, (query, start, stop) => {
    sees[query] = (sees[query] ?? 0) + stop - start;
    seen[start] = (seen[start] ?? 0) + 1;
    seen[stop] = (seen[stop] ?? 0) - 1;
  });
  for (let key = 1; key < keys; key++) seen[key] = (seen[key] ?? 0) + (seen[key - 1] ?? 0);
  return { sees, seen: seen.subarray(0, keys) };
}

/** Whether the query sees the key: runs stand in order of head and query. */
export function sees(runs: Numbers, head: number, query: number, key: number): boolean {
  const count = runs.length / 4;
  const of = (runs[0] ?? -1) < 0 ? -1 : head;
  const before = (run: number) => {
    const h = runs[4 * run] ?? 0;
    const q = runs[4 * run + 1] ?? 0;
    return h < of || (h === of && q < query);
  };
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  for (let run = low; run < count; run++) {
    if (runs[4 * run] !== of || runs[4 * run + 1] !== query) return false;
    if ((runs[4 * run + 2] ?? 0) <= key && key < (runs[4 * run + 3] ?? 0)) return true;
  }
  return false;
}
