/** What share of attention each passage gets, as measures/shares.py has it. */

import type { TokenMeta } from "../trace/contract";

/** The keys of each passage, in the order of the text. */
export function passagesOf(tokens: readonly TokenMeta[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  tokens.forEach(({ passage }, index) => {
    if (passage === null) return;
    const members = found.get(passage);
    if (members) members.push(index);
    else found.set(passage, [index]);
  });
  return found;
}

/** Sums of a row of weights over the keys of each passage; the last is the rest. */
export function sharesOf(
  row: ArrayLike<number>,
  passages: ReadonlyMap<string, readonly number[]>,
): number[] {
  const shares: number[] = [];
  const isInside = new Uint8Array(row.length);
  for (const members of passages.values()) {
    let share = 0;
    for (const key of members) {
      share += row[key] ?? 0;
      isInside[key] = 1;
    }
    shares.push(share);
  }
  let rest = 0; // summed by itself: what is left of 1 would be a little less than nothing
  for (let key = 0; key < row.length; key++) if (!isInside[key]) rest += row[key] ?? 0;
  return [...shares, rest];
}

/** Of numbers that add up to any sum, what part of it each is; of a sum of 0 there are none. */
export function partsOf(sums: readonly number[]): number[] {
  const whole = sums.reduce((sum, value) => sum + value, 0);
  return sums.map((value) => (whole > 0 ? value / whole : Number.NaN));
}

/** The tokens at which the answer of a text was predicted: `answer_queries` in measures/shares.py. */
export function answerQueries(
  tokens: readonly TokenMeta[],
  isEncoder: boolean,
  roles: readonly string[],
): number[] {
  const indices = (is: (token: TokenMeta) => boolean) =>
    tokens.flatMap((token, index) => (is(token) ? [index] : []));
  if (isEncoder) {
    const plain = indices(({ special }) => !special);
    const outside = plain.filter((index) => tokens[index]?.passage === null);
    if (outside.length) return outside;
    return plain.length ? plain : tokens.map((_, index) => index);
  }
  const written = indices(({ step }) => step !== null);
  const last = roles.length - 1;
  const answer =
    !written.length && roles[last] === "assistant"
      ? indices(({ segment }) => segment === last)
      : written;
  const before = answer.filter((index) => index > 0).map((index) => index - 1);
  return before.length ? before : indices(({ padding }) => !padding).slice(-1);
}

/** The mean of the numbers that there are; NaN where there are none. */
export function meanOf(values: Iterable<number>): number {
  let [sum, n] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    n += 1;
  }
  return n ? sum / n : Number.NaN;
}
