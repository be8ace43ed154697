/** The lines worth drawing, as `strongest_edges` in measures/edges.py finds them. */

import type { Sides } from "../trace/sides";
import type { Tensor } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";
import {
  attentionOf,
  betweenSegments,
  eachWorthy,
  MOST_EDGES,
  strongest,
  type Worth,
} from "./edges";
import { type Maps, together } from "./layer_maps";

/** (edge, 4): head, query, key, weight; the first row tells of all together. */
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
  let attention = 0;
  slots.forEach((head, slot) => {
    for (let query = 0; query < maps.queries; query++) {
      const row =
        combine === "each" ? maps.row(head, query) : together(maps, heads, combine, query);
      attention += attentionOf(row);
      eachWorthy(row, query, worth, (key, weight) => {
        found.add((slot * maps.queries + query) * maps.keys + key, weight);
      });
    }
  });
  const { places, weights, leftOut, mass } = found.end();
  const data = new Float32Array(4 * (weights.length + 1));
  const shown = weights.reduce((sum, weight) => sum + weight, 0);
  data.set([attention, Math.floor(leftOut / 1e6), leftOut % 1e6, Math.max(0, mass - shown)]);
  places.forEach((place, index) => {
    const row = Math.floor(place / maps.keys);
    const to = 4 * (index + 1);
    data[to] = slots[Math.floor(row / maps.queries)] ?? -1;
    data[to + 1] = row % maps.queries;
    data[to + 2] = place % maps.keys;
    data[to + 3] = weights[index] ?? 0;
  });
  return { shape: [weights.length + 1, 4], data };
}

/** The strongest lines of all that are added, of equal ones the first. Four times as many are held
 * before the weaker ones are let go of. */
class Found {
  private readonly places: Float64Array;
  private readonly weights: Float32Array;
  private held = 0;
  private count = 0;
  private mass = 0;
  /** Once so many are held that are stronger, these can be none of the strongest. */
  private least = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly most: number,
    all: number,
  ) {
    const room = Math.min(4 * most, all);
    this.places = new Float64Array(room);
    this.weights = new Float32Array(room);
  }

  add(place: number, weight: number): void {
    this.count += 1;
    this.mass += weight;
    if (weight <= this.least) return;
    if (this.held === this.weights.length) this.keepStrongest();
    if (weight <= this.least) return;
    this.places[this.held] = place;
    this.weights[this.held++] = weight;
  }

  end() {
    this.keepStrongest();
    return {
      places: this.places.subarray(0, this.held),
      weights: this.weights.subarray(0, this.held),
      leftOut: this.count - this.held,
      mass: this.mass,
    };
  }

  private keepStrongest(): void {
    if (this.held <= this.most) return;
    const kept = strongest(this.weights.subarray(0, this.held), this.most);
    let least = Number.POSITIVE_INFINITY;
    kept.forEach((index, i) => {
      const weight = this.weights[index] ?? 0;
      this.places[i] = this.places[index] ?? 0;
      this.weights[i] = weight;
      if (weight < least) least = weight;
    });
    this.held = kept.length;
    this.least = least;
  }
}
