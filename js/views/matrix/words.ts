/** The matrix in words: what is shown, what is pointed at, what a reader must know. */

import { firstOfSelected } from "../../controls/head_chips";
import type { Numbers } from "../../language/numbers";
import { headsInWords, type PictureSubject } from "../../language/picture_subject";
import { quoted } from "../../language/quoted";
import { type Margins, mostOf, received, sumOf } from "../../measures/margins";
import type { AppState } from "../../state/app_state";
import { errorOfShare, exactness } from "../../trace/exactness";
import type { Camera } from "./camera";
import type { Place } from "./plan";
import { MATRIX } from "./texts";
import type { Picture, Wanted, Weights } from "./weights";

/** Finished maps may be rounded; a row sums to 1 within this. */
const ROUNDING = 0.005;

/** Least and largest sum of a row; null where they mean nothing, or all are 1. */
export function unevenSums(
  margins: Margins | null | undefined,
  picture: Picture | undefined,
): readonly [number, number] | null {
  if (!margins || !picture || picture.together === "maximum") return null;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let query = 0; query < margins.queries; query++) {
    const sum = sumOf(margins, query);
    if (Number.isNaN(sum)) continue;
    least = Math.min(least, sum);
    most = Math.max(most, sum);
  }
  return least < 1 - ROUNDING || most > 1 + ROUNDING ? [least, most] : null;
}

export function labelsOf(state: AppState, place: { query: number | null; key: number | null }) {
  const { queries, keys } = state.sides.value;
  const label = (tokens: typeof queries.tokens, row: number | null) =>
    row === null ? "" : quoted(state.say, tokens[row]?.label ?? "");
  return { query: label(queries.tokens, place.query), key: label(keys.tokens, place.key) };
}

export function pictureInWords(state: AppState, picture: Picture): string {
  const { say } = state;
  const layer = String(state.layer.value);
  const { combine } = state;
  const first = combine.value === "overlay" ? firstOfSelected(state) : "";
  const heads = headsInWords(say, picture.heads, picture.together);
  return say(MATRIX.of, { layer, heads: first ? `${heads} (${first})` : heads });
}

export function subjectOf(state: AppState, pictures: readonly Picture[]): PictureSubject {
  return {
    of: "weights",
    layer: state.layer.value,
    heads: pictures.flatMap(({ heads }) => heads),
    how: pictures.length === 1 ? (pictures[0]?.together ?? "each") : "each",
  };
}

/** All pictures in one line. */
export function overview(state: AppState, weights: Weights, pooling: number): string {
  const { say, numbers } = state;
  const pictures = weights.pictures.value;
  const [first] = pictures;
  if (!first) return say(MATRIX.noHead);
  const margins = weights.margins.value;
  const known = margins.flatMap((each) => each ?? []);
  const of =
    pictures.length === 1
      ? pictureInWords(state, first)
      : say(MATRIX.ofEach, {
          layer: String(state.layer.value),
          heads: headsInWords(say, subjectOf(state, pictures).heads, "each"),
        });
  const parts = [of];
  const least = Math.min(...known.map((each) => each.least).filter((value) => value >= 0));
  const most = Math.max(...known.map((each) => each.most).filter((value) => value >= 0));
  if (known.length === pictures.length && Number.isFinite(least)) {
    parts.push(
      say(MATRIX.range, { least: formatBound(numbers, least), most: formatBound(numbers, most) }),
    );
    const uneven = margins.map((each, index) => unevenSums(each, pictures[index]));
    const [sums] = uneven;
    if (uneven.every((each) => each === null)) {
      if (first.together === "mean" && !hasNaN(known)) parts.push(say(MATRIX.sumsToOne));
    } else if (pictures.length === 1 && sums) {
      const [low, high] = sums.map(numbers.weight);
      parts.push(say(MATRIX.sums, { least: low ?? "", most: high ?? "" }));
      const hides = state.special_tokens.value === "hide";
      const { sinks } = state.layerMeta.value ?? {};
      if (sinks && !hides) parts.push(say(MATRIX.toSink));
      if (hides && !sinks) parts.push(say(MATRIX.toHidden));
    }
  }
  return [...parts, ...pooledParts(state, pooling)].join(" · ");
}

const hasNaN = (margins: readonly Margins[]): boolean =>
  margins.some((each) =>
    Array.from({ length: each.queries }, (_, query) => sumOf(each, query)).some(Number.isNaN),
  );

function pooledParts(state: AppState, pooling: number): string[] {
  return pooling > 1 ? [state.say(MATRIX.pooled, { n: pooling })] : [];
}

/** A weight of a legend: four decimals, or as many as it takes to tell it from 0. */
export const formatBound = (numbers: Numbers, weight: number): string =>
  weight > 0 && weight < 5e-4 && !exactness().weight
    ? numbers.glance(weight)
    : numbers.weight(weight);

/** A weight as every view says it, but never 0 for what is not. */
const formatCell = (numbers: Numbers, weight: number, error = exactness().weight): string =>
  weight > 0 && weight < 5e-5 && !error ? numbers.glance(weight) : numbers.share(weight, error);

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
  const labels = labelsOf(state, place);
  const of = pictureInWords(state, picture);
  if (query !== null && key !== null) {
    const weight = weights.weightOf(index, query, key);
    const shown = weight === null ? "…" : formatCell(numbers, weight);
    const lines = [say(MATRIX.attends, { ...labels, weight: shown }), of];
    const most = margins ? mostOf(margins, query) : 0;
    if (weight === 0) lines.push(say(MATRIX.exactlyZero));
    else if (scale === "share" && weight !== null && most > 0) {
      const error = margins ? errorOfShare(weight / most, most, sumOf(margins, query)) : 0;
      lines.push(say(MATRIX.relative, { share: formatCell(numbers, weight / most, error) }));
    }
    const pixel = weights.pixelOf(index, query, key);
    if (pooling > 1 && pixel !== null) {
      lines.push(say(MATRIX.pixel, { n: pooling, value: formatCell(numbers, pixel) }));
    }
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
export function sightInWords(state: AppState, view: Camera): string {
  if (view.factor.value <= 1) return "";
  const { queries, keys } = view.counts.value;
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
