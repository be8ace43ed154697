/** Whether two measures put words in the same order. */

export interface Agreement {
  /** Spearman's rank correlation of the sizes. */
  correlation: number;
  /** The word that each puts first. */
  first: readonly [number, number];
}

/** Fewer words have no order to speak of. */
export const FEWEST = 3;

/** Places in ascending order, the mean of them for equal values. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => at(values, a) - at(values, b));
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && at(values, order[to]) === at(values, order[from])) to++;
    for (let place = from; place < to; place++) ranks[order[place] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

const at = (values: readonly number[], index: number | undefined) =>
  values[index ?? -1] ?? Number.NaN;

/**
 * By size, whatever the sign, of the words that count and that both have a number of. Null for
 * fewer than three, and where one of them gives all the same.
 */
export function agreementOf(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  counts: (word: number) => boolean,
): Agreement | null {
  const words = Array.from(one, (_, word) => word).filter(
    (word) => counts(word) && Number.isFinite(one[word]) && Number.isFinite(other[word]),
  );
  if (words.length < FEWEST) return null;
  const sizes = [one, other].map((all) => words.map((word) => Math.abs(all[word] ?? 0)));
  const [a = [], b = []] = sizes.map(ranksOf);
  const middle = (words.length - 1) / 2;
  const sum = (of: (index: number) => number) =>
    words.reduce((total, _, index) => total + of(index), 0);
  const spread = (ranks: number[]) => sum((index) => (at(ranks, index) - middle) ** 2);
  const size = Math.sqrt(spread(a) * spread(b));
  if (!size) return null;
  const together = sum((index) => (at(a, index) - middle) * (at(b, index) - middle));
  const [first = 0, second = 0] = sizes.map((all) => words[all.indexOf(Math.max(...all))] ?? 0);
  return { correlation: together / size, first: [first, second] };
}
