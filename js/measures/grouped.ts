/** Attention between groups of tokens, as trace/grouping.py has it: words, or all but special tokens. */

import { countNaN } from "./attention_rows";
import type { Maps } from "./layer_maps";

type Groups = readonly (readonly number[])[];

/**
 * Summed over the keys of a group and averaged over its queries (Clark et al. 2019). To
 * renormalise, each query's weights are first divided by the sum of those that are in a group.
 */
export function grouped(
  maps: Maps,
  queryGroups: Groups,
  keyGroups: Groups,
  renormalise: boolean,
): Maps {
  const sums = new Float64Array(keyGroups.length);

  function add(head: number, query: number, means: Float64Array, share: number): void {
    const row = maps.row(head, query);
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

  const between: Maps = {
    heads: maps.heads,
    queries: queryGroups.length,
    keys: keyGroups.length,
    row(head, query) {
      const group = queryGroups[query] ?? [];
      const means = new Float64Array(keyGroups.length);
      for (const member of group) add(head, member, means, 1 / group.length);
      return Float32Array.from(means);
    },
    countNaN(head) {
      if (!maps.countNaN(head)) return 0; // grouping makes no NaN of numbers
      let count = 0;
      for (let query = 0; query < between.queries; query++) {
        count += countNaN(between.row(head, query));
      }
      return count;
    },
  };
  return between;
}
