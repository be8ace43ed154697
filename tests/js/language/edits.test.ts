/** What is changed in a pass, in words. */

import { expect, it } from "vitest";
import { editsInWords } from "../../../js/language/edits";
import { inLanguage, type Say } from "../../../js/language/say";
import type { Edit, HeadOff } from "../../../js/trace/edits";
import type { Sides } from "../../../js/trace/sides";

const say: Say = (text, values) => inLanguage("en", text, values, "standard");
const text = { tokens: ["The", "capital", "is"].map((label) => ({ label })) };
const sides = { queryText: text, keyText: text } as unknown as Sides;

const off = (layer: number, ...heads: number[]): HeadOff => ({
  ...{ edit: "head_off", kind: null, tokens: null, value: "zero" },
  ...{ layer, heads },
});
const edge: Edit = {
  ...{ edit: "edge_off", kind: null, layer: null, heads: null },
  ...{ query: [2], key: [1] },
};

const inWords = (...edits: Edit[]) => editsInWords(say, edits, sides);

it("names a head with its layer, and heads of one layer", () => {
  expect(inWords(off(23, 4))).toBe("Without head 4 of layer 23");
  expect(inWords(off(23, 4, 5))).toBe("Without heads 4, 5 of layer 23");
});

it("says once what is done alike to heads of several layers", () => {
  expect(inWords(off(18, 6), off(17, 3), off(17, 4, 5))).toBe(
    "Without heads 18.6, 17.3, 17.4, 17.5",
  );
  const scaled = (layer: number): Edit => {
    const { value: _, ...rest } = off(layer, 0);
    return { ...rest, edit: "head_scale", factor: 0.5 };
  };
  expect(inWords(off(1, 0), scaled(2), scaled(3))).toBe(
    "Without head 0 of layer 1; Heads 2.0, 3.0 × 0.5",
  );
});

it("keeps apart what is not alike", () => {
  const mean: Edit = { ...off(18, 6), value: "mean" };
  expect(inWords(off(17, 3), mean, edge)).toBe(
    "Without head 3 of layer 17; Head 6 of layer 18 held at its mean; " +
      "Without the edge “is” → “capital”",
  );
});

it("names the tokens where it is done at some alone", () => {
  expect(inWords({ ...off(23, 4), tokens: [2] })).toBe("Without head 4 of layer 23 at “is”");
});
