/** What a head does, in words. */

import type { Label, LabelName } from "../trace/contract";
import type { Numbers } from "./numbers";
import type { Say } from "./say";
import { LABEL_DOES } from "./texts/labels";

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

export const labelInWords = ({ say, numbers }: Speaking, { name, score }: Label): string =>
  say(LABEL_DOES[name], { score: numbers.summary(score, 2) });
