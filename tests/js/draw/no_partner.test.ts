/** Numbers of a difference in words, where a token of one side has no partner on the other. */

import { expect, it } from "vitest";
import { changeInWords, weightInWords } from "../../../js/draw/change_words";
import { valueInWords } from "../../../js/draw/measure_words";
import { connected, metaOf } from "../helpers/state";

const opened = (locale: "en" | "vi" | "ru", isWhole = false) => {
  const text = "a very novel idea .";
  const sides = [metaOf(text, { run: 2 }), metaOf(text, { run: 3 })];
  const slots = sides[0]?.tokens.map((_, at) => [at, at === 2 && !isWhole ? null : at]) ?? [];
  const comparison = { names: ["one", "other"], slots, target_slots: null, has_models: false };
  const meta = metaOf(text, { comparison: { ...comparison, sides } as never });
  return connected({ meta, locale, shown_pass: "difference" });
};

it.each([
  ["en", "no partner"],
  ["vi", "không có cặp"],
  ["ru", "нет пары"],
] as const)("are words in %s, not NaN", (locale, words) => {
  const { state, controller } = opened(locale);
  expect(weightInWords(state, Number.NaN)).toBe(words);
  expect(valueInWords(state, Number.NaN, 0.001)).toBe(words);
  expect(changeInWords(state, { before: 0.25, after: Number.NaN })).toBe(words);
  expect(changeInWords(state, { before: 0.25, after: 0.5 })).not.toContain(words);
  controller.abort();
});

it("stay NaN where each token has a partner: those are lost", () => {
  const { state, controller } = opened("en", true);
  expect(weightInWords(state, Number.NaN)).toBe("NaN");
  controller.abort();
});
