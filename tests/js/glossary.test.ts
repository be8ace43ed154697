/** One thing has one word in each language: js/language/glossary.md says which, and which not. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LANGUAGES, type Language } from "../../js/language/say";
import { root } from "./helpers/styles";
import { formsOf, texts } from "./helpers/texts";

const glossary = readFileSync(`${root}js/language/glossary.md`, "utf8");

/** The words that the section of a language rules out. */
function ruledOut(language: Language): RegExp[] {
  const [, rest = ""] = glossary.split(`\n## ${language}\n`);
  const [section = ""] = rest.split("\n## ");
  return [...section.matchAll(/`([^`]+)`/g)].map(
    ([, word]) => new RegExp(`(?<![\\p{L}\\p{M}])(?:${word})`, "iu"),
  );
}

describe.each(LANGUAGES)("the words of %s", (language) => {
  const words = ruledOut(language);

  it("are ruled out in the glossary", () => {
    expect(words.length).toBeGreaterThan(20);
  });

  it("that are ruled out stand in no text", () => {
    const found = texts.flatMap(([name, text]) =>
      Object.values(formsOf(text, language)).flatMap((form) => {
        const said = form.replace(/\{\w+\}/g, "…");
        return words.filter((word) => word.test(said)).map((word) => `${name}: ${word}: ${said}`);
      }),
    );
    expect(found).toEqual([]);
  });
});
