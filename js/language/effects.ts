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

/** The candidate, and the other one whose logit is taken away. */
function candidates(say: Say, { label, metric, other_label }: Ranked): string {
  const first = quoted(say, label);
  if (metric !== "difference") return first;
  return say(EFFECT.minus, { label: first, other: quoted(say, other_label) });
}

/** What effects are of; `tokens` are those at which the model predicts. */
export function subjectInWords(say: Say, ranked: Ranked, tokens: readonly TokenMeta[]): string {
  const { of, metric, position } = ranked;
  if (metric === "loss") return say(EFFECT.ofLoss);
  const token = quoted(say, tokens[position ?? -1]?.label ?? "");
  const values = { label: candidates(say, ranked), token };
  if (of === "states") return say(position === null ? EFFECT.ofStates : EFFECT.ofState, values);
  if (of === "class") return say(EFFECT.ofClass, values);
  return say(of === "next token" ? EFFECT.afterToken : EFFECT.atToken, values);
}

/** What happens without the head: the exact number. */
export function effectInWords({ say, numbers }: Speaking, ranked: Ranked, value: number): string {
  const by = numbers.glance(Math.abs(value));
  if (ranked.of === "states") return say(EFFECT.turns, { by: numbers.glance(value) });
  const values = { label: candidates(say, ranked), by, before: numbers.glance(+ranked.before) };
  const [stays, falls, rises] =
    ranked.metric === "loss"
      ? [EFFECT.lossStays, EFFECT.lossFalls, EFFECT.lossRises]
      : [EFFECT.stays, EFFECT.falls, EFFECT.rises];
  if (value === 0) return say(stays, values);
  return say(value < 0 ? falls : rises, values);
}

/** In a cell, with one digit less where it is `narrow` and there may be a minus; empty for none. */
export const formatEffect = (
  numbers: Numbers,
  { of, metric }: Ranked,
  value: number,
  narrow = false,
): string => {
  const isSmall = of === "states" || metric === "loss";
  return numbers.summary(value, isSmall ? 3 : narrow ? 1 : 2);
};
