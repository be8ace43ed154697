/** Quotation marks are those of the language, and what stands in them is a text like any other. */

import { expect, it } from "vitest";
import { quoted } from "../../../js/language/quoted";
import { inLanguage, type Language, type Say } from "../../../js/language/say";

const sayIn =
  (language: Language): Say =>
  (text, values) =>
    inLanguage(language, text, values);

it.each([
  ["en", "“novel”"],
  ["vi", "“novel”"],
  ["ru", "«novel»"],
] as const)("are those of %s", (language, said) => {
  expect(quoted(sayIn(language), "novel")).toBe(said);
});

it("stand around a text that no sign in it turns or opens", () => {
  const say = sayIn("en");
  expect(quoted(say, "{n} $& <b>")).toBe("“{n} $& <b>”");
  expect(quoted(say, "שלום")).toBe("“\u2068שלום\u2069”");
  expect(quoted(say, "a\u202eb")).toBe("“a‹U+202E›b”");
});
