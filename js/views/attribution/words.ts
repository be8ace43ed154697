/** Names of what writes, signed numbers, and sentences about both. */

import type { Numbers } from "../../language/numbers";
import type { Say } from "../../language/say";
import { KINDS } from "../../language/texts/kinds";
import type { AppState } from "../../state/app_state";
import type { Attributed, Effect, Explained, Others, Term } from "../../trace/explained";
import type { AttentionKind } from "../../trace/options";
import { ATTRIBUTION, SCORE, TERMS } from "./texts";

/** @param kinds of the attention that writes, where there are several. */
export function termName(
  say: Say,
  { what, layer, head, kind }: Omit<Term, "value">,
  several: boolean,
): string {
  if (layer === null) return say(what === "embeddings" ? TERMS.embeddings : TERMS.bias);
  const at = { layer: String(layer) };
  if (what === "MLP") return `MLP ${layer}`; // in every language
  if (what === "layer" || kind === null) return say(TERMS.layer, at);
  const term =
    head === null ? say(TERMS.attentionBias, at) : say(TERMS.head, { ...at, head: String(head) });
  return several ? say(TERMS.ofKind, { term, kind: say(KINDS[kind]) }) : term;
}

/** Whether heads of several kinds write into it. */
export const hasKinds = (terms: readonly Term[]): boolean =>
  new Set(terms.flatMap(({ kind }) => kind ?? [])).size > 1;

export function signed(numbers: Numbers, value: number): string {
  const text = numbers.glance(value);
  return value > 0 ? `+${text}` : text;
}

export const othersName = (say: Say, { count }: Others): string => say(TERMS.others, { n: count });

export const shortName = ({ layer, head }: { layer: number; head: number }): string =>
  `${layer}.${head}`;

/** Of what a sentence speaks: the logit, or the difference of two. */
export const subjectOf = (say: Say, { other }: Attributed): string =>
  say(other === null ? ATTRIBUTION.logit : ATTRIBUTION.difference);

export const partOf = ({ terms }: Attributed, head: Omit<Effect, "effect" | "backup">): number =>
  Number(terms.find((term) => isOf(term, head))?.value ?? Number.NaN);

export const isOf = (
  term: Pick<Term, "kind" | "layer" | "head">,
  head: { kind: AttentionKind; layer: number; head: number },
): boolean => term.kind === head.kind && term.layer === head.layer && term.head === head.head;

/** Why a head that writes much does not matter so much; "" where it does. */
export function backupSentence(
  { say, numbers }: Pick<AppState, "say" | "numbers">,
  answer: Attributed,
  effect: Effect,
): string {
  if (!effect.backup) return "";
  const change = Number(effect.effect);
  const values = {
    head: shortName(effect),
    part: signed(numbers, partOf(answer, effect)),
    what: subjectOf(say, answer),
    effect: signed(numbers, change),
    size: numbers.glance(Math.abs(change)),
  };
  if (effect.backup === "small") return say(ATTRIBUTION.small, values);
  return say(change > 0 ? ATTRIBUTION.higher : ATTRIBUTION.lower, values);
}

/** What the terms sum to, and how exact that is. */
export function sumSentence(
  { say, numbers }: Pick<AppState, "say" | "numbers">,
  { logit, sum, capped, other }: Attributed,
): string {
  const values = { logit: numbers.glance(Number(logit)), sum: numbers.glance(Number(sum)) };
  if (capped) return say(ATTRIBUTION.capped, values);
  return say(other === null ? ATTRIBUTION.sums : ATTRIBUTION.sumsDifference, values);
}

/** What a score is the sum of, and what becomes of it. */
export function scoreSentences(
  { say, numbers }: Pick<AppState, "say" | "numbers">,
  { score, dot, scale, entered, weight }: Explained,
): string {
  const sums = say(SCORE.sums, {
    score: numbers.glance(Number(score)),
    dot: numbers.glance(Number(dot)),
    scale: numbers.glance(Number(scale)),
  });
  if (Number(entered) === Number.NEGATIVE_INFINITY) return `${sums} ${say(SCORE.hidden)}`;
  const values = {
    entered: numbers.glance(Number(entered)),
    weight: numbers.share(Number(weight), 0),
  };
  const isSame = values.entered === numbers.glance(Number(score));
  return `${sums} ${say(isSame ? SCORE.weight : SCORE.entered, values)}`;
}
