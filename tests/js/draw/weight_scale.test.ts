import { describe, expect, it } from "vitest";
import { LOG_FLOOR, STEPS, shareOf, shareOfStep, stepOf } from "../../../js/draw/weight_scale";

describe("the share of colour of a weight", () => {
  it("is its square root, whatever else is shown", () => {
    expect([0, 0.01, 0.25, 1].map((weight) => shareOf(weight))).toEqual([0, 0.1, 0.5, 1]);
    expect(shareOf(1 + 1e-6)).toBe(1); // sums of float32
    expect(shareOf(-1e-9)).toBe(0);
    expect(shareOf(Number.NaN)).toBeNaN();
  });

  it("grows alike with each power of ten above the floor of the logarithm", () => {
    const powers = [LOG_FLOOR, 1e-3, 1e-2, 1e-1, 1].map((weight) => shareOf(weight, true));
    [0, 0.25, 0.5, 0.75, 1].forEach((share, place) => {
      expect(powers[place]).toBeCloseTo(share, 10);
    });
    expect(shareOf(0, true)).toBe(0);
    expect(shareOf(1e-9, true)).toBe(0);
    expect(shareOf(Number.NaN, true)).toBeNaN();
  });

  it("is whole at the top, where a scale ends at another weight", () => {
    expect([0, 0.01, 0.04, 0.5].map((weight) => shareOf(weight, false, 0.04))).toEqual([
      0, 0.5, 1, 1,
    ]);
    expect(shareOf(0.01, true, 0.01)).toBe(1);
    expect(shareOf(1e-3, true, 0.01)).toBeCloseTo(0.75, 10);
    expect(shareOf(0.01 * LOG_FLOOR, true, 0.01)).toBe(0);
    expect(shareOf(1e-6, true, 1e-6)).toBe(1); // however small it is, as the legend says
  });

  it.each([true, false])("never falls while the weight grows (log: %s)", (isLog) => {
    const shares = Array.from({ length: 2001 }, (_, i) => shareOf(i / 2000, isLog));
    shares.slice(1).forEach((share, place) => {
      expect(share).toBeGreaterThanOrEqual(shares[place] ?? 1);
    });
  });
});

describe("steps", () => {
  it("are as near to the share as so many can be, and all are used", () => {
    const shares = Array.from({ length: 2001 }, (_, i) => i / 2000);
    for (const share of shares) {
      expect(Math.abs(shareOfStep(stepOf(share)) - share)).toBeLessThanOrEqual(
        0.5 / (STEPS - 1) + 1e-12,
      );
    }
    expect(new Set(shares.map(stepOf)).size).toBe(STEPS);
    expect(stepOf(Number.NaN)).toBe(-1);
  });
});
