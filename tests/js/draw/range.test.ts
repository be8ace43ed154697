/** The ends of colour scales: what is set aside, and where there is no contrast. */

import { describe, expect, it } from "vitest";
import {
  isFlat,
  LEAST_SHARE,
  rangeAboutZero,
  rangeFromZero,
  rangeOf,
} from "../../../js/draw/range";
import { below, type Random, randomFrom } from "../helpers/random";

const NORMS = [140, 115, 312, 156, 180, 201, 122];
const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const NO = { count: 0, value: Number.NaN };

describe("a range", () => {
  it("is from least to most where nothing is far out, whatever the shape", () => {
    const random = randomFrom(1);
    for (let trial = 0; trial < 300; trial++) {
      const n = 1 + below(random, 60);
      const shape = [
        () => normal(random),
        () => -Math.log(1 - random()), // exponential
        () => random(),
        () => 1 / (1 + below(random, n)), // Zipf's law
      ][trial % 4] as () => number;
      const values = Array.from({ length: n }, shape);
      const found = rangeOf(values);
      if (trial % 4 < 3 && n > 12) {
        expect([found?.low, found?.high]).toEqual([Math.min(...values), Math.max(...values)]);
        expect([found?.below, found?.above]).toEqual([NO, NO]);
      }
      const inside = values.filter(
        (value) => value >= (found?.low ?? 0) && value <= (found?.high ?? 0),
      );
      expect(inside.length + (found?.below.count ?? 0) + (found?.above.count ?? 0)).toBe(n);
    }
  });

  it("sets a few far ones aside, and names how many and the farthest", () => {
    expect(rangeOf([22_704, ...NORMS])).toEqual({
      low: 115,
      high: 312,
      below: NO,
      above: { count: 1, value: 22_704 },
      flat: false,
    });
    const both = [...NORMS, ...NORMS, 20_000, -9_000];
    expect(rangeOf(both)).toMatchObject({
      low: 115,
      below: { count: 1, value: -9_000 },
      above: { count: 1, value: 20_000 },
    });
    const two = [...NORMS, ...NORMS, ...NORMS, 5_000, 90_000];
    expect(rangeOf(two)).toMatchObject({ high: 312, above: { count: 2, value: 90_000 } });
  });

  it("is the same mirrored, and in any order", () => {
    const values = [22_704, ...NORMS];
    const mirrored = rangeOf(values.map((value) => -value));
    expect(mirrored).toMatchObject({ low: -312, high: -115, below: { count: 1, value: -22_704 } });
    expect(rangeOf([...values].sort())).toEqual(rangeOf(values));
  });

  it("leaves a tenth of the colours to the others, at least", () => {
    const others = [0, 1, 2, 3, 4, 5, 6, 10];
    expect(rangeOf([...others, 99])?.above).toEqual(NO);
    expect(rangeOf([...others, 100])?.above).toEqual({ count: 1, value: 100 });
  });

  it("sets nothing aside of three, of many alike, or of more than an eighth", () => {
    for (const values of [
      [1, 2, 900],
      [5, 5, 5, 5, 5, 900],
      [1, 2, 3, 4, 5, 900, 900],
    ]) {
      expect(rangeOf(values)).toMatchObject({ high: 900, above: NO });
    }
  });

  it("counts only what is finite and asked for; of nothing there is none", () => {
    const values = [Number.NaN, 3, Number.POSITIVE_INFINITY, 1, 9];
    expect(rangeOf(values, (index) => index < 4)).toMatchObject({ low: 1, high: 3 });
    expect(rangeOf([Number.NaN])).toBeNull();
    expect(rangeOf([])).toBeNull();
  });

  it.each([
    [13.86, 13.8600001, true],
    [13.8641, 13.8659, true], // they print unlike, and differ by less than is printed
    [13.86, 13.88, false],
    [0.0012, 0.0014, false],
    [0.08333, 0.08334, true],
    [0.999, 1.001, false],
    [0, 0, true],
    [0, 1e-30, false],
    [-2e-9, -1e-9, false],
    [22_704.2, 22_704.4, true],
  ])("from %d to %d is flat: %s", (low, high, flat) => {
    expect(isFlat(low, high)).toBe(flat);
    expect(rangeOf([low, high])?.flat).toBe(flat);
    expect(isFlat(-high, -low)).toBe(flat);
  });
});

describe("a range about 0", () => {
  it("is as far to both sides, and counts what lies beyond each", () => {
    const values = [1, -2, 3, 0, 2, 1, -1, 2, 3, -3, 2, 1, 2, 3, 1, 2, 90, -70, Number.NaN];
    expect(rangeAboutZero([...values.slice(0, 9)], values.slice(9))).toEqual({
      low: -3,
      high: 3,
      below: { count: 1, value: -70 },
      above: { count: 1, value: 90 },
      flat: false,
    });
    expect(rangeAboutZero([-2, 1])).toMatchObject({ low: -2, high: 2, below: NO, above: NO });
  });
});

describe("a range from 0", () => {
  it("makes no scale of what is next to nothing", () => {
    const values = [1, 1e-7, 2e-7, 3e-7, 1e-8, 0];
    expect(rangeFromZero([values])).toMatchObject({ high: 3e-7, above: { count: 1, value: 1 } });
    expect(rangeFromZero([values], LEAST_SHARE)).toMatchObject({ high: 1, above: NO });
    expect(rangeOf(values, undefined, LEAST_SHARE)).toMatchObject({ high: 1, above: NO });
  });

  it("finds what sorting finds, of many values and of both signs", () => {
    const random = randomFrom(2);
    for (let trial = 0; trial < 60; trial++) {
      const n = 4 + below(random, 400);
      const values = Float32Array.from({ length: n }, () => normal(random));
      const far = below(random, 1 + Math.floor(n / 8));
      for (let i = 0; i < far; i++)
        values[i] = (random() < 0.5 ? -1 : 1) * 10 ** (2 + 2 * random());
      const sizes = [...values].map(Math.abs).sort((a, b) => b - a);
      let set = 0;
      for (let cut = 1; cut <= Math.max(1, Math.floor(n / 8)); cut++) {
        const [out = 0, high = 0] = [sizes[cut - 1], sizes[cut]];
        if (high > 0 && out - high >= 9 * high) set = cut;
      }
      const found = rangeFromZero([values]);
      expect(found.high).toBe(sizes[set]);
      expect(found.above.count).toBe(set);
      if (set) expect(found.above.value).toBe(sizes[0]);
    }
  });

  it("ends at the largest where nothing else is above 0, and at 0 for nothing", () => {
    expect(rangeFromZero([[0, 0, 0, 0, 7]])).toMatchObject({ high: 7, above: NO });
    expect(rangeFromZero([[Number.NaN, 0]])).toMatchObject({ high: 0, above: NO });
    expect(rangeFromZero([])).toMatchObject({ high: 0, above: NO });
  });
});
