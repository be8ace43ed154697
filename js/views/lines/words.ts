/** What the lines show, in words. */

import { changeInWords, weightInWords } from "../../draw/change_words";
import { measureTitle, shownName, valueInWords } from "../../draw/measure_words";
import { tokenDetails, windowTitle } from "../../language/descriptions";
import { isolated } from "../../language/direction";
import { COMPARISON } from "../../language/texts/comparison";
import { DIFFERENCE } from "../../language/texts/difference";
import { MEASURE } from "../../language/texts/measures";
import { type Edges, strongest } from "../../measures/edges";
import type { AppState } from "../../state/app_state";
import { hasNobody } from "../../state/nobody";
import { shownHeads } from "../../state/shown_heads";
import type { LostWeights } from "../../tensors/lost_weights";
import { exactness } from "../../trace/exactness";
import { type ShownLines, segmentsOf } from "./data";
import type { WeightsOfHead } from "./slot_rows";
import { allInWords, combineOf, nameOf } from "./slots";
import { LINES } from "./texts";

/** Of one head, of their mean ... */
function headsDrawn(state: AppState): string {
  return allInWords(state, combineOf(state) === "maximum" ? "maximum" : "mean");
}

/**
 * `cut`: so many lines at most are drawn of those in sight, and there are more. `standOut`: so many
 * of them are more than hairlines.
 */
export function describe(
  state: AppState,
  shown: ShownLines,
  cut: number | null,
  standOut: number | null,
): string {
  const { say } = state;
  const { queries, keys } = state.sides.value;
  const { edges, mass, weights, sink, row } = shown;
  if (shown.of === "nothing") return say(LINES.noHead);
  const of = headsDrawn(state);
  if (shown.of === "query") {
    const numbers = Float32Array.from(weights, (weight) => Math.abs(weight || 0));
    const top = [...strongest(numbers, 5)].sort((a, b) => (numbers[b] || 0) - (numbers[a] || 0));
    const part = (label = "", weight = Number.NaN) =>
      `${isolated(label)} ${weightInWords(state, weight)}`;
    const numbered = hasNobody(state) ? top.filter((key) => !Number.isNaN(weights[key])) : top;
    const parts = numbered.map((key) => part(keys.tokens[key]?.label, weights[key]));
    if (sink !== null) parts.push(part(say(LINES.sink), sink));
    const query = isolated(queries.tokens[row]?.label ?? "");
    const none = weights.length && !numbered.length ? say(COMPARISON.nobody) : "…";
    return `${query} → ${parts.join(" · ") || none} (${of})`;
  }
  const slots = combineOf(state) === "each" ? shownHeads(state).length : 1;
  if (shown.of === "key") {
    const exact = shown.slotRows !== null;
    const known = weights.filter((weight) => weight !== undefined && !Number.isNaN(weight));
    const sum = exact
      ? known.reduce<number>((all, weight) => all + (weight ?? 0), 0)
      : mass / slots;
    if (hasNobody(state) && exact && !known.length) {
      return `${isolated(keys.tokens[row]?.label ?? "")}: ${say(COMPARISON.nobody)} (${of})`;
    }
    const isMaximum = combineOf(state) === "maximum";
    const all = isMaximum ? LINES.receivesMaximum : LINES.receives;
    const drawn = isMaximum ? LINES.receivesMaximumByLines : LINES.receivesByLines;
    return say(exact ? all : drawn, {
      key: keys.tokens[row]?.label ?? "",
      sum: sumInWords(state, sum),
      n: exact ? known.length : queries.tokens.length,
      of,
    });
  }
  const drawn = slots > 1 ? say(LINES.ofEach, { n: slots }) : of;
  if (!edges.count) return say(LINES.noLine, { of: drawn });
  const { count: n, leftOut } = edges;
  const counted = leftOut
    ? say(LINES.someLines, { n, all: n + leftOut })
    : say(LINES.allLines, { n });
  const said = `${counted}${shareOf(state, edges, mass)} (${drawn})`;
  if (cut !== null && standOut !== null) {
    return `${said}. ${say(LINES.cutAndStandOut, { n: cut, strong: standOut })}`;
  }
  if (standOut !== null) return `${said}. ${say(LINES.standOut, { n: standOut })}`;
  return cut === null ? said : `${said}. ${say(LINES.cut, { n: cut })}`;
}

function sumInWords(state: AppState, sum: number): string {
  const error = state.sides.value.queries.tokens.length * exactness().weight;
  return valueInWords(state, sum, state.isDifference.value ? 2 * error : error);
}

/** Of the attention that there is; the maximum of heads is more than any of them has to give. */
function shareOf(state: AppState, { attention }: Edges, mass: number): string {
  const { value: isDifference } = state.isDifference;
  if (!attention || (combineOf(state) === "maximum" && !isDifference)) return "";
  const percent = Math.min(100, (100 * mass) / attention);
  const decimals = exactness().weight ? 0 : 1; // which lines are drawn is less exact
  const share = state.numbers.fixed(percent, decimals, 0);
  if (isDifference) return `: ${state.say(DIFFERENCE.share, { share })}`;
  const name = shownName(state);
  return `: ${name ? state.say(MEASURE.share, { share, name }) : state.say(LINES.share, { share })}`;
}

/** Each head's weight from the query looked at to the key under the mouse; null where none is. */
export function pairInWords(
  state: AppState,
  shown: ShownLines,
  byHead: readonly WeightsOfHead[] | null,
): string[] | null {
  const { say } = state;
  const hovered = state.hovered.value;
  if (!byHead || shown.of !== "query" || hovered?.as !== "key") return null;
  const { queries, keys } = state.sides.value;
  const key = keys.tokens[hovered.token];
  const heads = byHead
    .map((head) => [head, head.weights[hovered.token] ?? Number.NaN] as const)
    .sort((a, b) => Math.abs(b[1] || 0) - Math.abs(a[1] || 0));
  const more = heads.length - NAMED_HEADS;
  const inWords = ({ both }: WeightsOfHead, weight: number) => {
    if (!both) return valueInWords(state, weight);
    const at = (row: ArrayLike<number>) => row[hovered.token] ?? Number.NaN;
    return changeInWords(state, { before: at(both.before), after: at(both.after) });
  };
  return [
    `${isolated(queries.tokens[shown.row]?.label ?? "")} → ${isolated(key?.label ?? "")}`,
    ...heads
      .slice(0, NAMED_HEADS)
      .map(([head, weight]) => `${nameOf(state, head)}: ${inWords(head, weight)}`),
    ...(more > 0 ? [say(LINES.moreHeads, { n: more })] : []),
    ...(key ? tokenDetails(key, state) : []),
  ];
}

const NAMED_HEADS = 8;

/** Which part of the text, and what of its attention. */
export function whereabouts(state: AppState): string {
  const { say } = state;
  const parts = [measureTitle(state), windowTitle(state.meta.value, state.sides.value.window, say)];
  const { special } = state.sides.value.grouping;
  if (special === "hide") parts.push(say(LINES.hidden));
  if (special === "renormalise") parts.push(say(LINES.renormalised));
  const segments = segmentsOf(state);
  if (segments !== "all") {
    const [from = "", to = ""] = segments.toUpperCase().split("_");
    parts.push(say(LINES.between, { from, to }));
  }
  return parts.filter(Boolean).join(" · ");
}

/** What cannot be drawn is said. */
export function warning(state: AppState, { heads, n }: LostWeights): string {
  if (!n) return "";
  const named = state.say(LINES.lostHeads, { n: heads.length, heads: heads.join(", ") });
  return state.say(LINES.lost, { n, heads: named });
}
