/** What each head does in numbers, as Python counted it, and the order that follows from one. */

import { LEAST_SHARE, type Range, rangeFromZero } from "../../draw/range";
import type { Head, Layer } from "../../state/choose_head";
import { SUMMARIES, type Summary } from "../../trace/options";
import { shapeAt, type Tensor } from "../../trace/tensor";

/** Rows of a `summaries` tensor. */
export const NUMBERS = SUMMARIES.slice(1) as Exclude<Summary, "none">[];
export type NumberName = (typeof NUMBERS)[number];

export interface Summaries {
  /** NaN where the head has no such number, or it is not here yet. */
  of(head: Head, name: NumberName): number;
  /** Whether those of the layer are here. */
  has(layer: Layer): boolean;
}

export function summariesOf(tensorOf: (layer: Layer) => Tensor | undefined): Summaries {
  return {
    has: (layer) => tensorOf(layer) !== undefined,
    of(head, name) {
      const tensor = tensorOf(head);
      if (!tensor || head.head >= shapeAt(tensor, 1)) return Number.NaN;
      return tensor.data[NUMBERS.indexOf(name) * shapeAt(tensor, 1) + head.head] ?? Number.NaN;
    },
  };
}

/** Of a scale that starts at 0. */
export const summaryRange = (
  heads: readonly Head[],
  summaries: Summaries,
  name: NumberName,
): Range => rangeFromZero([heads.map((head) => summaries.of(head, name))], LEAST_SHARE);

/** Largest first; equal ones stay in order, those without a number come last. */
export function ranked(heads: readonly Head[], summaries: Summaries, name: NumberName): Head[] {
  const known = heads.map((head) => {
    const value = summaries.of(head, name);
    return { head, value: Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value };
  });
  return known
    .sort((a, b) => (a.value === b.value ? 0 : b.value - a.value))
    .map(({ head }) => head);
}

/** Decimals that tell heads apart: shares of attention need more than tokens or nats. */
export const decimalsOf = (name: NumberName): number =>
  name === "distance" ? 1 : name === "entropy" ? 2 : 3;
