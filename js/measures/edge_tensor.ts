/** The lines worth drawing, as `strongest_edges` in measures/edges.py finds them. */

import type { Segments } from "../trace/options";
import type { Sides } from "../trace/sides";
import type { Tensor } from "../trace/tensor";
import {
  attentionOf,
  betweenSegments,
  type Combine,
  eachWorthy,
  MOST_EDGES,
  strongest,
  type Worth,
} from "./edges";
import { type Maps, together } from "./layer_maps";

export interface Choice {
  combine: Combine;
  heads: readonly number[];
  topP: number;
  threshold: number;
  segments: Segments;
}

/** (edge, 4): head, query, key, weight; the first row tells of all together. */
export function edgeTensor(maps: Maps, { queries, keys }: Sides, choice: Choice): Tensor {
  const { combine, heads, topP, threshold, segments } = choice;
  const may = betweenSegments(segments, queries.tokens, keys.tokens);
  const worth: Worth = { topP, threshold, may };
  const slots = combine === "each" ? heads : heads.length ? [-1] : [];
  const found = new Found(Math.min(ROOM, slots.length * maps.queries * maps.keys));
  const row = new Float32Array(maps.keys);
  let attention = 0;
  slots.forEach((head, slot) => {
    for (let query = 0; query < maps.queries; query++) {
      if (combine === "each") maps.read(head, query, row, 0);
      const weights = combine === "each" ? row : together(maps, heads, combine, query);
      attention += attentionOf(weights);
      eachWorthy(weights, query, worth, (key, weight) => {
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
    const head = slots[Math.floor(row / maps.queries)] ?? -1;
    data.set([head, row % maps.queries, place % maps.keys, weights[index] ?? 0], 4 * (index + 1));
  });
  return { shape: [weights.length + 1, 4], data };
}

/** Lines held before the weaker ones are let go of. */
const ROOM = 4 * MOST_EDGES;

/** The strongest lines of all that are added, of equal ones the first. */
class Found {
  private readonly places: Float64Array;
  private readonly weights: Float32Array;
  private held = 0;
  private count = 0;
  private mass = 0;
  /** Once so many are held that are stronger, these can be none of the strongest. */
  private least = Number.NEGATIVE_INFINITY;

  constructor(room: number) {
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
    if (this.held <= MOST_EDGES) return;
    const kept = strongest(this.weights.subarray(0, this.held), MOST_EDGES);
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
