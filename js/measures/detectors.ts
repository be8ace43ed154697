/** What heads are called: the rule and the thresholds of measures/detectors.py. */

import type { Label, LabelName, NumberName } from "../trace/contract";

/** From which value on a head is called so, of patterns, whose keys are single ones. */
const PATTERNS = [
  ["previous", 0.5],
  ["next", 0.5],
  ["self", 0.5],
  ["duplicate", 0.4],
  ["induction", 0.4],
  ["same_word", 0.5],
] as const;

/** The same of shares, the narrower ones first. */
const SHARES = [
  ["sink", 0.8],
  ["first", 0.8],
  ["delimiter", 0.6],
  ["special", 0.8],
] as const;

/** Whether it names single keys. */
export const isPattern = (name: LabelName): boolean => PATTERNS.some(([known]) => known === name);

/** A text of fewer queries tells nothing. */
export const FEWEST_QUERIES = 7;

export const LABELS: readonly LabelName[] = [
  ...PATTERNS.map(([name]) => name),
  "first",
  "delimiter",
  "special",
  "sink",
];

/** Null where no detector is sure. */
export function labelOf(scoreOf: (name: NumberName) => number, queries: number): Label | null {
  if (queries < FEWEST_QUERIES) return null;
  let found: Label | null = null;
  for (const [name, threshold] of PATTERNS) {
    const score = scoreOf(name);
    if (score >= threshold && score > (found?.score ?? 0)) found = { name, score };
  }
  if (found) return found;
  for (const [name, threshold] of SHARES) {
    const score = scoreOf(name);
    if (score >= threshold) return { name, score };
  }
  return null;
}
