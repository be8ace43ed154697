import { describe, expect, it } from "vitest";
import {
  diverging,
  divergingCss,
  HEAT_CLASSES,
  heatClass,
  heatStep,
} from "../../../js/draw/scales";
import { numbersIn } from "../../../js/language/numbers";
import { floats, randomFrom } from "../helpers/random";

const { exact: formatExact, glance: formatNumber, weight: formatWeight } = numbersIn("en");

describe("heatStep", () => {
  it("spans the steps from the smallest to the largest score", () => {
    expect(heatStep(-2, [-2, 6])).toBe(0);
    expect(heatStep(6, [-2, 6])).toBe(HEAT_CLASSES - 1);
    expect(heatStep(2, [-2, 6])).toBe(16);
    expect(heatStep(0, [-3, 3], 31)).toBe(15); // 0 has a step of its own
  });

  it("has no step for no score", () => {
    expect(heatStep(Number.NaN, [0, 1])).toBe(-1);
    expect(heatStep(Number.NaN, [1, 1])).toBe(-1);
  });

  it("equal scores are all in the middle", () => {
    expect(heatStep(0.3, [0.3, 0.3])).toBe(16);
    expect(heatStep(0, [0, 0], 31)).toBe(15);
  });

  it("a score outside the range, as of a special token, takes the nearest end", () => {
    expect(heatStep(-5, [0, 1])).toBe(0);
    expect(heatStep(5, [0, 1])).toBe(31);
    expect(heatStep(Number.POSITIVE_INFINITY, [0, 1])).toBe(31);
    expect(heatStep(Number.NEGATIVE_INFINITY, [0, 1])).toBe(0);
  });

  it("grows with the score and names only classes that exist", () => {
    const scores = [...floats(randomFrom(2), 500)].sort((a, b) => a - b);
    const limits = [scores[0] ?? 0, scores[499] ?? 0] as const;
    const steps = scores.map((score) => heatStep(score, limits));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect([steps[0], steps[499]]).toEqual([0, HEAT_CLASSES - 1]);
    expect(heatClass(31)).toBe("aw-heat-31");
  });
});

describe.each([
  ["light", false],
  ["dark", true],
] as const)("diverging on %s paper", (_, dark) => {
  const paper = diverging(0, 1, dark);

  it("0 is paper: a grey, near the background", () => {
    expect(new Set(paper).size).toBe(1);
    expect(dark ? paper[0] < 0.2 : paper[0] > 0.9).toBe(true);
    expect(diverging(0, 5, dark)).toEqual(paper);
    expect(diverging(3, 0, dark)).toEqual(paper); // nothing to scale by
  });

  it("is symmetric: a value and its negative are as far from paper", () => {
    for (const share of [0.1, 0.25, 0.5, 0.9, 1]) {
      for (const sign of [-1, 1]) {
        const colour = diverging(sign * share * 3, 3, dark);
        const end = diverging(sign * 3, 3, dark);
        colour.forEach((channel, i) => {
          const [from, to] = [paper[i] ?? 0, end[i] ?? 0];
          expect(channel).toBeCloseTo(from + (to - from) * share, 10);
        });
      }
    }
  });

  it("tells the signs apart, and ends at the limit", () => {
    const [red, , blue] = diverging(1, 1, dark);
    expect(red).toBeGreaterThan(blue); // orange
    const [negativeRed, , negativeBlue] = diverging(-1, 1, dark);
    expect(negativeBlue).toBeGreaterThan(negativeRed);
    expect(diverging(7, 2, dark)).toEqual(diverging(2, 2, dark));
    expect(diverging(Number.NEGATIVE_INFINITY, 2, dark)).toEqual(diverging(-2, 2, dark));
  });

  it("stays a colour for every value", () => {
    for (const value of floats(randomFrom(9), 200)) {
      for (const channel of diverging(value, 1.5, dark)) {
        expect(channel).toBeGreaterThanOrEqual(0);
        expect(channel).toBeLessThanOrEqual(1);
      }
    }
    expect(divergingCss(0.3, 1, dark)).toMatch(/^rgb\(\d+ \d+ \d+\)$/);
  });
});

describe("numbers", () => {
  it("a weight has three decimals everywhere, and 0 and 1 none", () => {
    expect([0, 1, 0.5, 0.38153512, 0.0004, 0.00051, 0.99999].map(formatWeight)).toEqual([
      "0",
      "1",
      "0.500",
      "0.382",
      "<0.001",
      "0.001",
      "1.000",
    ]);
    expect(formatWeight(Number.NaN)).toBe("NaN");
  });

  it.each([
    [0, "0"],
    [1.23456, "1.235"],
    [-1.23456, "−1.235"],
    [12.3456, "12.35"],
    [-1234.5, "−1235"],
    [99_999, "99999"],
    [123_456, "1.23e+5"],
    [0.001, "0.001"],
    [0.000123, "1.23e−4"],
    [-0.000123, "−1.23e−4"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "−Infinity"],
    [Number.NaN, "NaN"],
  ])("%d at a glance is %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it.each([
    [Math.fround(0.1), "0.1"],
    [Math.fround(-Math.SQRT1_2), "−0.7071068"],
    [Math.fround(1 / 3), "0.3333333"],
    [Math.fround(-2.5e-8), "−2.5e−8"],
    [0, "0"],
    [Number.NaN, "NaN"],
  ])("%d in full is %s", (value, text) => {
    expect(formatExact(value)).toBe(text);
  });

  it("seven digits are what a float32 holds", () => {
    for (const value of floats(randomFrom(4), 300)) {
      const read = Number(formatExact(value).replaceAll("−", "-"));
      expect(Math.abs(read - value)).toBeLessThanOrEqual(5.01e-7 * Math.abs(value));
    }
  });
});
