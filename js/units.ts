/** What the text heatmap colours: whole words, or single tokens. */

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
