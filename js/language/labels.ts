/** What a head does, in words. */

import type { Label, LabelName } from "../trace/contract";
import type { Numbers } from "./numbers";
import type { Say } from "./say";
import { LABEL_DOES, PROBED } from "./texts/labels";

/** Of small pictures, where its name has no room; the legend says what it stands for. */
export const LETTERS: Readonly<Record<LabelName, string>> = {
  previous: "P",
  next: "N",
  self: "S",
  duplicate: "D",
  induction: "I",
  same_word: "W",
  first: "F",
  delimiter: "M",
  special: "C",
  sink: "0",
};

export const isLabel = (name: string): name is LabelName => name in LABEL_DOES;

interface Speaking {
  readonly say: Say;
  readonly numbers: Numbers;
}

/** `isProbed`: on random tokens rather than on this text. */
export function labelInWords(
  { say, numbers }: Speaking,
  { name, score }: Label,
  isProbed = false,
): string {
  const does = say(LABEL_DOES[name], { score: numbers.summary(score, 2) });
  return isProbed ? say(PROBED.does, { does }) : does;
}
