/** How one number of a step comes of the others, in numbers. */

import type { AppState } from "../../state/app_state";
import type { Numbers } from "../../trace/tensor";
import type { CalculationData, Cell } from "./data";
import { numberInWords } from "./matrix_drawing";
import { CALCULATION } from "./texts";
import { cellName } from "./tokens";
import { turnedInWords, turnOf } from "./turning";

export interface Explained {
  /** The number, by its place. */
  readonly lead: string;
  /** What it is made of; empty where that is not known. */
  readonly made: string;
}

/** Of more terms the largest are written. */
const ALL = 8;
const LARGEST = 5;

/** Of a product of a row and a column; both are as long. */
export function sumOfProducts(
  { say, numbers }: Pick<AppState, "say" | "numbers">,
  row: Numbers,
  column: Numbers,
  plus: number | null,
): string {
  const terms = Array.from(row, (value, at) => ({ a: value, b: column[at] ?? 0 }));
  const size = ({ a, b }: { a: number; b: number }) => Math.abs(a * b);
  const isAll = terms.length <= ALL;
  const shown = isAll ? terms : [...terms].sort((a, b) => size(b) - size(a)).slice(0, LARGEST);
  const bracketed = (value: number) => {
    const text = numbers.glance(value);
    return value < 0 ? `(${text})` : text;
  };
  const written = shown.map(({ a, b }) => `${bracketed(a)} × ${bracketed(b)}`);
  if (!isAll) {
    const rest = terms.filter((term) => !shown.includes(term));
    const sum = rest.reduce((all, { a, b }) => all + a * b, 0);
    written.push(`… (${say(CALCULATION.andMore, { n: rest.length, sum: numbers.glance(sum) })})`);
  }
  if (plus !== null) written.push(bracketed(plus));
  const about = isAll
    ? ""
    : ` · ${say(CALCULATION.terms, { n: terms.length })}, ${say(CALCULATION.largest)}`;
  return `${written.join(" + ")}${about}`;
}

/** Null while its parts are on their way. */
export function explained(data: CalculationData, state: AppState, at: Cell): Explained | null {
  const { say, numbers } = state;
  const { value: operation } = data.operation;
  const row = operation && data.line(operation.name, "row", at.row);
  const value = row?.[at.column];
  if (!operation || !row || value === undefined) return null;
  const { name, left, right, plus, isTransposed, sign } = operation;
  const written = numberInWords(state, name, value);
  const lead = `${data.symbol(name)}[${cellName(state, name, at)}] = ${written}`;
  const made = (words: string) => ({ lead, made: words });
  const from = left && data.line(left, "row", at.row);
  if (left && !from) return null;
  if (!from)
    return made(
      `· ${say(name === "hidden" || name.endsWith("input") ? CALCULATION.given : CALCULATION.unknown)}`,
    );
  const before = from[at.column] ?? Number.NaN;
  if (right && sign === "·") {
    const other = data.line(right, isTransposed ? "row" : "column", at.column);
    const added = plus ? data.line(plus, "row", 0) : null;
    if (!other || (plus && !added)) return null;
    return made(`= ${sumOfProducts(state, from, other, added?.[at.column] ?? null)}`);
  }
  if (name === "masked") {
    if (value === Number.NEGATIVE_INFINITY) return made(`· ${say(CALCULATION.hiddenHere)}`);
    if (!right) return made(`· ${say(CALCULATION.seenHere)}`);
    const added = data.line(right, "row", at.row)?.[at.column] ?? Number.NaN;
    return made(`= ${numbers.glance(before)} + ${numbers.glance(added)}`);
  }
  if (name === "weights") {
    const [sink, sunk] = [operation.sink, operation.sunk].map((each) =>
      each === null ? null : data.line(each, "row", at.row)?.[0],
    );
    if (sink === undefined || sunk === undefined) return null;
    return made(
      softmaxOf(state, from, at, sink === null ? null : { logit: sink, share: sunk ?? 0 }),
    );
  }
  if (name === "scaled") {
    const { scale = 1, softcap = null } = data.answer.value.answer ?? {};
    const times = `${numbers.glance(before)} × ${numbers.exact(Number(scale))}`;
    if (softcap === null) return made(`= ${times}`);
    const cap = numbers.exact(softcap);
    return made(`= ${cap} · tanh(${times} / ${cap})`);
  }
  if (name.endsWith("_rotated") && data.answer.value.answer?.rotation) {
    const turn = turnOf(data.answer.value.answer.rotation, name, at);
    return made(
      turn ? turnedInWords(state, turn, from, at.column) : `· ${say(CALCULATION.notTurned)}`,
    );
  }
  if (name === "block") {
    const others = numbers.glance(value - before);
    const own = say(CALCULATION.own, { own: numbers.glance(before) });
    return made(`= ${own} + ${say(CALCULATION.others, { others })}`);
  }
  return made(`· ${say(CALCULATION.before, { value: numbers.glance(before) })}`);
}

/** exp of the number through the sum of exp over its row, with a sink's. */
function softmaxOf(
  { say, numbers }: AppState,
  row: Numbers,
  at: Cell,
  sink: { readonly logit: number; readonly share: number } | null,
): string {
  const exp = (value: number) => `exp(${numbers.glance(value)})`;
  const seen = Array.from(row).filter((value) => value !== Number.NEGATIVE_INFINITY);
  const own = row[at.column] ?? Number.NaN;
  if (own === Number.NEGATIVE_INFINITY) return `· ${say(CALCULATION.hiddenHere)}`;
  const isAll = seen.length <= ALL;
  const shown = isAll ? seen : [...seen].sort((a, b) => b - a).slice(0, LARGEST);
  const sum = [...shown.map(exp), ...(isAll ? [] : ["…"]), ...(sink ? [exp(sink.logit)] : [])];
  const share = sink && numbers.share(sink.share, 0);
  const sinks = share === null ? "" : ` · ${say(CALCULATION.toSink, { share })}`;
  const about = isAll ? "" : ` · ${say(CALCULATION.largest)}`;
  return `= ${exp(own)} / (${sum.join(" + ")})${about}${sinks}`;
}
