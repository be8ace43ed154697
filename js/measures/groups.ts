/** Attention between groups of tokens, as trace/grouping.py has it: words, or all but special tokens. */

import type { Maps } from "./layer_maps";

type Groups = readonly (readonly number[])[];

/**
 * Summed over the keys of a group and averaged over its queries (Clark et al. 2019). To
 * renormalise, each query's weights are first divided by the sum of those that are in a group.
 */
export function groupedMaps(
  maps: Maps,
  queryGroups: Groups,
  keyGroups: Groups,
  renormalise: boolean,
): Maps {
  const row = new Float32Array(maps.keys);
  const sums = new Float64Array(keyGroups.length);

  function add(head: number, query: number, means: Float64Array, share: number): void {
    maps.read(head, query, row, 0);
    let total = 0;
    keyGroups.forEach((group, index) => {
      let sum = 0;
      for (const key of group) sum += row[key] ?? 0;
      sums[index] = sum;
      total += sum;
    });
    const scale = renormalise ? (total === 0 ? 0 : share / total) : share;
    for (let key = 0; key < means.length; key++) {
      means[key] = (means[key] ?? 0) + (sums[key] ?? 0) * scale;
    }
  }

  const grouped: Maps = {
    heads: maps.heads,
    queries: queryGroups.length,
    keys: keyGroups.length,
    read(head, query, into, at) {
      const group = queryGroups[query] ?? [];
      const means = new Float64Array(keyGroups.length);
      for (const member of group) add(head, member, means, 1 / group.length);
      into.set(means, at);
    },
    countNaN(head) {
      if (!maps.countNaN(head)) return 0; // grouping makes no NaN of numbers
      const weights = new Float32Array(grouped.keys);
      let count = 0;
      for (let query = 0; query < grouped.queries; query++) {
        grouped.read(head, query, weights, 0);
        for (const weight of weights) count += Number(Number.isNaN(weight));
      }
      return count;
    },
  };
  return grouped;
}
