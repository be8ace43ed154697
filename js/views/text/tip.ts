/** What the text says of the unit beside the mouse. */

import { shownName } from "../../draw/measure_words";
import { pieceInWords, tokenDetails } from "../../language/descriptions";
import { isolated } from "../../language/direction";
import { DIFFERENCE } from "../../language/texts/difference";
import type { AppState } from "../../state/app_state";
import { hasNobody, isAlone } from "../../state/nobody";
import type { Text } from "../../trace/sides";
import { mergeTokens, type Unit } from "../../trace/units";
import { MEASURE } from "./option_texts";
import { isAttention, type TextScores } from "./scores";
import { TEXT } from "./texts";
import { cosineInWords, nameOf, scoreInWords } from "./words";

export interface Pointed {
  unit: Unit;
  index: number;
  text: Text;
  /** Whether its text is the one that the scores are of. */
  coloured: boolean;
}

/** More would hide the text. */
const MOST_PINS = 8;
const MOST_DETAILS = 4;

export function tipOf(
  { unit, index, text, coloured }: Pointed,
  state: AppState,
  of: TextScores,
): string[] {
  const { say } = state;
  const tokens = unit.tokens.flatMap((token) => text.tokens[token] ?? []);
  const [first = 0] = unit.tokens;
  const last = unit.tokens[unit.tokens.length - 1] ?? first;
  const { value: measure } = state.measure;
  const details = tokens.flatMap((token) => tokenDetails({ ...token, piece: null }, state));
  const lines = [
    tokens.map(({ label }) => isolated(label)).join(" · "),
    say(TEXT.place, {
      n: unit.tokens.length,
      places: first === last ? String(first) : `${first}–${last}`,
    }),
  ];
  const score = coloured ? of.scores.value?.[index] : undefined;
  const isKnown =
    isAttention(measure) &&
    state.sides.value.keys.toRow.has(first) &&
    state.activeHeads.value.length > 0;
  const isWithout = coloured && isAlone(state, unit.tokens);
  if (score !== undefined && (isKnown || isWithout || !Number.isNaN(score))) {
    const name = isAttention(measure) ? shownName(state) : "";
    const said = name ? `${say(MEASURE[measure])} (${name})` : say(MEASURE[measure]);
    lines.push(`${said}: ${scoreOrChange(index, score, state, of)}`);
  }
  if (measure === "pinned_cosine" && coloured) lines.push(...cosines(index, state, of));
  return [...lines, ...pieceInWords(mergeTokens(tokens), say), ...details.slice(0, MOST_DETAILS)];
}

function scoreOrChange(unit: number, score: number, state: AppState, of: TextScores): string {
  const change = scoreInWords(state, score);
  const { value: both } = of.both;
  if (!both || (Number.isNaN(score) && hasNobody(state))) return change;
  const [before, after] = [both.before, both.after].map((all) =>
    scoreInWords(state, all[unit] ?? Number.NaN, true),
  );
  return state.say(DIFFERENCE.change, { before: before ?? "", after: after ?? "", change });
}

/** To each of several pins. */
function cosines(unit: number, state: AppState, of: TextScores): string[] {
  const { value: pins } = of.pins;
  if (pins.length < 2) return [];
  return of.cosines.value.slice(0, MOST_PINS).map((to, pin) => {
    const name = nameOf(state, state.units.value[pins[pin] ?? -1]);
    const cosine = cosineInWords(state, to[unit] ?? Number.NaN);
    return `${state.say(TEXT.cosineTo, { name })}: ${cosine}`;
  });
}
