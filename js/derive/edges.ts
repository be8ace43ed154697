/** The lines worth drawing, as `strongest_edges` in edges.py finds them. */

import type { Segments } from "../contract";
import {
  betweenSegments,
  type Combine,
  eachWorthy,
  MOST_EDGES,
  strongest,
  type Worth,
} from "../lines/edges";
import type { Sides } from "../sides";
import type { Tensor } from "../tensor";
import { type Maps, rowOf, together } from "./maps";

export interface Choice {
  combine: Combine;
  heads: readonly number[];
  topP: number;
  threshold: number;
  segments: Segments;
}

/** (edge, 4): head, query, key, weight; the first row tells of those left out. */
export function edgesOf(maps: Maps, { queries, keys }: Sides, choice: Choice): Tensor {
  const { combine, heads, topP, threshold, segments } = choice;
  const may = betweenSegments(segments, queries.tokens, keys.tokens);
  const worth: Worth = { topP, threshold, may };
  const slots = combine === "each" ? heads : heads.length ? [-1] : [];
  let places: number[] = [];
  let weights: number[] = [];
  let [count, mass] = [0, 0];

  function keepStrongest(): void {
    if (weights.length <= MOST_EDGES) return;
    const kept = strongest(Float32Array.from(weights), MOST_EDGES);
    places = Array.from(kept, (index) => places[index] ?? 0);
    weights = Array.from(kept, (index) => weights[index] ?? 0);
  }

  slots.forEach((head, slot) => {
    for (let query = 0; query < maps.queries; query++) {
      const row =
        combine === "each" ? rowOf(maps, head, query) : together(maps, heads, combine, query);
      eachWorthy(row, query, worth, (key, weight) => {
        places.push((slot * maps.queries + query) * maps.keys + key);
        weights.push(weight);
        count += 1;
        mass += weight;
      });
      if (weights.length > 4 * MOST_EDGES) keepStrongest();
    }
  });
  keepStrongest();
  const data = new Float32Array(4 * (weights.length + 1));
  const leftOut = count - weights.length;
  const shown = weights.reduce((sum, weight) => sum + weight, 0);
  data.set([-1, Math.floor(leftOut / 1e6), leftOut % 1e6, Math.max(0, mass - shown)]);
  places.forEach((place, index) => {
    const row = Math.floor(place / maps.keys);
    const head = slots[Math.floor(row / maps.queries)] ?? -1;
    data.set([head, row % maps.queries, place % maps.keys, weights[index] ?? 0], 4 * (index + 1));
  });
  return { shape: [weights.length + 1, 4], data };
}
