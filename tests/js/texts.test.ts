/** Every text that a person reads, of every file in js/texts: whole, in every language. */

import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { LANGUAGES, type Language, type Text } from "../../js/language";
import { root } from "./helpers/styles";

/** The same in another language, and meant so. */
const SAME = new Set([
  "picker.VIEW_NAMES.tokens vi",
  "story.STORY.tokens vi",
  "announcer.ANNOUNCER.weight vi",
  "announcer.ANNOUNCER.weight ru",
]);

/** Of each language, the plural categories that a text with forms must have. */
const CATEGORIES: Record<Language, readonly string[]> = {
  en: ["one", "other"],
  vi: ["other"],
  ru: ["one", "few", "many", "other"],
};

const files = readdirSync(`${root}js/texts`).filter((name) => name.endsWith(".ts"));
let texts: [name: string, text: Text][] = [];

beforeAll(async () => {
  for (const file of files) {
    const stem = file.replace(/[.]ts$/, "");
    const tables = Object.entries(
      (await import(`../../js/texts/${stem}.ts`)) as Record<string, Record<string, Text>>,
    );
    texts = texts.concat(
      tables.flatMap(([table, entries]) =>
        Object.entries(entries).map(([name, text]): [string, Text] => [
          `${stem}.${table}.${name}`,
          text,
        ]),
      ),
    );
  }
});

const formsOf = (text: Text, language: Language): Record<string, string> => {
  const said = text[language];
  return typeof said === "string" ? { other: said } : said;
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
      expect(Object.keys(text).sort(), name).toEqual([...LANGUAGES].sort());
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

  it("have every plural form that the language has, where one of them has forms", () => {
    const counts = (text: Text) => LANGUAGES.some((language) => typeof text[language] !== "string");
    expect(
      wrong((text, language) => {
        if (!counts(text)) return true;
        const said = text[language];
        if (typeof said === "string") return CATEGORIES[language].length === 1;
        return CATEGORIES[language].every((category) => category in said);
      }),
    ).toEqual([]);
    for (const language of LANGUAGES) {
      const known = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      expect([...CATEGORIES[language]].sort()).toEqual([...known].sort());
    }
  });

  it("are no English by accident", () => {
    const letters = (form: string) => form.replace(/\{\w+\}/g, "").match(/\p{L}{2,}/gu) ?? [];
    expect(
      wrong((text, language, name) => {
        if (language === "en" || SAME.has(`${name} ${language}`)) return true;
        const english = Object.values(formsOf(text, "en"));
        const forms = Object.values(formsOf(text, language)).filter((form) => letters(form).length);
        const cyrillic =
          language !== "ru" || forms.every((form) => /\p{Script=Cyrillic}/u.test(form));
        return cyrillic && !forms.some((form) => english.includes(form));
      }),
    ).toEqual([]);
    const names = texts.map(([name]) => name);
    for (const same of SAME)
      expect(names, "of the list of what is the same").toContain(same.split(" ")[0]);
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
