/**
 * What is looked at: passages, whole words, or single tokens. The same rules stand in token.py and
 * passage.py.
 */

import type { TokenMeta } from "./contract";

export interface Unit {
  /** Indices of its tokens, in order. */
  tokens: number[];
  /** As it stands in the text; the label of a special token. */
  text: string;
  lead: string;
  trail: string;
  special: boolean;
  /** The name of the passage that it is. */
  passage: string | null;
}

/** What makes a row. */
export type Rows = "tokens" | "words" | "passages";

/** With passages what is in none stays a token. */
export function unitsOf(tokens: readonly TokenMeta[], rows: Rows): Unit[] {
  const units: Unit[] = [];
  const ofPassage = new Map<string, Unit>();
  let word: number | null = null;
  tokens.forEach((token, index) => {
    const isInWord = rows === "words" && token.word !== null && token.word === word;
    const joined = isInWord
      ? units[units.length - 1]
      : rows === "passages" && token.passage !== null
        ? ofPassage.get(token.passage)
        : undefined;
    word = token.word;
    if (joined) {
      join(joined, token, index);
      return;
    }
    const unit: Unit = {
      tokens: [index],
      text: token.special ? token.label : token.text,
      lead: token.lead,
      trail: token.trail,
      special: token.special,
      passage: rows === "passages" ? token.passage : null,
    };
    units.push(unit);
    if (unit.passage !== null) ofPassage.set(unit.passage, unit);
  });
  return units;
}

function join(unit: Unit, token: TokenMeta, index: number): void {
  unit.tokens.push(index);
  unit.text += unit.trail + token.lead + token.text;
  unit.trail = token.trail;
  unit.special &&= token.special;
}

/** For each token the index of its unit. */
export function unitOfToken(units: readonly Unit[]): number[] {
  const of: number[] = [];
  units.forEach((unit, index) => {
    for (const token of unit.tokens) of[token] = index;
  });
  return of;
}

/** One token of those of a passage or a word, or of a single one; a passage is labelled by its name. */
export function mergeTokens(
  tokens: readonly TokenMeta[],
  passage: string | null = null,
): TokenMeta {
  const [first] = tokens;
  const last = tokens[tokens.length - 1];
  if (!first || !last) throw new RangeError("no tokens make no word");
  if (tokens.length === 1 && passage === null) return first;
  const [unit] = unitsOf(tokens, passage === null ? "words" : "passages");
  const text = unit?.text ?? "";
  const known = <T>(values: (T | null)[]) => values.filter((value) => value !== null);
  const starts = known(tokens.map(({ start }) => start));
  const ends = known(tokens.map(({ end }) => end));
  const times = known(tokens.map(({ time }) => time));
  return {
    ...first,
    id: null,
    label: passage ?? (text || first.label),
    word: passage === null ? first.word : null,
    special: tokens.every(({ special }) => special),
    text,
    trail: last.trail,
    start: starts.length ? Math.min(...starts) : null,
    end: ends.length ? Math.max(...ends) : null,
    probability: null,
    box: null,
    time: times.length ? [times[0]?.[0] ?? 0, times[times.length - 1]?.[1] ?? 0] : null,
    piece: tokens.some(({ piece }) => piece !== null)
      ? tokens.map(({ piece, label }) => piece ?? label).join(" · ")
      : null,
  };
}
