/** Effects of heads, as Python measured them, and the order that follows. */

import type { Head } from "../state/choose_head";
import type { OfHeads, Ranked } from "../trace/questions";

export interface Effects {
  /** NaN where the head was not tried. */
  of(head: Head): number;
  /** Its place in the order in which heads are tried, from 1; null for none. */
  placeOf(head: Head): number | null;
}

const at = <T>(all: OfHeads<T> | undefined, { kind, layer, head }: Head): T | null =>
  all?.[kind]?.[layer]?.[head] ?? null;

export const effectsOf = (ranked: Ranked | null): Effects => ({
  of: (head) => Number(at(ranked?.effects, head) ?? Number.NaN),
  placeOf: (head) => at(ranked?.order, head),
});

/**
 * The largest effects first, whatever their sign, or the smallest; then those that were not tried,
 * in the order in which they are. While heads are being tried all are in that order: none that is
 * there gives way to one that comes.
 */
export function byEffect(
  heads: readonly Head[],
  { of, placeOf }: Effects,
  isRunning: boolean,
  isAscending = false,
): Head[] {
  const sign = isAscending ? 1 : -1;
  const sizeOf = (head: Head) => (isRunning ? Number.NaN : Math.abs(of(head)));
  const known = heads.filter((head) => !Number.isNaN(sizeOf(head)));
  const rest = heads.filter((head) => Number.isNaN(sizeOf(head)));
  const place = (head: Head) => placeOf(head) ?? Number.MAX_SAFE_INTEGER;
  return [
    ...known.sort((a, b) => sign * (sizeOf(a) - sizeOf(b))),
    ...rest.sort((a, b) => place(a) - place(b)),
  ];
}

/** The largest effect, whatever its sign; null for none. */
export function largestEffect(heads: readonly Head[], effects: Effects): Head | null {
  const [first] = byEffect(heads, effects, false);
  return first && !Number.isNaN(effects.of(first)) ? first : null;
}
