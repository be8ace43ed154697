/** Every text that a person reads, of every file of texts in js/: whole, in every language. */

import { describe, expect, it } from "vitest";
import { inLanguage, LANGUAGES, type Language, type Text } from "../../js/language/say";
import { files, formsOf, texts } from "./helpers/texts";

/** Names and terms that another language writes as English does. */
const TERMS = new Set([
  "token",
  "tokens",
  "nan",
  "id",
  "logit",
  "padding",
  "softmax",
  "top",
  "viridis",
  "cividis",
  "entropy",
  "kb",
  "mb",
  "gb",
]);

/** The plural forms that a text must have, if it has any: `other` is that of the category left. */
const CATEGORIES: Record<Language, readonly string[]> = {
  en: ["one", "other"],
  vi: ["other"],
  ru: ["one", "few", "other"],
};

const holesOf = (form: string) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
const wrong = (check: (text: Text, language: Language, name: string) => boolean) =>
  texts.flatMap(([name, text]) =>
    LANGUAGES.filter((language) => !check(text, language, name)).map((each) => `${name} ${each}`),
  );

describe("texts", () => {
  it("are read from every file", () => {
    expect(files.length).toBeGreaterThan(10);
    expect(texts.length).toBeGreaterThan(80);
    for (const file of files) {
      const stem = file.replace(/[.]ts$/, "");
      expect(
        texts.some(([name]) => name.startsWith(`${stem}.`)),
        file,
      ).toBe(true);
    }
  });

  it("are there in every language, and not empty", () => {
    expect(
      wrong((text, language) =>
        Object.values(formsOf(text, language)).every((form) => form.trim() && !/TODO/.test(form)),
      ),
    ).toEqual([]);
    for (const [name, text] of texts)
      expect(
        Object.keys(text)
          .filter((key) => key !== "compared")
          .sort(),
        name,
      ).toEqual([...LANGUAGES].sort());
  });

  it("take the same values in every language", () => {
    const union = (text: Text, language: Language) =>
      [...new Set(Object.values(formsOf(text, language)).flatMap(holesOf))].sort();
    expect(
      wrong((text, language) => `${union(text, language)}` === `${union(text, "en")}`),
    ).toEqual([]);
  });

  it("take the same values in every form, but for the number that chose it", () => {
    const holes = (form: string) =>
      [...new Set(holesOf(form))].filter((name) => name !== "n").sort();
    expect(
      wrong((text, language) => {
        const forms = Object.values(formsOf(text, language)).map((form) => `${holes(form)}`);
        return new Set(forms).size === 1;
      }),
    ).toEqual([]);
  });

  it("have every plural form that the language has, where they have forms", () => {
    expect(
      wrong((text, language) => {
        const said = text[language] ?? "";
        if (typeof said === "string") return true;
        const names = Object.keys(said).filter((name) => name !== "=1");
        return (
          `${names}` === "other" || `${names.sort()}` === `${[...CATEGORIES[language]].sort()}`
        );
      }),
    ).toEqual([]);
    for (const language of LANGUAGES) {
      const rules = new Intl.PluralRules(language);
      const used = new Set(Array.from({ length: 200 }, (_, n) => rules.select(n)));
      const named = CATEGORIES[language].filter((each) => each !== "other");
      expect([...used]).toEqual(expect.arrayContaining(named));
      expect([...used].filter((each) => !named.includes(each))).toHaveLength(1); // `other`
    }
  });

  it("write the number that chose a form, but for 1", () => {
    const filled = (text: Text, language: Language, n: number) => {
      const holes = Object.values(formsOf(text, language)).flatMap(holesOf);
      const values = Object.fromEntries(holes.map((name) => [name, "…"]));
      return inLanguage(language, text, { ...values, n });
    };
    expect(
      wrong((text, language) => {
        if (typeof text[language] === "string") return true;
        const others = [2, 5, 11, 21, 22, 61, 101].map(
          (n) => [n, filled(text, language, n)] as const,
        );
        const writes = Object.values(formsOf(text, language)).some((form) => form.includes("{n}"));
        return writes
          ? others.every(([n, said]) => said.includes(String(n)))
          : new Set(others.map(([, said]) => said)).size === 1;
      }),
    ).toEqual([]);
  });

  it("are no English by accident", () => {
    const words = (form: string) =>
      (form.replace(/\{\w+\}/g, "").match(/\p{L}{2,}/gu) ?? []).filter(
        (word) => !TERMS.has(word.toLowerCase()),
      );
    expect(
      wrong((text, language) => {
        if (language === "en") return true;
        const english = Object.values(formsOf(text, "en"));
        const forms = Object.values(formsOf(text, language)).filter((form) => words(form).length);
        const isCyrillic = (form: string) => language !== "ru" || /\p{Script=Cyrillic}/u.test(form);
        return forms.every((form) => isCyrillic(form) && !english.includes(form));
      }),
    ).toEqual([]);
  });

  it("keep their blanks and say an ellipsis with one sign", () => {
    expect(
      wrong((text, language) =>
        Object.values(formsOf(text, language)).every(
          (form) => form === form.trim() && !form.includes("...") && form === form.normalize("NFC"),
        ),
      ),
    ).toEqual([]);
  });
});
