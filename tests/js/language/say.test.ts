import { describe, expect, it } from "vitest";
import { fixed, inLanguage, languageOf, type Text } from "../../../js/language/say";

const HEADS: Text = {
  en: { one: "{n} head", other: "{n} heads" },
  vi: "{n} đầu",
  ru: { one: "{n} голова", few: "{n} головы", many: "{n} голов", other: "{n} головы" },
};

describe("the language of the page", () => {
  it.each([
    ["vi", "vi"],
    ["vi-VN", "vi"],
    ["RU_ru", "ru"],
    ["en-GB", "en"],
    ["fr", "en"],
    ["vie", "en"],
    ["", "en"],
  ])("%s is %s", (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });
});

describe("a text", () => {
  it("has the plural form of its language", () => {
    const said = (language: "en" | "vi" | "ru") =>
      [0, 1, 2, 5, 11, 21, 22].map((n) => inLanguage(language, HEADS, { n }));
    expect(said("en").slice(0, 3)).toEqual(["0 heads", "1 head", "2 heads"]);
    expect(said("vi")).toEqual([0, 1, 2, 5, 11, 21, 22].map((n) => `${n} đầu`));
    expect(said("ru")).toEqual([
      "0 голов",
      "1 голова",
      "2 головы",
      "5 голов",
      "11 голов",
      "21 голова",
      "22 головы",
    ]);
  });

  it("has a form of its own for the number 1, where one is given", () => {
    const layers: Text = {
      en: { one: "one layer", other: "{n} layers" },
      vi: "{n} lớp",
      ru: { "=1": "один слой", other: "слоёв: {n}" },
    };
    const said = [0, 1, 21, 61].map((n) => inLanguage("ru", layers, { n }));
    expect(said).toEqual(["слоёв: 0", "один слой", "слоёв: 21", "слоёв: 61"]);
    expect(inLanguage("en", layers, { n: 1 })).toBe("one layer");
  });

  it("writes numbers as the language does", () => {
    const weight: Text = { en: "{w} of {n}", vi: "{w} trên {n}", ru: "{w} из {n}" };
    const values = { w: fixed(0.5, 4), n: 12_345.5 };
    expect(inLanguage("en", weight, values)).toBe("0.5000 of 12,345.5");
    expect(inLanguage("vi", weight, values)).toBe("0,5000 trên 12.345,5");
    expect(inLanguage("ru", weight, values)).toBe("0,5000 из 12\u00a0345,5");
  });

  it("takes values as they are, whatever stands in them", () => {
    const text: Text = { en: "“{token}” {token}", vi: "{token}", ru: "{token}" };
    expect(inLanguage("en", text, { token: "{n} $& <b>" })).toBe("“{n} $& <b>” {n} $& <b>");
  });

  it("without one of its values is an error that names it", () => {
    expect(() => inLanguage("en", HEADS, {})).toThrow('no value for {n} in "{n} heads"');
  });
});
