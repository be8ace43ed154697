/** Any matrix: what its cells say, and the ends of its colours. */

import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { css } from "../../../js/draw/colour";
import { numbersIn } from "../../../js/language/numbers";
import { inLanguage, type Language, type Text, type Values } from "../../../js/language/say";
import { heatColours } from "../../../js/plane/heat_colours";
import { matrixPicture } from "../../../js/plane/matrix_picture";

const stateIn = (language: Language) => ({
  dark: signal(false),
  numbers: numbersIn(language),
  say: (text: Text, values?: Values) => inLanguage(language, text, values),
});

function pictureOf(numbers: number[], language: Language = "en") {
  const data = Float64Array.from(numbers);
  const state = stateIn(language);
  const shape = [1, numbers.length] as const;
  const none = { name: null, labels: null };
  const columns = { name: "position", labels: null };
  const colours = heatColours(state, data, { label: "number" });
  return matrixPicture(state, { rows: none, columns, shape }, data, colours);
}

const endsOf = (numbers: number[]) => {
  const [scale] = pictureOf(numbers).colours.legend;
  return scale && "low" in scale ? [scale.low, scale.high] : [];
};

describe("any matrix", () => {
  it("says what a cell is, in the language of the page", () => {
    expect(pictureOf([0.5, -1 / 3]).says(0, 1)).toEqual(["row 0", "position 1", "−0.3333333"]);
    expect(pictureOf([0.5], "ru").says(0, 0)).toEqual(["строка 0", "position 0", "0,5"]);
    expect(pictureOf([0.5], "vi").says(0, null)).toEqual(["hàng 0"]);
  });

  it("writes whole numbers with all their digits, and what is no number by name", () => {
    const of = (value: number) => pictureOf([value]).says(0, 0)[2];
    expect(of(123456789012)).toBe("123,456,789,012");
    expect(of(7)).toBe("7");
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(of)).toEqual([
      "NaN",
      "∞",
      "−∞",
    ]);
    expect(pictureOf([Number.NaN]).write(Number.NaN)).toBe("NaN");
  });

  it("has colours to both sides of 0 only where numbers lie on both", () => {
    expect(endsOf([0, 1, 2])).toEqual(["0", "2.000"]);
    expect(endsOf([-2, -1, 0])).toEqual(["−2.000", "0"]);
    expect(endsOf([-2, 1, Number.NaN])).toEqual(["−2.000", "+2.000"]);
  });

  it("gives a number the colour that its legend has", () => {
    const { colours } = pictureOf([-2, -1, 0]);
    const [scale] = colours.legend;
    const ramp = scale && "ramp" in scale ? scale.ramp : [];
    expect([ramp[0], ramp[8], ramp[16]]).toEqual(
      [-2, -1, 0].map((value) => css(colours.of(value))),
    );
    expect(new Set(ramp).size).toBeGreaterThan(10);
  });
});
