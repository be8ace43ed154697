/** Attention between groups of tokens, as trace/grouping.py has it: words, or all but special tokens. */

import { countNaN } from "./attention_rows";
import type { Maps } from "./layer_maps";

type Groups = readonly (readonly number[])[];

/**
 * Summed over the keys of a group and averaged over its queries (Clark et al. 2019). To
 * renormalise, each query's weights are first divided by the sum of those that are in a group; what
 * is NaN, as keys are that a pass has not beside another, has no part in the sum.
 */
export function grouped(
  maps: Maps,
  queryGroups: Groups,
  keyGroups: Groups,
  renormalise: boolean,
): Maps {
  const sums = new Float64Array(keyGroups.length);
  const groupOf = new Int32Array(maps.keys).fill(-1);
  keyGroups.forEach((group, index) => {
    for (const key of group) groupOf[key] = index;
  });

  function add(head: number, query: number, means: Float64Array, share: number): void {
    const row = maps.row(head, query);
    sums.fill(0);
    for (let key = 0; key < row.length; key++) {
      const group = groupOf[key] as number;
      if (group >= 0) sums[group] = (sums[group] as number) + (row[key] as number);
    }
    let total = 0;
    for (let group = 0; group < sums.length; group++) total += (sums[group] as number) || 0; // not NaN
    const scale = renormalise ? (total === 0 ? 0 : share / total) : share;
    for (let key = 0; key < means.length; key++) {
      means[key] = (means[key] ?? 0) + (sums[key] ?? 0) * scale;
    }
  }

  const between: Maps = {
    heads: maps.heads,
    queries: queryGroups.length,
    keys: keyGroups.length,
    isUnbounded: maps.isUnbounded ?? false,
    lacksTokens: maps.lacksTokens ?? false,
    row(head, query) {
      const group = queryGroups[query] ?? [];
      const means = new Float64Array(keyGroups.length);
      for (const member of group) add(head, member, means, 1 / group.length);
      return new Float32Array(means);
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
