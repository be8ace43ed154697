/** The matrix in words: what is shown, what is pointed at, what a reader must know. */

import { firstOfSelected } from "../../controls/head_chips";
import { pieceOfNamed } from "../../language/descriptions";
import { headsInWords, type PictureSubject, pairsInWords } from "../../language/picture_subject";
import { quoted } from "../../language/quoted";
import { type Margins, mostOf, received, sumOf } from "../../measures/margins";
import type { Place } from "../../plane/layout";
import type { AppState } from "../../state/app_state";
import { errorOfShare } from "../../trace/exactness";
import { changeInPlace, changesInWords } from "./change_words";
import type { MatrixView, Wanted } from "./plan";
import { MATRIX } from "./texts";
import type { Picture, Weights } from "./weights";

/** Finished maps may be rounded; a row sums to 1 within this. */
const ROUNDING = 0.005;

const sumsOf = (margins: Margins): number[] =>
  Array.from({ length: margins.queries }, (_, query) => sumOf(margins, query));

/** Least and largest sum of a row; null where they mean nothing, or all are 1. */
export function unevenSums(
  margins: Margins | null | undefined,
  picture: Picture | undefined,
): readonly [number, number] | null {
  if (!margins || picture?.together !== "mean") return null;
  const sums = sumsOf(margins).filter((sum) => !Number.isNaN(sum));
  const [least, most] = [Math.min(...sums), Math.max(...sums)];
  return least < 1 - ROUNDING || most > 1 + ROUNDING ? [least, most] : null;
}

function pictureInWords(state: AppState, picture: Picture): string {
  const { say, combine } = state;
  const isFirst = combine.value === "overlay" && !state.pairs.value.length;
  const first = isFirst ? firstOfSelected(state) : "";
  const heads = headsInWords(say, picture.heads, picture.together);
  return say(MATRIX.of, {
    layer: String(picture.layer),
    heads: first ? `${heads} (${first})` : heads,
  });
}

/** Several maps, each by itself. */
function allInWords(state: AppState, pictures: readonly Picture[]): string {
  const { say } = state;
  const { value: pairs } = state.pairs;
  if (pairs.length) return say(MATRIX.ofPairs, { heads: pairsInWords(say, pairs, "each") });
  const heads = headsInWords(say, subjectOf(state, pictures).heads, "each");
  return say(MATRIX.ofEach, { layer: String(state.layer.value), heads });
}

export function subjectOf(state: AppState, pictures: readonly Picture[]): PictureSubject {
  return {
    of: "weights",
    layer: state.layer.value,
    heads: pictures.flatMap(({ heads }) => heads),
    how: pictures.length === 1 ? (pictures[0]?.together ?? "each") : "each",
    pairs: state.pairs.value,
  };
}

/** All pictures in one line. */
export function overview(state: AppState, weights: Weights, pooling: number): string {
  const { say, numbers } = state;
  const pictures = weights.pictures.value;
  const [first, second] = pictures;
  if (!first) return say(MATRIX.noHead);
  const margins = weights.margins.value;
  const known = margins.flatMap((each) => each ?? []);
  const parts = [second ? allInWords(state, pictures) : pictureInWords(state, first)];
  if (state.isDifference.value) return changesInWords(state, parts, margins, pooling);
  const least = Math.min(...known.map((each) => each.least).filter((value) => value >= 0));
  const most = Math.max(...known.map((each) => each.most).filter((value) => value >= 0));
  if (known.length === pictures.length && Number.isFinite(least)) {
    const ends = { least: numbers.weight(least), most: numbers.weight(most) };
    parts.push(say(MATRIX.range, ends));
    const uneven = margins.map((each, index) => unevenSums(each, pictures[index]));
    const [sums] = uneven;
    const hasNaN = known.some((each) => sumsOf(each).some(Number.isNaN));
    if (uneven.every((each) => each === null)) {
      if (first.together === "mean" && !hasNaN) parts.push(say(MATRIX.sumsToOne));
    } else if (!second && sums) {
      const [low, high] = sums;
      parts.push(say(MATRIX.sums, { least: numbers.weight(low), most: numbers.weight(high) }));
      const hides = state.special_tokens.value === "hide";
      const { sinks } = state.layerMeta.value ?? {};
      if (sinks && !hides) parts.push(say(MATRIX.toSink));
      if (hides && !sinks) parts.push(say(MATRIX.toHidden));
    }
  }
  if (pooling > 1) parts.push(say(MATRIX.pooled, { n: pooling }));
  return parts.join(" · ");
}

/** A cell, a row or a column in words: the first line is a sentence of its own. */
export function placeInWords(
  state: AppState,
  weights: Weights,
  place: Place,
  { pooling, scale }: Wanted,
): string[] {
  const { say, numbers } = state;
  const { picture: index, query, key } = place;
  const picture = weights.pictures.value[index];
  const margins = weights.margins.value[index];
  if (!picture) return [];
  if (state.isDifference.value) {
    return changeInPlace(state, weights, place, { pooling, scale }, pictureInWords(state, picture));
  }
  const { queries, keys } = state.sides.value;
  const label = ({ tokens }: typeof queries, row: number | null) =>
    row === null ? "" : quoted(say, tokens[row]?.label ?? "");
  const labels = { query: label(queries, query), key: label(keys, key) };
  const of = pictureInWords(state, picture);
  if (query !== null && key !== null) {
    const weight = weights.weightOf(index, query, key);
    const shown = weight === null ? "…" : numbers.weight(weight);
    const named = [queries.tokens[query], keys.tokens[key]].filter((each) => each !== undefined);
    const lines = [say(MATRIX.attends, { ...labels, weight: shown }), of];
    const most = margins ? mostOf(margins, query) : 0;
    if (weight === 0) lines.push(say(MATRIX.exactlyZero));
    else if (scale === "share" && weight !== null && most > 0) {
      const error = margins ? errorOfShare(weight / most, most, sumOf(margins, query)) : 0;
      lines.push(say(MATRIX.relative, { share: numbers.share(weight / most, error) }));
    }
    const pixel = weights.pixelOf(index, query, key);
    if (pooling > 1 && pixel !== null) {
      lines.push(say(MATRIX.pixel, { n: pooling, value: numbers.weight(pixel) }));
    }
    lines.push(...new Set(named.flatMap((token) => pieceOfNamed(token, say))));
    return lines;
  }
  if (!margins) return [];
  if (query !== null) {
    return picture.together === "mean"
      ? [say(MATRIX.gives, { query: labels.query, sum: numbers.weight(sumOf(margins, query)) }), of]
      : [labels.query, of];
  }
  if (key === null) return [];
  const mean = numbers.weight(received(margins, key));
  return [say(MATRIX.receives, { key: labels.key, mean }), of];
}

/** Which part of the map it is zoomed to. Not in the header: the map must not move for it. */
export function sightInWords(state: AppState, view: MatrixView): string {
  if (view.factor.value <= 1) return "";
  const { queries, keys } = view.plan.value;
  const { x, y, width, height } = view.sight.value;
  return state.say(MATRIX.sight, {
    firstQuery: Math.floor(y),
    lastQuery: Math.ceil(y + height) - 1,
    queries,
    firstKey: Math.floor(x),
    lastKey: Math.ceil(x + width) - 1,
    keys,
  });
}
