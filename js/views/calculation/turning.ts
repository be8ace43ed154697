/** How a rotary embedding makes one number of two: the angle of their pair at the position. */

import type { AppState } from "../../state/app_state";
import type { RotationMeta, StepName } from "../../trace/calculation";
import type { Numbers } from "../../trace/tensor";
import { CALCULATION } from "./texts";

/** Of a dimension that is turned. */
export interface Turn {
  /** The dimension that is turned with it. */
  readonly other: number;
  /** Whether it is the first of the two. */
  readonly isFirst: boolean;
  readonly position: number;
  /** In radians from one position to the next. */
  readonly frequency: number;
  readonly angle: number;
  readonly cos: number;
  readonly sin: number;
  /** What sines and cosines are multiplied by. */
  readonly scaling: number;
}

/** Null of a dimension that stays as it is. */
export function turnOf(
  rotation: RotationMeta,
  name: StepName,
  { row, column }: { readonly row: number; readonly column: number },
): Turn | null {
  const { pairs, frequencies, first, scaling } = rotation;
  const at = pairs.findIndex((pair) => pair.includes(column));
  const [one, two] = pairs[at] ?? [];
  const frequency = frequencies[at];
  if (one === undefined || two === undefined || frequency === undefined) return null;
  const position = Math.max(0, row - first);
  const angle = position * frequency;
  return {
    other: column === one ? two : one,
    isFirst: column === one,
    position,
    frequency,
    angle,
    cos: Math.cos(angle),
    sin: Math.sin(angle),
    scaling: scaling[name.startsWith("q") ? 0 : 1],
  };
}

/** The number of two, and by which angle they are turned. */
export function turnedInWords(
  { say, numbers }: Pick<AppState, "say" | "numbers">,
  turn: Turn,
  before: Numbers,
  column: number,
): string {
  const { other, isFirst, position, frequency, angle, cos, sin, scaling } = turn;
  const bracketed = (value: number) => {
    const text = numbers.glance(value);
    return text.startsWith("−") ? `(${text})` : text;
  };
  const [own, second] = [before[column], before[other]].map((value) =>
    bracketed(value ?? Number.NaN),
  );
  const [c, s] = [bracketed(cos), bracketed(sin)];
  const sum = `${own} × ${c} ${isFirst ? "−" : "+"} ${second} × ${s}`;
  const made = scaling === 1 ? sum : `${numbers.exact(scaling)} × (${sum})`;
  const by = say(CALCULATION.turnedBy, {
    i: String(Math.min(column, other)),
    j: String(Math.max(column, other)),
    position: numbers.fixed(position, 0),
    frequency: numbers.end(frequency),
    angle: numbers.glance(angle),
    cos: numbers.glance(cos),
    sin: numbers.glance(sin),
  });
  return `= ${made} · ${by}`;
}

/** Of the first or the second of two numbers, with the names that the step has for them. */
export function turnFormula(formula: string, isFirst: boolean): string {
  const [after = "", before = ""] = formula.split(/ = rotate\(|, position\)/);
  const [own, other, sign] = isFirst ? ["i", "j", "−"] : ["j", "i", "+"];
  const sum = `${before}_${own} · cos θ ${sign} ${before}_${other} · sin θ`;
  return `${after}_${own} = ${sum},   θ = position · ω`;
}
