import { describe, expect, it } from "vitest";
import {
  cosine,
  cosinesTo,
  extent,
  norms,
  perUnit,
  previousCosines,
  unitVectors,
} from "../../js/measures";
import { heatClass } from "../../js/scales";
import { unitsOf } from "../../js/units";
import { below, floats, randomFrom } from "./helpers/random";
import { special, token, tokensOf } from "./helpers/state";

const vector = (...numbers: number[]) => Float64Array.from(numbers);

/** `[CLS] ab·c d e [SEP]` in two dimensions. */
const TOKENS = tokensOf("ab|c d e");
const HIDDEN = {
  shape: [6, 2],
  // biome-ignore format: one row for each token
  data: Float32Array.of(
    9, 9,
    2, 4,
    4, 4,
    -4, 3,
    0, -2,
    7, 7,
  ),
};
const UNITS = unitsOf(TOKENS, true);
const ROWS = UNITS.map(({ tokens }) => tokens);
const VECTORS = unitVectors(HIDDEN, UNITS);

describe("by hand", () => {
  it("the vector of a word is the mean of its tokens' vectors", () => {
    expect(VECTORS.map((v) => [...v])).toEqual([
      [9, 9],
      [3, 4],
      [-4, 3],
      [0, -2],
      [7, 7],
    ]);
  });

  it("without words each token has its own vector", () => {
    const single = unitVectors(HIDDEN, unitsOf(TOKENS, false));
    expect(single.map((v) => [...v])).toEqual([
      [9, 9],
      [2, 4],
      [4, 4],
      [-4, 3],
      [0, -2],
      [7, 7],
    ]);
  });

  it("L2 norms", () => {
    expect(norms(VECTORS)).toEqual([Math.sqrt(162), 5, 5, 2, Math.sqrt(98)]);
  });

  it("cosines to the previous word: none for the first word and for special tokens", () => {
    const scores = previousCosines(VECTORS, UNITS);
    expect(scores).toHaveLength(5);
    expect(scores[0]).toBeNaN(); // [CLS]
    expect(scores[1]).toBeNaN(); // the first word, though a special token stands before it
    expect(scores[2]).toBeCloseTo(0, 12); // (3, 4) and (-4, 3)
    expect(scores[3]).toBeCloseTo(-0.6, 12); // (-4, 3) and (0, -2)
    expect(scores[4]).toBeNaN(); // [SEP]
  });

  it("a special token in the middle does not part two words", () => {
    const tokens = [token("a", { word: 0 }), special("[SEP]"), token("b", { word: 1 })];
    const units = unitsOf(tokens, true);
    const scores = previousCosines([vector(1, 0), vector(5, 5), vector(1, 1)], units);
    expect(scores[1]).toBeNaN();
    expect(scores[2]).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it("cosines to the pinned word", () => {
    const scores = cosinesTo(VECTORS, 1);
    expect(scores[1]).toBeCloseTo(1, 12);
    expect(scores[2]).toBeCloseTo(0, 12);
    expect(scores[3]).toBeCloseTo(-0.8, 12);
    expect(scores[0]).toBeCloseTo(7 / Math.sqrt(50), 12);
  });

  it("attention: mean over heads, sum over the key tokens of a word", () => {
    const heads = [
      [0.1, 0.2, 0.3, 0.1, 0.1, 0.2],
      [0.3, 0.0, 0.1, 0.2, 0.0, 0.4],
    ];
    const scores = perUnit(heads, ROWS);
    [0.2, 0.3, 0.15, 0.05, 0.3].forEach((score, unit) => {
      expect(scores[unit]).toBeCloseTo(score, 12);
    });
    expect(scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 12);
  });

  it("a word outside of the window has no attention, one partly in it that of its tokens in it", () => {
    const scores = perUnit([[0.25, 0.5, 0.25]], [[], [0], [1, 2]]);
    expect(scores).toEqual([Number.NaN, 0.25, 0.75]);
  });

  it("without a head there is no attention to show", () => {
    expect(perUnit([], ROWS)).toEqual(UNITS.map(() => Number.NaN));
  });
});

describe("where there is no score", () => {
  it("a zero vector has no cosine", () => {
    expect(cosine(vector(0, 0), vector(1, 2))).toBeNaN();
    expect(cosine(vector(0, 0), vector(0, 0))).toBeNaN();
  });

  it("a target out of the text has no cosines", () => {
    expect(cosinesTo(VECTORS, 99)).toEqual(VECTORS.map(() => Number.NaN));
  });

  it("the missing first score does not break the scale of the others", () => {
    const scores = previousCosines(VECTORS, UNITS);
    const limits = extent(scores);
    expect(limits?.[0]).toBeCloseTo(-0.6, 12);
    expect(limits?.[1]).toBeCloseTo(0, 12);
    if (!limits) throw new Error("no limits");
    const classes = scores.map((score) => heatClass(score, limits));
    expect(classes).toEqual([null, null, "aw-heat-31", "aw-heat-0", null]);
  });

  it("extent leaves out all that is no finite number", () => {
    const { NaN: none, POSITIVE_INFINITY: high, NEGATIVE_INFINITY: low } = Number;
    expect(extent([none, 3, high, -1, low])).toEqual([-1, 3]);
    expect(extent([2])).toEqual([2, 2]);
    expect(extent([none, high])).toBeNull();
    expect(extent([])).toBeNull();
  });
});

describe("any vectors", () => {
  it("give what the formulas say, and cosines stay within -1 and 1", () => {
    const random = randomFrom(7);
    for (let round = 0; round < 60; round++) {
      const [count, size] = [2 + below(random, 20), 1 + below(random, 40)];
      let word = 0;
      const tokens = Array.from({ length: count }, () => {
        word += below(random, 2);
        return random() < 0.1 ? special("[X]") : token("a", { word });
      });
      const units = unitsOf(tokens, true);
      const hidden = { shape: [count, size], data: floats(random, count * size) };
      const vectors = unitVectors(hidden, units);

      const mean = (unit: number, i: number) => {
        const own = units[unit]?.tokens ?? [];
        return own.reduce((sum, t) => sum + (hidden.data[t * size + i] ?? 0), 0) / own.length;
      };
      const axes = Array.from({ length: size }, (_, i) => i);
      const inner = (a: number, b: number) =>
        axes.reduce((sum, i) => sum + mean(a, i) * mean(b, i), 0);

      const target = below(random, units.length);
      const pinned = cosinesTo(vectors, target);
      const lengths = norms(vectors);
      units.forEach((_, unit) => {
        expect(lengths[unit]).toBeCloseTo(Math.sqrt(inner(unit, unit)), 10);
        const score = inner(unit, target) / Math.sqrt(inner(unit, unit) * inner(target, target));
        expect(pinned[unit]).toBeCloseTo(score, 10);
        expect(Math.abs(pinned[unit] ?? 9)).toBeLessThanOrEqual(1 + 1e-12);
      });
      expect(pinned[target]).toBeCloseTo(1, 12);

      const previous = previousCosines(vectors, units);
      let before = -1;
      units.forEach((unit, index) => {
        if (unit.special || before < 0) {
          expect(previous[index]).toBeNaN();
        } else {
          const size = Math.sqrt(inner(index, index) * inner(before, before));
          expect(previous[index]).toBeCloseTo(inner(index, before) / size, 10);
        }
        if (!unit.special) before = index;
      });
    }
  });

  it("a long text keeps its precision", () => {
    const random = randomFrom(3);
    const hidden = { shape: [300, 384], data: floats(random, 300 * 384) };
    const units = unitsOf(
      Array.from({ length: 300 }, (_, word) => token("a", { word })),
      true,
    );
    const vectors = unitVectors(hidden, units);
    expect(Math.min(...cosinesTo(vectors, 17).map((c) => 1 - Math.abs(c)))).toBeGreaterThan(-1e-12);
    vectors.forEach((v, index) => {
      const row = hidden.data.subarray(384 * index, 384 * (index + 1));
      expect(norms([v])[0]).toBeCloseTo(Math.hypot(...row), 9);
    });
  });
});
