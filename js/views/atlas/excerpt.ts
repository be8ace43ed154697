/** What is shown of an example: the tokens around the query and the key. */

import type { AtlasExample } from "../../trace/atlas";

export interface Shown {
  readonly index: number;
  readonly label: string;
  /** Whether it goes on with the word before it. */
  readonly joins: boolean;
  readonly weight: number;
  readonly as: "query" | "key" | "both" | null;
}

/** A stretch of tokens that follow each other; others are left out before, between and after. */
export type Stretch = readonly Shown[];

export interface Excerpt {
  readonly stretches: readonly Stretch[];
  readonly startsInside: boolean;
  readonly endsInside: boolean;
}

const AROUND = 12;
/** Fewer tokens than these between two stretches are shown too. */
const GAP = 6;
/** How `tokens/labels.py` begins what goes on with a word. */
const CONTINUES = "…";

export function excerptOf(example: AtlasExample, around = AROUND): Excerpt {
  const { labels, query, key, row } = example;
  const wanted = [query, key].sort((a, b) => a - b);
  const bounds = wanted.map((at) => ({
    from: Math.max(0, at - around),
    to: Math.min(labels.length, at + around + 1),
  }));
  const [first, second] = bounds as [(typeof bounds)[0], (typeof bounds)[0]];
  const spans =
    first && second && second.from <= first.to + GAP
      ? [{ from: first.from, to: Math.max(first.to, second.to) }]
      : bounds;
  const shown = (index: number): Shown => {
    const label = labels[index] ?? "";
    const joins = label.length > 1 && label.startsWith(CONTINUES);
    return {
      index,
      label: joins ? label.slice(1) : label,
      joins,
      weight: Number(row[index] ?? Number.NaN),
      as: index === query ? (query === key ? "both" : "query") : index === key ? "key" : null,
    };
  };
  return {
    stretches: spans.map(({ from, to }) =>
      Array.from({ length: to - from }, (_, place) => shown(from + place)),
    ),
    startsInside: (spans[0]?.from ?? 0) > 0,
    endsInside: (spans.at(-1)?.to ?? labels.length) < labels.length,
  };
}
