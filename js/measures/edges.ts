import type { TokenMeta } from "../trace/contract";
import type { Segments } from "../trace/options";
import { type Numbers, shapeAt, type Tensor } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";
import { combined } from "./attention_rows";

export const MOST_EDGES = 32_768;

/** Flat: the i-th line goes from `query[i]` to `key[i]`, rows of the two columns. */
export interface Edges {
  count: number;
  /** Index into the drawn heads; 0 for heads combined. */
  slot: Uint16Array;
  query: Uint32Array;
  key: Uint32Array;
  weight: Float32Array;
  /** How many more there were, all of them weaker. */
  leftOut: number;
  /** All that the queries have to give, worth a line or not; 0 where it is not known. */
  attention: number;
}

export type Combine = AxesOf<"edges">["combine"];

/** What is worth a line. */
export interface Worth {
  top_p: number;
  threshold: number;
  /** May this query be joined to this key? */
  may(query: number, key: number): boolean;
}

export const NO_EDGES: Edges = edgesOf([], 0);

interface Edge {
  slot: number;
  query: number;
  key: number;
  weight: number;
}

export function edgesOf(list: readonly Edge[], leftOut: number): Edges {
  const edges = sized(list.length, leftOut, 0);
  list.forEach((edge, i) => {
    for (const name of ["slot", "query", "key", "weight"] as const) edges[name][i] = edge[name];
  });
  return edges;
}

/** Between which rows lines are drawn: both ends in the segments named, or anywhere. */
export function betweenSegments(
  segments: Segments,
  queries: readonly TokenMeta[],
  keys: readonly TokenMeta[],
): Worth["may"] {
  if (segments === "all") return () => true;
  const [from, to] = segments.split("_").map((letter) => "ab".indexOf(letter));
  return (query, key) => queries[query]?.segment === from && keys[key]?.segment === to;
}

/** Calls back for each key of a row that is worth a line, in order. Returns what the row sums to. */
export function eachWorthy(
  row: Numbers,
  query: number,
  { top_p, threshold, may }: Worth,
  take: (key: number, weight: number) => void,
): number {
  let total = 0;
  for (let key = 0; key < row.length; key++) {
    const weight = row[key] ?? 0;
    if (weight > 0) total += weight; // NaN holds nothing
  }
  const { least, equal } = nucleusOf(row, total, top_p);
  let left = equal;
  for (let key = 0; key < row.length; key++) {
    const weight = row[key] ?? 0;
    if (!(weight > least || (weight === least && left-- > 0))) continue;
    if (weight >= threshold && may(query, key)) take(key, weight);
  }
  return total;
}

/**
 * The nucleus of a row (Holtzman et al. 2020): all weights above `least`, and the first `equal` of
 * those that equal it. Summed in the precision of measures/edges.py.
 */
function nucleusOf(row: Numbers, total: number, topP: number): { least: number; equal: number } {
  if (topP >= 1) return { least: 0, equal: 0 };
  // By hand, and not sorted as a whole: rows come by the thousand. Weights below `tiny` make up
  // less than what the nucleus leaves out, all together; the others go into bins that the first
  // bits of a float number, and only the bin that the nucleus ends in is put in order.
  const tiny = (0.999 * (1 - topP) * total) / row.length;
  const wanted = topP * total;
  if (candidates.length < row.length) {
    candidates = new Float32Array(row.length);
    bits = new Uint32Array(candidates.buffer);
  }
  let count = 0;
  let [lowest, bin] = [BINS, -1];
  for (let key = 0; key < row.length; key++) {
    const weight = row[key] ?? 0;
    if (!(weight > 0 && weight >= tiny)) continue;
    candidates[count] = weight;
    const of = (bits[count++] ?? 0) >>> BIN_SHIFT;
    inBin[of] = (inBin[of] ?? 0) + weight;
    if (of < lowest) lowest = of;
    if (of > bin) bin = of;
  }
  const highest = bin;
  let mass = 0;
  while (bin > lowest && mass + (inBin[bin] ?? 0) < wanted) mass += inBin[bin--] ?? 0;
  inBin.fill(0, lowest, highest + 1);
  let last = 0;
  for (let i = 0; i < count; i++) {
    if ((bits[i] ?? 0) >>> BIN_SHIFT === bin) candidates[last++] = candidates[i] ?? 0;
  }
  const ordered = candidates.subarray(0, last).sort();
  mass += ordered[--last] ?? 0;
  while (last > 0 && mass < wanted) mass += ordered[--last] ?? 0;
  const least = ordered[last] ?? 0;
  let equal = 0;
  while (least > 0 && ordered[last + equal] === least) equal += 1;
  return { least, equal };
}

/** Sign, exponent and three bits of the fraction. */
const BIN_SHIFT = 20;
const BINS = 2 ** (32 - BIN_SHIFT);
const inBin = new Float64Array(BINS);
let candidates = new Float32Array(512);
let bits = new Uint32Array(candidates.buffer);

/** Rows of several heads as they are drawn: each, or the one that they make. */
export function combineRows(rows: readonly Numbers[], combine: Combine): readonly Numbers[] {
  if (combine === "each" || !rows.length) return rows;
  return [combined(rows, combine)];
}

/** Those of an `edges` tensor, of heads that are still wanted. */
export function edgesOfTensor(tensor: Tensor, heads: readonly number[], combine: Combine): Edges {
  const { data } = tensor;
  const slotOf = new Map(combine === "each" ? heads.map((head, slot) => [head, slot]) : [[-1, 0]]);
  const most = Math.max(0, shapeAt(tensor, 0) - 1); // the first row tells of all together
  const edges = sized(most, 1e6 * (data[1] ?? 0) + (data[2] ?? 0), data[0] ?? 0);
  let count = 0;
  let [head, slot] = [Number.NaN, undefined as number | undefined];
  for (let row = 4; row < data.length; row += 4) {
    if (data[row] !== head) {
      head = data[row] ?? Number.NaN; // lines of a head follow each other
      slot = slotOf.get(head);
    }
    if (slot === undefined) continue;
    edges.slot[count] = slot;
    edges.query[count] = data[row + 1] ?? 0;
    edges.key[count] = data[row + 2] ?? 0;
    edges.weight[count] = data[row + 3] ?? 0;
    count += 1;
  }
  return { ...edges, count };
}

/** Those of one query or of one key. */
export function edgesAt(edges: Edges, side: "query" | "key", row: number): Edges {
  const list: Edge[] = [];
  for (let i = 0; i < edges.count; i++) {
    if (edges[side][i] !== row) continue;
    const [slot = 0, query = 0, key = 0] = [edges.slot[i], edges.query[i], edges.key[i]];
    list.push({ slot, query, key, weight: edges.weight[i] ?? 0 });
  }
  return edgesOf(list, 0);
}

function sized(count: number, leftOut: number, attention: number): Edges {
  return {
    count,
    slot: new Uint16Array(count),
    query: new Uint32Array(count),
    key: new Uint32Array(count),
    weight: new Float32Array(count),
    leftOut,
    attention,
  };
}

/** Indices of the largest weights, none below 0, in order; of equal ones the first. */
export function strongest(weights: Float32Array, most: number): Uint32Array {
  if (weights.length <= most) return Uint32Array.from(weights.keys());
  const { least, above } = nthLargest(weights, most);
  const kept = new Uint32Array(most);
  let equal = most - above;
  let count = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] ?? 0;
    if (weight > least || (weight === least && equal-- > 0)) kept[count++] = index;
  }
  return kept;
}

/**
 * The n-th largest weight and how many are larger. Bits of float numbers from 0 up are in the
 * order of the numbers: it is found by their upper half, then by the lower.
 */
function nthLargest(weights: Float32Array, n: number): { least: number; above: number } {
  const all = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  const counts = new Uint32Array(2 ** 16);
  let above = 0;

  function countDown(): number {
    let half = counts.length - 1;
    while (half > 0 && above + (counts[half] ?? 0) < n) above += counts[half--] ?? 0;
    return half;
  }

  for (let i = 0; i < all.length; i++) {
    const upper = (all[i] ?? 0) >>> 16;
    counts[upper] = (counts[upper] ?? 0) + 1;
  }
  const upper = countDown();
  counts.fill(0);
  for (let i = 0; i < all.length; i++) {
    const word = all[i] ?? 0;
    if (word >>> 16 === upper) counts[word & 0xffff] = (counts[word & 0xffff] ?? 0) + 1;
  }
  const lower = countDown();
  const least = new Float32Array(Uint32Array.of(upper * 2 ** 16 + lower).buffer)[0] ?? 0;
  return { least, above };
}
