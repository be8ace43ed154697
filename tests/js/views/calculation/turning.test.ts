/** A number that is turned, by its angle; and the order in which a model norms and turns. */

import { describe, expect, it } from "vitest";
import { numbersIn } from "../../../../js/language/numbers";
import type { RotationMeta, StepName } from "../../../../js/trace/calculation";
import { partsOf, plainFormula } from "../../../../js/views/calculation/formula";
import { operationOf } from "../../../../js/views/calculation/operations";
import { overviewOf } from "../../../../js/views/calculation/overview_plan";
import { turnedInWords, turnFormula, turnOf } from "../../../../js/views/calculation/turning";

const HALVES: RotationMeta = {
  pairs: [
    [0, 2],
    [1, 3],
  ],
  frequencies: [1, 0.01],
  first: 0,
  scaling: [1, 1],
};
const EN = { say: ((text: { en: string }, values: object) => fill(text.en, values)) as never };
const fill = (text: string, values: object) =>
  text.replace(/\{(\w+)\}/g, (_, name) => String((values as Record<string, string>)[name]));

const words = (rotation: RotationMeta, name: StepName, row: number, column: number) => {
  const turn = turnOf(rotation, name, { row, column });
  const before = Float32Array.from([0.5, -2, 3, 4, 7]);
  const state = { ...EN, numbers: numbersIn("en") };
  return turn && turnedInWords(state, turn, before, column);
};

describe("a turned number", () => {
  it("is the first or the second of its pair, by the angle at the position", () => {
    const [cos, sin] = [Math.cos(2).toFixed(3), Math.sin(2).toFixed(3)];
    const negative = cos.replace("-", "−");
    const by = `dimensions i = 0 and j = 2 are turned by θ = position 2 × 1.000 = 2.000 rad: cos θ = ${negative}, sin θ = ${sin}`;
    expect(words(HALVES, "q_rotated", 2, 0)).toBe(
      `= 0.500 × (${negative}) − 3.000 × ${sin} · ${by}`,
    );
    expect(words(HALVES, "k_rotated", 2, 2)).toBe(
      `= 3.000 × (${negative}) + 0.500 × ${sin} · ${by}`,
    );
  });

  it("puts what is below 0 into brackets", () => {
    expect(words(HALVES, "q_rotated", 1, 3)).toMatch(
      /^= 4\.000 × 1\.000 \+ \(−2\.000\) × 0\.010 ·/,
    );
  });

  it("has a neighbour in other models, a size, and a first position", () => {
    const pairs: RotationMeta["pairs"] = [
      [0, 1],
      [2, 3],
    ];
    const rotation = { ...HALVES, pairs, scaling: [0.25, 1], first: 3 } as const;
    expect(turnOf(rotation, "q_rotated", { row: 5, column: 1 })).toMatchObject({
      other: 0,
      isFirst: false,
      position: 2,
      scaling: 0.25,
    });
    expect(turnOf(rotation, "k_rotated", { row: 2, column: 1 })).toMatchObject({
      position: 0,
      angle: 0,
      scaling: 1,
    });
    expect(words(rotation, "q_rotated", 3, 0)).toMatch(
      /^= 0\.25 × \(0\.500 × 1\.000 − \(−2\.000\) × 0\) ·/,
    );
  });

  it("stays as it is in no pair", () => {
    expect(turnOf(HALVES, "q_rotated", { row: 1, column: 4 })).toBeNull();
  });

  it("is written as mathematics is", () => {
    const formula = turnFormula("q\u0302 = rotate(q\u2032, position)", true);
    expect(formula).toBe("q\u0302_i = q\u2032_i · cos θ − q\u2032_j · sin θ,   θ = position · ω");
    const second = turnFormula("k\u0302 = rotate(k, position)", false);
    expect(second).toBe("k\u0302_j = k_j · cos θ + k_i · sin θ,   θ = position · ω");
    const parts = partsOf(formula, numbersIn("en"));
    expect(plainFormula(parts)).toBe(formula);
    const of = (text: string) => parts.filter((part) => part.text === text).map(({ as }) => as);
    expect(of("i")).toEqual(["below", "below"]);
    expect(of("q\u2032")).toEqual(["name", "name"]);
    expect(of("cos")).toEqual([]); // upright, with the signs
  });
});

describe("a norm behind the turn", () => {
  const names = (order: string): { name: StepName; shape: readonly [number, number] }[] =>
    order.split(" ").map((name) => ({ name: name as StepName, shape: [4, 8] }));
  const after = names("q q_rotated q_normed k k_rotated k_normed v scores");
  const before = names("q q_normed q_rotated k k_normed k_rotated v scores");

  it("is made of what was turned, and enters the product", () => {
    expect(operationOf("q_rotated", after).left).toBe("q");
    expect(operationOf("k_normed", after).left).toBe("k_rotated");
    expect(operationOf("scores", after)).toMatchObject({ left: "q_normed", right: "k_normed" });
    expect(operationOf("q_normed", before).left).toBe("q");
    expect(operationOf("k_rotated", before).left).toBe("k_normed");
    expect(operationOf("scores", before)).toMatchObject({ left: "q_rotated", right: "k_rotated" });
  });

  it("stands behind it in the overview", () => {
    for (const steps of [after, before]) {
      const { stops } = overviewOf(steps, 1200);
      const x = (name: StepName) => stops.find((stop) => stop.name === name)?.box.x ?? 0;
      const inOrder = steps.map(({ name }) => name).filter((name) => /^[qs]/.test(name));
      const places = inOrder.map(x);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
  });
});
