/** Whether two measures put words in the same order. */

import { describe, expect, it } from "vitest";
import { agreementOf } from "../../../js/measures/agreement";

const all = () => true;

describe("agreement", () => {
  it("is 1 for the same order and -1 for the opposite, by size", () => {
    expect(agreementOf([1, -2, 3], [10, 20, -40], all)).toEqual({ correlation: 1, first: [2, 2] });
    expect(agreementOf([1, 2, 3], [3, -2, 1], all)).toEqual({ correlation: -1, first: [2, 0] });
  });

  it("is Spearman's: with equal values it takes the mean of their places", () => {
    // ranks 1.5 1.5 3 4 and 1 2 3 4: 4.5 / √(4.5 · 5)
    const found = agreementOf([5, 5, 7, 9], [1, 2, 3, 4], all);
    expect(found?.correlation).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  it("leaves out what does not count and what is not known", () => {
    const one = [99, 1, 2, Number.NaN, 3];
    const found = agreementOf(one, [0, 1, 3, 99, 2], (word) => word > 0);
    expect(found).toEqual({ correlation: 0.5, first: [4, 2] });
  });

  it("says nothing of too few words, or where all are alike", () => {
    expect(agreementOf([1, 2], [1, 2], all)).toBeNull();
    expect(agreementOf([1, 2, 3], [4, 4, -4], all)).toBeNull();
  });
});
