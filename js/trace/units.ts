/** What is looked at: whole words, or single tokens. The same rules stand in token.py. */

import type { TokenMeta } from "./contract";

export interface Unit {
  /** Indices of its tokens, in order. */
  tokens: number[];
  /** As it stands in the text; the label of a special token. */
  text: string;
  lead: string;
  trail: string;
  special: boolean;
}

export function unitsOf(tokens: readonly TokenMeta[], words: boolean): Unit[] {
  const units: Unit[] = [];
  let word: number | null = null;
  tokens.forEach((token, index) => {
    const last = units[units.length - 1];
    if (words && last && token.word !== null && token.word === word) {
      last.tokens.push(index);
      last.text += last.trail + token.lead + token.text;
      last.trail = token.trail;
    } else {
      units.push({
        tokens: [index],
        text: token.special ? token.label : token.text,
        lead: token.lead,
        trail: token.trail,
        special: token.special,
      });
    }
    word = token.word;
  });
  return units;
}

/** For each token the index of its unit. */
export function unitOfToken(units: readonly Unit[]): number[] {
  const of: number[] = [];
  units.forEach((unit, index) => {
    for (const token of unit.tokens) of[token] = index;
  });
  return of;
}

/** One token of neighbours that make a word, or of a single one. */
export function mergeTokens(tokens: readonly TokenMeta[]): TokenMeta {
  const [first] = tokens;
  const last = tokens[tokens.length - 1];
  if (!first || !last) throw new RangeError("no tokens make no word");
  if (tokens.length === 1) return first;
  const [unit] = unitsOf(tokens, true);
  const text = unit?.text ?? "";
  const known = <T>(values: (T | null)[]) => values.filter((value) => value !== null);
  const starts = known(tokens.map(({ start }) => start));
  const ends = known(tokens.map(({ end }) => end));
  const times = known(tokens.map(({ time }) => time));
  return {
    ...first,
    id: null,
    label: text || first.label,
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
