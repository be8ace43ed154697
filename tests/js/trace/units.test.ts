import { describe, expect, it } from "vitest";
import type { TokenMeta } from "../../../js/trace/contract";
import { type Unit, unitOfToken, unitsOf } from "../../../js/trace/units";
import { below, randomFrom } from "../helpers/random";
import { special, token, tokensOf } from "../helpers/state";

const textOf = (units: readonly Unit[]) =>
  units.map(({ lead, text, trail, special }) => lead + (special ? "" : text) + trail).join("");

const sourceOf = (tokens: readonly TokenMeta[]) =>
  tokens.map(({ lead, text, trail }) => lead + text + trail).join("");

describe("unitsOf", () => {
  const tokens = tokensOf("un|believ|able no|vel !");

  it("joins the tokens of a word", () => {
    expect(unitsOf(tokens, "words").map((unit) => [unit.text, unit.tokens])).toEqual([
      ["[CLS]", [0]],
      ["unbelievable", [1, 2, 3]],
      ["novel", [4, 5]],
      ["!", [6]],
      ["[SEP]", [7]],
    ]);
  });

  it("leaves tokens single where words are not wanted", () => {
    const units = unitsOf(tokens, "tokens");
    expect(units.map((unit) => unit.tokens)).toEqual(tokens.map((_, index) => [index]));
    expect(units.map((unit) => unit.text)).toEqual([
      "[CLS]",
      "un",
      "believ",
      "able",
      "no",
      "vel",
      "!",
      "[SEP]",
    ]);
  });

  it.each(["words", "tokens"] as const)("joins to the text of the tokens (%s)", (words) => {
    expect(textOf(unitsOf(tokens, words))).toBe("unbelievable novel !");
  });

  it("keeps what stands between two tokens of one word", () => {
    const pieces = [
      token("co", { word: 0, lead: " ", trail: "" }),
      token("op", { word: 0, lead: "-" }),
      token("", { word: 0, label: "<0x9F>" }),
      token("s", { word: 0, trail: "\n" }),
    ];
    const [unit, ...more] = unitsOf(pieces, "words");
    expect(more).toEqual([]);
    expect(unit).toEqual({
      tokens: [0, 1, 2, 3],
      text: "co-ops",
      lead: " ",
      trail: "\n",
      special: false,
      passage: null,
    });
  });

  it("makes each special token a unit of its own, shown by its label", () => {
    const units = unitsOf([special("<s>"), special("<s>"), token("a", { word: 0 })], "words");
    expect(units.map(({ text, special, tokens }) => [text, special, tokens])).toEqual([
      ["<s>", true, [0]],
      ["<s>", true, [1]],
      ["a", false, [2]],
    ]);
  });

  it("does not join tokens without a word, nor a word with itself across a special token", () => {
    const units = unitsOf(
      [token("a"), token("b"), token("c", { word: 3 }), special("[MASK]"), token("d", { word: 3 })],
      "words",
    );
    expect(units.map((unit) => unit.tokens)).toEqual([[0], [1], [2], [3], [4]]);
  });

  it("has no unit for no token", () => {
    expect(unitsOf([], "words")).toEqual([]);
  });

  it("loses no token and no character of any text", () => {
    const random = randomFrom(1);
    for (let round = 0; round < 200; round++) {
      let word = 0;
      const some = Array.from({ length: below(random, 30) }, () => {
        if (random() < 0.15) return special("[X]");
        word += below(random, 2);
        return token(["a", "ß", "語", "", "👩‍👧"][below(random, 5)] ?? "", {
          lead: random() < 0.3 ? " " : "",
          trail: random() < 0.1 ? "\n" : "",
          word: random() < 0.1 ? null : word,
        });
      });
      for (const words of ["words", "tokens"] as const) {
        const units = unitsOf(some, words);
        expect(textOf(units)).toBe(sourceOf(some));
        expect(units.flatMap((unit) => unit.tokens)).toEqual(some.map((_, index) => index));
      }
    }
  });
});

describe("unitOfToken", () => {
  it("finds the unit of each token", () => {
    expect(unitOfToken(unitsOf(tokensOf("un|believ|able no|vel !"), "words"))).toEqual([
      0, 1, 1, 1, 2, 2, 3, 4,
    ]);
  });
});
