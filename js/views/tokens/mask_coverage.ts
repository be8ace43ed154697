/** The mask as a grid of cells: one for each pair, or the share of the pairs that a cell holds. */

import type { Box } from "../../draw/pen";
import type { Numbers } from "../../trace/tensor";

/**
 * Row by row how much of each cell is seen, 0..1.
 *
 * @param runs (run, 4): head, query, start, stop. -1 stands for every head.
 *
 * @param part keys from `x` on, queries from `y` on, in whole numbers.
 * @param most cells of a side.
 */
export function coverageOf(runs: Numbers, head: number, part: Box, most: number) {
  const { x, y, width, height } = part;
  const columns = Math.min(width, most);
  const rows = Math.min(height, most);
  const share = new Float32Array(columns * rows);
  const rowOf = (query: number) => Math.floor(((query - y) * rows) / height);
  const inRow = new Int32Array(rows);
  for (let query = y; query < y + height; query++) {
    inRow[rowOf(query)] = (inRow[rowOf(query)] ?? 0) + 1;
  }
  const wide = columns / width;
  forRuns(runs, head, (query, start, stop) => {
    if (query < y || query >= y + height) return;
    const row = rowOf(query);
    const weight = 1 / (inRow[row] ?? 1);
    const [from, to] = [Math.max(0, start - x) * wide, (stop - x) * wide];
    const last = Math.min(columns, Math.ceil(to));
    for (let column = Math.floor(from); column < last; column++) {
      const covered = Math.min(to, column + 1) - Math.max(from, column);
      share[row * columns + column] = (share[row * columns + column] ?? 0) + weight * covered;
    }
  });
  return { columns, rows, share };
}

function forRuns(
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

/** How many keys each query sees, and how many queries see each key. */
export function countsOf(runs: Numbers, head: number, queries: number, keys: number) {
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

/** Whether the query sees the key. */
export function sees(runs: Numbers, head: number, query: number, key: number): boolean {
  let isSeen = false;
  forRuns(runs, head, (row, start, stop) => {
    if (row === query && start <= key && key < stop) isSeen = true;
  });
  return isSeen;
}
