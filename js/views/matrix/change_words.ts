/** The matrix of a difference in words. */

import { changeInWords, noteOfDifference, weightInWords } from "../../draw/change_words";
import { pieceOfNamed } from "../../language/descriptions";
import { quoted } from "../../language/quoted";
import { DIFFERENCE } from "../../language/texts/difference";
import { farthestOf, type Margins, received } from "../../measures/margins";
import type { Place } from "../../plane/layout";
import type { AppState } from "../../state/app_state";
import type { Wanted } from "./plan";
import { MATRIX } from "./texts";
import type { Weights } from "./weights";

/** All pictures in one line; `parts` say of which heads they are. */
export function changesInWords(
  state: AppState,
  parts: readonly string[],
  margins: readonly (Margins | null)[],
  pooling: number,
): string {
  const { say } = state;
  const known = margins.flatMap((each) => each ?? []);
  const isWhole = known.length === margins.length;
  const least = Math.min(...known.map((each) => each.least).filter(Number.isFinite));
  const most = Math.max(...known.map((each) => each.most).filter(Number.isFinite));
  const said = [...parts];
  if (isWhole && least <= most) {
    const ends = { least: weightInWords(state, least), most: weightInWords(state, most) };
    said.push(say(DIFFERENCE.range, ends));
  }
  if (pooling > 1) said.push(say(MATRIX.pooledChange, { n: pooling }));
  return noteOfDifference(state, said.join(" · "), isWhole && least === 0 && most === 0);
}

/** A cell, a row or a column; `of` says of which heads. */
export function changeInPlace(
  state: AppState,
  weights: Weights,
  { picture: index, query, key }: Place,
  { pooling, scale }: Pick<Wanted, "pooling" | "scale">,
  of: string,
): string[] {
  const { say, numbers, sides } = state;
  const { queries, keys } = sides.value;
  const [from, to] = [queries.tokens[query ?? -1], keys.tokens[key ?? -1]];
  const named = [from, to].filter((each) => each !== undefined);
  const names = { query: quoted(say, from?.label ?? ""), key: quoted(say, to?.label ?? "") };
  const margins = weights.margins.value[index];
  if (key !== null && query === null) {
    if (!margins) return [];
    const mean = weightInWords(state, received(margins, key));
    return [say(MATRIX.receivesMore, { key: names.key, mean }), of];
  }
  if (query === null || key === null) return query === null ? [] : [names.query, of];
  const both = weights.bothOf(index, query, key);
  const change = weights.weightOf(index, query, key);
  const plain = change === null ? "…" : weightInWords(state, change);
  const said = both ? changeInWords(state, both) : plain;
  const lines = [say(MATRIX.changes, { ...names, change: said }), of];
  const most = margins ? farthestOf(margins, query) : 0;
  if (scale === "share" && change && most > 0) {
    lines.push(say(MATRIX.relativeChange, { share: numbers.change(change / most) }));
  }
  const pixel = weights.pixelOf(index, query, key);
  if (pooling > 1 && pixel !== null) {
    lines.push(say(MATRIX.pixelChange, { n: pooling, value: weightInWords(state, pixel) }));
  }
  return [...lines, ...new Set(named.flatMap((token) => pieceOfNamed(token, say)))];
}
