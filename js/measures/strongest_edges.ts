/** The lines worth drawing, as `strongest_edges` in measures/edges.py finds them. */

import type { Sides } from "../trace/sides";
import type { Tensor } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";
import { betweenSegments, eachWorthy, MOST_EDGES, strongest, type Worth } from "./edges";
import { type Maps, ownQueries, together } from "./layer_maps";

/** (edge, 4): head, query, key, weight; the first row tells of all together. Of differences those
 * farthest from 0, with their signs. */
export function strongestEdges(
  maps: Maps,
  { queries, keys }: Pick<Sides, "queries" | "keys">,
  choice: Omit<AxesOf<"edges">, "kind" | "layer">,
  most = MOST_EDGES,
): Tensor {
  const { combine, heads, top_p, threshold, segments } = choice;
  const may = betweenSegments(segments, queries.tokens, keys.tokens);
  const worth: Worth = { top_p, threshold, may };
  const slots = combine === "each" ? heads : heads.length ? [-1] : [];
  const found = new Found(most, slots.length * maps.queries * maps.keys);
  const isSigned = maps.isUnbounded === true;
  const own = ownQueries(maps); // padding makes no lines
  let attention = 0;
  slots.forEach((head, slot) => {
    const rowOf = together(maps, combine === "each" ? [head] : heads, combine);
    for (const query of own) {
      const row = rowOf(query);
      const sizes = isSigned ? row.map(Math.abs) : row;
      const sum = eachWorthy(sizes, query, worth, (key, size) =>
        found.add(slot * maps.queries + query, key, size, (row[key] ?? 0) < 0),
      );
      attention += isSigned ? sum : sum > 0 ? Math.max(1, sum) : 0;
    }
  });
  found.keepStrongest();
  const { held, lines, keys: ends, weights, isBelow, count, mass } = found;
  const data = new Float32Array(4 * (held + 1));
  let [to, shown, slot] = [4, 0, 0];
  for (let index = 0; index < held; index++) {
    const line = lines[index] ?? 0;
    const weight = weights[index] ?? 0;
    shown += weight;
    while (line >= (slot + 1) * maps.queries) slot += 1; // they are in order
    data[to++] = slots[slot] ?? -1;
    data[to++] = line - slot * maps.queries;
    data[to++] = ends[index] ?? 0;
    data[to++] = isBelow[index] ? -weight : weight;
  }
  const leftOut = count - held;
  data.set([attention, Math.floor(leftOut / 1e6), leftOut % 1e6, Math.max(0, mass - shown)]);
  return { shape: [held + 1, 4], data };
}

/** The strongest lines of all that are added, of equal ones the first. Four times as many are held
 * before the weaker ones are let go of. */
class Found {
  readonly lines: Uint32Array; // slot · queries + query
  readonly keys: Uint32Array;
  readonly weights: Float32Array;
  /** Whether the weight is one below 0, of which this is the size. */
  readonly isBelow: Uint8Array;
  held = 0;
  /** Of all that were added. */
  count = 0;
  mass = 0;
  /** Once so many are held that are stronger, these can be none of the strongest. */
  private least = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly most: number,
    all: number,
  ) {
    const room = Math.min(4 * most, all);
    this.lines = new Uint32Array(room);
    this.keys = new Uint32Array(room);
    this.weights = new Float32Array(room);
    this.isBelow = new Uint8Array(room);
  }

  add(line: number, key: number, weight: number, isBelow: boolean): void {
    this.count += 1;
    this.mass += weight;
    if (weight <= this.least) return;
    if (this.held === this.weights.length) {
      this.keepStrongest();
      if (weight <= this.least) return;
    }
    this.lines[this.held] = line;
    this.keys[this.held] = key;
    this.isBelow[this.held] = Number(isBelow);
    this.weights[this.held++] = weight;
  }

  keepStrongest(): void {
    if (this.held <= this.most) return;
    const kept = strongest(this.weights.subarray(0, this.held), this.most);
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < kept.length; i++) {
      const index = kept[i] ?? 0;
      const weight = this.weights[index] ?? 0;
      this.lines[i] = this.lines[index] ?? 0;
      this.keys[i] = this.keys[index] ?? 0;
      this.isBelow[i] = this.isBelow[index] ?? 0;
      this.weights[i] = weight;
      if (weight < least) least = weight;
    }
    this.held = kept.length;
    this.least = least;
  }
}
