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

/**
 * The same between words, or without some tokens: a row sees another where any of its tokens sees
 * any of the other's.
 */
export function groupedRuns(
  runs: Numbers,
  queries: readonly (readonly number[])[],
  keys: readonly (readonly number[])[],
): Int32Array<ArrayBuffer> {
  const rowOf = new Map(queries.flatMap((group, row) => group.map((token) => [token, row])));
  const ends = keys.map((group) => (group[group.length - 1] ?? -1) + 1);
  /** The first row that ends beyond a token. */
  const rowBeyond = (token: number) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) > token) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const found = new Map<string, { head: number; row: number; seen: [number, number][] }>();
  for (let at = 0; at + 3 < runs.length; at += 4) {
    const [head = -1, query = 0, start = 0, stop = 0] = runs.subarray(at, at + 4);
    const row = rowOf.get(query);
    const first = rowBeyond(start);
    const last = rowBeyond(stop - 1);
    const isIn = (keys[last]?.[0] ?? stop) < stop;
    if (row === undefined || last + Number(isIn) <= first) continue;
    const name = `${head} ${row}`;
    const known = found.get(name) ?? { head, row, seen: [] };
    found.set(name, known);
    known.seen.push([first, last + Number(isIn)]);
  }
  return Int32Array.from(
    [...found.values()]
      .sort((a, b) => a.head - b.head || a.row - b.row)
      .flatMap(({ head, row, seen }) =>
        joined(seen).flatMap(([start, stop]) => [head, row, start, stop]),
      ),
  );
}

/** Stretches in order, those that touch as one. */
function joined(stretches: [number, number][]): [number, number][] {
  const found: [number, number][] = [];
  for (const [start, stop] of stretches.sort(([a], [b]) => a - b)) {
    const last = found[found.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], stop);
    else found.push([start, stop]);
  }
  return found;
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
