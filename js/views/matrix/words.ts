/** The matrix in words: what is shown, what is pointed at, what a reader must know. */

import { firstOfSelected } from "../../controls/head_chips";
import {
  isUnboundedHere,
  shownHeadsInWords,
  shownName,
  shownPairsInWords,
  valueInWords,
} from "../../draw/measure_words";
import { pieceOfNamed } from "../../language/descriptions";
import type { PictureSubject } from "../../language/picture_subject";
import { quoted } from "../../language/quoted";
import { MEASURE } from "../../language/texts/measures";
import { farthestOf, type Margins, received, sumOf } from "../../measures/margins";
import type { Place } from "../../plane/layout";
import type { AppState } from "../../state/app_state";
import { errorOfShare } from "../../trace/exactness";
import { changeInPlace, changesInWords } from "./change_words";
import type { MatrixView, Wanted } from "./plan";
import { MATRIX } from "./texts";
import type { Picture, Weights } from "./weights";

/** Finished maps may be rounded; a row sums to 1 within this. */
const ROUNDING = 0.005;

/** Of the queries that are no padding. */
const sumsOf = (margins: Margins): number[] =>
  Array.from({ length: margins.queries }, (_, query) => query)
    .filter((query) => !margins.isPadding(query))
    .map((query) => sumOf(margins, query));

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
  const heads = shownHeadsInWords(state, picture.heads, picture.together);
  return say(MATRIX.of, {
    layer: String(picture.layer),
    heads: first ? `${heads} (${first})` : heads,
  });
}

/** Several maps, each by itself. */
function allInWords(state: AppState, pictures: readonly Picture[]): string {
  const { say } = state;
  const { value: pairs } = state.pairs;
  if (pairs.length) return say(MATRIX.ofPairs, { heads: shownPairsInWords(state, pairs, "each") });
  const heads = shownHeadsInWords(state, subjectOf(state, pictures).heads, "each");
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

/** Of the scale of the layer: a head that has no more is hardly coloured. */
const PALE = 0.2;

/** All pictures in one line. */
export function overview(state: AppState, weights: Weights, pooling: number): string {
  const { say } = state;
  const pictures = weights.pictures.value;
  const [first, second] = pictures;
  if (!first) return say(MATRIX.noHead);
  const margins = weights.margins.value;
  const known = margins.flatMap((each) => each ?? []);
  const parts = [second ? allInWords(state, pictures) : pictureInWords(state, first)];
  if (state.isDifference.value) return changesInWords(state, parts, margins, pooling);
  const isNumber = (value: number) => !Number.isNaN(value);
  const least = Math.min(...known.map((each) => each.least).filter(isNumber));
  const most = Math.max(...known.map((each) => each.most).filter(isNumber));
  if (known.length === pictures.length && Number.isFinite(least)) {
    const ends = { least: valueInWords(state, least), most: valueInWords(state, most) };
    const name = shownName(state);
    parts.push(name ? say(MEASURE.range, { name, ...ends }) : say(MATRIX.range, ends));
    if (isUnboundedHere(state)) {
      const { top } = state.changeScale.value;
      if (Math.max(most, -least) < PALE * top)
        parts.push(say(MEASURE.pale, { top: state.numbers.exact(top) }));
      return [...parts, ...pooledInWords(state, pooling)].join(" · ");
    }
    const uneven = margins.map((each, index) => unevenSums(each, pictures[index]));
    const [sums] = uneven;
    const hasNaN = known.some((each) => sumsOf(each).some(Number.isNaN));
    if (uneven.every((each) => each === null)) {
      if (first.together === "mean" && !hasNaN) parts.push(say(MATRIX.sumsToOne));
    } else if (!second && sums) {
      const [low, high] = sums;
      parts.push(
        say(MATRIX.sums, { least: valueInWords(state, low), most: valueInWords(state, high) }),
      );
      const hides = state.special_tokens.value === "hide";
      const { sinks } = state.layerMeta.value ?? {};
      if (sinks && !hides) parts.push(say(MATRIX.toSink));
      if (hides && !sinks) parts.push(say(MATRIX.toHidden));
    }
  }
  return [...parts, ...pooledInWords(state, pooling)].join(" · ");
}

const pooledInWords = ({ say, isSigned }: AppState, n: number): string[] =>
  n > 1 ? [say(isSigned.value ? MATRIX.pooledChange : MATRIX.pooled, { n })] : [];

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
    const shown = weight === null ? "…" : valueInWords(state, weight);
    const name = shownName(state);
    const said = { ...labels, weight: shown };
    const named = [queries.tokens[query], keys.tokens[key]].filter((each) => each !== undefined);
    const lines = [name ? say(MEASURE.pair, { ...said, name }) : say(MATRIX.attends, said), of];
    const most = margins ? farthestOf(margins, query) : 0;
    if (weight === 0) lines.push(say(MATRIX.exactlyZero));
    else if (scale === "share" && weight !== null && most > 0) {
      const error = margins ? errorOfShare(weight / most, most, sumOf(margins, query)) : 0;
      lines.push(say(MATRIX.relative, { share: numbers.share(weight / most, error) }));
    }
    const pixel = weights.pixelOf(index, query, key);
    if (pooling > 1 && pixel !== null) {
      lines.push(say(MATRIX.pixel, { n: pooling, value: valueInWords(state, pixel) }));
    }
    lines.push(...new Set(named.flatMap((token) => pieceOfNamed(token, say))));
    return lines;
  }
  if (!margins) return [];
  if (query !== null) {
    return picture.together === "mean"
      ? [
          say(MATRIX.gives, {
            query: labels.query,
            sum: valueInWords(state, sumOf(margins, query)),
          }),
          of,
        ]
      : [labels.query, of];
  }
  if (key === null) return [];
  const mean = valueInWords(state, received(margins, key));
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
