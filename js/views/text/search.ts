/** Finds what is searched for in a text: across tokens, whatever the case and the diacritics. */

/** A piece of the text as it is shown, and the unit it belongs to; -1 for what lies between. */
export interface Piece {
  text: string;
  unit: number;
}

export interface Searchable {
  readonly folded: string;
  /** Of each character of `folded`. */
  readonly unitOf: Int32Array;
}

/** The units it touches, from the first to the last. */
export interface Match {
  first: number;
  last: number;
}

/** Letters with a stroke are letters of their own to Unicode, and typed without it by many. */
const STROKES: Readonly<Record<string, string>> = { đ: "d", ł: "l", ø: "o", ħ: "h", ŧ: "t" };

function fold(character: string): string {
  if (/\s/u.test(character)) return " ";
  const plain = character
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toLowerCase();
  return STROKES[plain] ?? plain;
}

/** Nothing to fold but the case: most of most texts. */
const ASCII = /^[\t\n\r -~]*$/;

/** Any white space is one blank. */
export function searchable(pieces: readonly Piece[]): Searchable {
  let folded = "";
  const unitOf: number[] = [];
  for (const { text, unit } of pieces) {
    const isAscii = ASCII.test(text);
    for (const character of isAscii ? text.toLowerCase() : text) {
      const plain = isAscii ? (character <= " " ? " " : character) : fold(character);
      if (plain === " " && folded.endsWith(" ")) continue;
      folded += plain;
      for (let i = 0; i < plain.length; i++) unitOf.push(unit);
    }
  }
  return { folded, unitOf: Int32Array.from(unitOf) };
}

/** All that do not overlap, in the order of the text. */
export function matchesOf({ folded, unitOf }: Searchable, query: string): Match[] {
  const { folded: wanted } = searchable([{ text: query.trim(), unit: 0 }]);
  const found: Match[] = [];
  if (!wanted) return found;
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) {
    const units = unitOf.subarray(at, at + wanted.length).filter((unit) => unit >= 0);
    const [first, last] = [units[0], units[units.length - 1]];
    if (first !== undefined && last !== undefined) found.push({ first, last });
  }
  return found;
}

export const unitsOfMatch = ({ first, last }: Match): number[] =>
  Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
