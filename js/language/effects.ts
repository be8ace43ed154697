/** Effects of heads in words. */

import type { TokenMeta } from "../trace/contract";
import type { Ranked } from "../trace/questions";
import type { Numbers } from "./numbers";
import { quoted } from "./quoted";
import type { Say } from "./say";
import { EFFECT } from "./texts/effects";

interface Speaking {
  readonly say: Say;
  readonly numbers: Numbers;
}

/** What effects are of; `tokens` are those at which the model predicts. */
export function subjectInWords(
  say: Say,
  { of, position, label }: Ranked,
  tokens: readonly TokenMeta[],
): string {
  const token = quoted(say, tokens[position ?? -1]?.label ?? "");
  const values = { label: quoted(say, label), token };
  if (of === "states") return say(position === null ? EFFECT.ofStates : EFFECT.ofState, values);
  if (of === "class") return say(EFFECT.ofClass, values);
  return say(of === "next token" ? EFFECT.afterToken : EFFECT.atToken, values);
}

/** What happens without the head: the exact number. */
export function effectInWords({ say, numbers }: Speaking, ranked: Ranked, value: number): string {
  const by = numbers.glance(Math.abs(value));
  if (ranked.of === "states") return say(EFFECT.turns, { by: numbers.glance(value) });
  const values = { label: quoted(say, ranked.label), by, before: numbers.glance(+ranked.before) };
  if (value === 0) return say(EFFECT.stays, values);
  return say(value < 0 ? EFFECT.falls : EFFECT.rises, values);
}

/** In a cell, with one digit less where it is `narrow` and there may be a minus; empty for none. */
export const formatEffect = (
  numbers: Numbers,
  { of }: Ranked,
  value: number,
  narrow = false,
): string => numbers.summary(value, of === "states" ? 3 : narrow ? 1 : 2);
