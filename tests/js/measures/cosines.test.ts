import { describe, expect, it } from "vitest";
import { rangeOf } from "../../../js/draw/range";
import { heatStep } from "../../../js/draw/scales";
import {
  cosineToMean,
  NO_PIN,
  nearestOf,
  perUnit,
  previousCosine,
  type Vectors,
  wordVectors,
} from "../../../js/measures/cosines";
import { unitsOf } from "../../../js/trace/units";
import { below, floats, randomFrom } from "../helpers/random";
import { special, token, tokensOf } from "../helpers/state";

/** Each a token of its own. */
const vectorsOf = (...rows: number[][]): Vectors => {
  const size = rows[0]?.length ?? 0;
  const hidden = { shape: [rows.length, size], data: Float32Array.from(rows.flat()) };
  return wordVectors(
    hidden,
    unitsOf(
      rows.map((_, word) => token("a", { word })),
      "tokens",
    ),
  );
};
const rowsOf = ({ count, size, data }: Vectors) =>
  Array.from({ length: count }, (_, row) => [...data.subarray(row * size, (row + 1) * size)]);

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
const UNITS = unitsOf(TOKENS, "words");
const ROWS = UNITS.map(({ tokens }) => tokens);
const VECTORS = wordVectors(HIDDEN, UNITS);

describe("by hand", () => {
  it("the vector of a word is the mean of its tokens' vectors", () => {
    expect(rowsOf(VECTORS)).toEqual([
      [9, 9],
      [3, 4],
      [-4, 3],
      [0, -2],
      [7, 7],
    ]);
  });

  it("without words each token has its own vector", () => {
    const single = wordVectors(HIDDEN, unitsOf(TOKENS, "tokens"));
    expect(rowsOf(single)).toEqual([
      [9, 9],
      [2, 4],
      [4, 4],
      [-4, 3],
      [0, -2],
      [7, 7],
    ]);
    expect(single.data).toBe(HIDDEN.data); // no copy
  });

  it("L2 norms", () => {
    expect([...VECTORS.norms]).toEqual([Math.sqrt(162), 5, 5, 2, Math.sqrt(98)]);
  });

  it("cosines to the previous word: none for the first word and for special tokens", () => {
    const scores = previousCosine(VECTORS, UNITS);
    expect(scores).toHaveLength(5);
    expect(scores[0]).toBeNaN(); // [CLS]
    expect(scores[1]).toBeNaN(); // the first word, though a special token stands before it
    expect(scores[2]).toBeCloseTo(0, 12); // (3, 4) and (-4, 3)
    expect(scores[3]).toBeCloseTo(-0.6, 12); // (-4, 3) and (0, -2)
    expect(scores[4]).toBeNaN(); // [SEP]
  });

  it("a special token in the middle does not part two words", () => {
    const tokens = [token("a", { word: 0 }), special("[SEP]"), token("b", { word: 1 })];
    const units = unitsOf(tokens, "words");
    const scores = previousCosine(vectorsOf([1, 0], [5, 5], [1, 1]), units);
    expect(scores[1]).toBeNaN();
    expect(scores[2]).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it("cosines to the pinned word", () => {
    const scores = cosineToMean(VECTORS, [1]);
    expect(scores[1]).toBeCloseTo(1, 12);
    expect(scores[2]).toBeCloseTo(0, 12);
    expect(scores[3]).toBeCloseTo(-0.8, 12);
    expect(scores[0]).toBeCloseTo(7 / Math.sqrt(50), 12);
  });

  it("cosines to the mean of several pinned words", () => {
    const scores = cosineToMean(VECTORS, [1, 2]); // (3, 4) and (-4, 3): (-0.5, 3.5)
    const length = Math.hypot(0.5, 3.5);
    expect(scores[1]).toBeCloseTo((-1.5 + 14) / (5 * length), 12);
    expect(scores[2]).toBeCloseTo((2 + 10.5) / (5 * length), 12);
    expect(scores[3]).toBeCloseTo(-7 / (2 * length), 12);
  });

  it("of several pins the nearest is the one of the largest cosine", () => {
    const { NaN: none } = Number;
    const { scores, nearest } = nearestOf([
      Float64Array.of(1, 0.2, -0.5, none, none),
      Float64Array.of(0.3, 0.4, -0.2, -0.1, none),
    ]);
    expect([...scores]).toEqual([1, 0.4, -0.2, -0.1, none]);
    expect([...nearest]).toEqual([0, 1, 1, 1, NO_PIN]);
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
    expect([...scores]).toEqual([Number.NaN, 0.25, 0.75]);
  });

  it("without a head there is no attention to show", () => {
    expect([...perUnit([], ROWS)]).toEqual(UNITS.map(() => Number.NaN));
  });
});

describe("where there is no score", () => {
  it("a zero vector has no cosine", () => {
    const zero = vectorsOf([0, 0], [1, 2]);
    expect([...cosineToMean(zero, [1])].map(Number.isNaN)).toEqual([true, false]);
    expect([...cosineToMean(zero, [0])].map(Number.isNaN)).toEqual([true, true]);
    expect([...cosineToMean(vectorsOf([1, 2], [-1, -2]), [0, 1])].map(Number.isNaN)).toEqual([
      true,
      true,
    ]);
  });

  it("a target out of the text has no cosines", () => {
    for (const targets of [[99], [-1, 2], []]) {
      expect([...cosineToMean(VECTORS, targets)]).toEqual(UNITS.map(() => Number.NaN));
    }
  });

  it("the missing first score does not break the scale of the others", () => {
    const scores = previousCosine(VECTORS, UNITS);
    const range = rangeOf(scores);
    if (!range) throw new Error("no range");
    expect(range.low).toBeCloseTo(-0.6, 12);
    expect(range.high).toBeCloseTo(0, 12);
    const steps = [...scores].map((score) => heatStep(score, [range.low, range.high]));
    expect(steps).toEqual([-1, -1, 31, 0, -1]);
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
      const units = unitsOf(tokens, "words");
      const hidden = { shape: [count, size], data: floats(random, count * size) };
      const vectors = wordVectors(hidden, units);

      const mean = (unit: number, i: number) => {
        const own = units[unit]?.tokens ?? [];
        return own.reduce((sum, t) => sum + (hidden.data[t * size + i] ?? 0), 0) / own.length;
      };
      const axes = Array.from({ length: size }, (_, i) => i);
      const inner = (a: number, b: number) =>
        axes.reduce((sum, i) => sum + mean(a, i) * mean(b, i), 0);

      const target = below(random, units.length);
      const pinned = cosineToMean(vectors, [target]);
      const lengths = vectors.norms;
      units.forEach((_, unit) => {
        expect(lengths[unit]).toBeCloseTo(Math.sqrt(inner(unit, unit)), 5);
        const score = inner(unit, target) / Math.sqrt(inner(unit, unit) * inner(target, target));
        expect(pinned[unit]).toBeCloseTo(score, 5);
        expect(Math.abs(pinned[unit] ?? 9)).toBeLessThanOrEqual(1 + 1e-12);
      });
      expect(pinned[target]).toBeCloseTo(1, 12);

      const previous = previousCosine(vectors, units);
      let before = -1;
      units.forEach((unit, index) => {
        if (unit.special || before < 0) {
          expect(previous[index]).toBeNaN();
        } else {
          const size = Math.sqrt(inner(index, index) * inner(before, before));
          expect(previous[index]).toBeCloseTo(inner(index, before) / size, 5);
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
      "words",
    );
    const vectors = wordVectors(hidden, units);
    const cosines = cosineToMean(vectors, [17]);
    expect(Math.max(...cosines)).toBeLessThanOrEqual(1 + 1e-12);
    expect(Math.max(...cosines)).toBe(cosines[17]);
    vectors.norms.forEach((norm, index) => {
      const row = hidden.data.subarray(384 * index, 384 * (index + 1));
      expect(norm).toBeCloseTo(Math.hypot(...row), 9);
    });
  });
});
