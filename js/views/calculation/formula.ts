/** A formula as mathematics is written: names in italics, subscripts below the line. */

import { h } from "../../browser/dom";
import type { Pen } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import type { Numbers } from "../../language/numbers";

export interface Part {
  readonly text: string;
  readonly as: "name" | "below" | "sign";
}

/** A name with its subscript, a number, what stands above a letter, a word, or a sign. */
const PARTS =
  /(\p{L}[\u0302\u0304\u2032\u2033]*)_(\p{L}+)|(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(\p{L}+[\u0302\u2032\u2033]*)|(.)/gu;

/** Words that are functions stand upright. */
const FUNCTIONS =
  /^(softmax|norm|rotate|edit|tanh|cos|sin|then|where|the|mask|hides|and|\p{L}*Norm)$/u;

export function partsOf(formula: string, numbers: Numbers): Part[] {
  const parts: Part[] = [];
  const add = (text: string, as: Part["as"]) => {
    const last = parts.at(-1);
    if (last?.as === as && as === "sign") parts[parts.length - 1] = { as, text: last.text + text };
    else parts.push({ text, as });
  };
  for (const [, letter, below, digits, word, sign] of formula.matchAll(PARTS)) {
    if (letter && below) {
      add(letter, "name");
      add(below, "below");
    } else if (digits) add(numbers.exact(Number(digits)), "sign");
    else if (word) {
      if (word.length > 1 && word.endsWith("ᵀ")) {
        add(word.slice(0, -1), "name");
        add("ᵀ", "sign");
      } else add(word, FUNCTIONS.test(word) ? "sign" : "name");
    } else add(sign ?? "", "sign");
  }
  return parts;
}

/** What a formula calls its result. */
export const symbolOf = (formula: string): string => formula.split(" = ")[0] ?? formula;

export const formulaNodes = (parts: readonly Part[]): (Node | string)[] =>
  parts.map(({ text, as }) =>
    as === "below" ? h("sub", {}, text) : as === "name" ? h("i", {}, text) : text,
  );

/** As a screen reader says it, and where there is no room for more. */
export const plainFormula = (parts: readonly Part[]): string =>
  parts.map(({ text, as }) => (as === "below" ? `_${text}` : text)).join("");

const SMALLER = 0.72;

export const formulaWidth = (parts: readonly Part[], size: number): number =>
  parts.reduce(
    (sum, { text, as }) => sum + textWidth(text, as === "below" ? SMALLER * size : size),
    0,
  );

/** From the start of its base line. */
export function drawFormula(
  pen: Pen,
  x: number,
  y: number,
  parts: readonly Part[],
  { size, colour, bold = false }: { size: number; colour: string; bold?: boolean },
): void {
  let at = x;
  for (const { text, as } of parts) {
    const own = as === "below" ? SMALLER * size : size;
    pen.text(at, as === "below" ? y + 0.25 * size : y, text, { colour, size: own, bold });
    at += textWidth(text, own, bold ? 650 : 400);
  }
}
