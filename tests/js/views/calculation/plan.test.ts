/** Which matrices make which, where they stand, and what stands for many numbers. */

import { describe, expect, it } from "vitest";
import { numbersIn } from "../../../../js/language/numbers";
import { fartherShown } from "../../../../js/measures/farther";
import type { StepMeta, StepName } from "../../../../js/trace/calculation";
import { partsOf, plainFormula, symbolOf } from "../../../../js/views/calculation/formula";
import {
  finePooling,
  matrixOf,
  pictureOf,
  poolingOf,
  transposed,
} from "../../../../js/views/calculation/matrix";
import {
  matricesOf,
  operationOf,
  resultsOf,
  shownStep,
} from "../../../../js/views/calculation/operations";
import { overviewOf } from "../../../../js/views/calculation/overview_plan";
import { planOf, type Shape, shared } from "../../../../js/views/calculation/plan";

const meta = (name: StepName, rows = 4, columns = 4): StepMeta => ({
  name,
  formula: name,
  is_exact: true,
  shape: [rows, columns],
});

const LLAMA = (
  "hidden input w_q q q_rotated w_k k k_rotated w_v v scores scaled masked weights output w_o " +
  "written block"
).split(" ") as StepName[];
const CROSS = "input w_q q key_input w_k k w_v v scores weights".split(" ") as StepName[];
const APART = "input w_q q key_input w_k k value_input w_v v scores weights".split(
  " ",
) as StepName[];
const SUNK = [...LLAMA, "bias", "sink", "sunk"] as StepName[];
const NO_SINK = { sink: null, sunk: null };
const of = (names: readonly StepName[]) => names.map((name) => meta(name));

describe("an operation", () => {
  it("is of what the architecture has", () => {
    const parts = (name: StepName, names: readonly StepName[]) =>
      matricesOf(operationOf(name, of(names)));
    expect(parts("scores", LLAMA)).toEqual(["q_rotated", "k_rotated", "scores"]);
    expect(parts("scores", ["q", "k", "scores"])).toEqual(["q", "k", "scores"]);
    expect(parts("q_rotated", LLAMA)).toEqual(["q", "q_rotated"]);
    expect(parts("k", CROSS)).toEqual(["key_input", "w_k", "k"]);
    expect(parts("v", CROSS)).toEqual(["key_input", "w_v", "v"]);
    expect(parts("masked", [...LLAMA, "bias"])).toEqual(["scaled", "bias", "masked"]);
    expect(parts("masked", LLAMA)).toEqual(["scaled", "masked"]);
    expect(parts("weights", CROSS)).toEqual(["scores", "weights"]);
    expect(parts("weights", SUNK)).toEqual(["masked", "sink", "weights", "sunk"]);
    expect(parts("output", SUNK)).toEqual(["weights", "v", "output"]);
  });

  it("is not half known", () => {
    expect(matricesOf(operationOf("q", of(["input", "q"])))).toEqual(["q"]);
    expect(matricesOf(operationOf("output", of(["weights", "output"])))).toEqual(["output"]);
  });

  it("is gone to by the name of its result, of its part, or of what there is not", () => {
    const name = (chosen: StepName, names = LLAMA) => shownStep(chosen, of(names))?.name;
    expect(name("scores")).toBe("scores");
    expect(name("w_k")).toBe("k");
    expect(name("input", ["q", "k", "scores", "weights"])).toBe("q");
    expect(name("block", ["q", "k", "scores", "weights"])).toBe("weights");
    expect(shownStep("q", [])).toBeNull();
    expect(resultsOf(of(LLAMA)).map(({ name }) => name)).not.toContain("w_o");
  });
});

describe("a picture of more numbers than pixels", () => {
  const matrix = (rows: number[][], name: StepName = "q") =>
    matrixOf(
      meta(name, rows.length, rows[0]?.length),
      { shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) },
      { down: 1, across: 1 },
    );

  it("shows of a block the number farthest from 0, by the rule of Python's pooled_matrix", () => {
    const rows = [
      [1, -3, 2],
      [0, 2, Number.NEGATIVE_INFINITY],
    ];
    const picture = pictureOf(matrix(rows), { width: 2, height: 1 });
    expect([...picture.values]).toEqual([-3, 2]);
    expect(picture.pooling).toEqual({ down: 2, across: 2 });
    expect(fartherShown(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(-Infinity);
    expect(fartherShown(Number.NaN, 5)).toBeNaN();
  });

  it("is that of the numbers where there is room", () => {
    const picture = pictureOf(matrix([[1, 2]]), { width: 90, height: 90 });
    expect([...picture.values]).toEqual([1, 2]);
  });

  it("is turned with its matrix", () => {
    const turned = transposed(
      matrix([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    expect(turned.shape).toEqual([3, 2]);
    expect([turned.at(2, 0), turned.rows, turned.columns]).toEqual([3, "dim", "query"]);
    expect([...pictureOf(turned, { width: 9, height: 9 }).values]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("crosses pooled where it is large: never more than half a million numbers", () => {
    expect(finePooling([512, 512])).toEqual({ down: 1, across: 1 });
    for (const shape of [
      [4000, 4000],
      [4000, 4096],
      [4096, 128],
      [8, 100_000],
    ] as const) {
      const { down, across } = finePooling(shape);
      expect(Math.ceil(shape[0] / down) * Math.ceil(shape[1] / across)).toBeLessThanOrEqual(
        2 ** 19,
      );
    }
    expect(poolingOf([65, 4096], 64)).toEqual({ down: 2, across: 64 });
  });
});

describe("the plan", () => {
  const shape = (rows: number, columns: number, change: Partial<Shape> = {}): Shape => ({
    rows,
    columns,
    labels: { rows: 0, columns: 0 },
    number: 30,
    ...change,
  });

  it("shares room alike, to none more than it wants", () => {
    expect(shared(90, [10, 200, 200])).toEqual([10, 40, 40]);
    expect(shared(90, [10, 20, 30])).toEqual([10, 20, 30]);
  });

  it.each([560, 1200])("lays A · B = C out within %i pixels, with common axes alike", (width) => {
    for (const [rows, inner, columns] of [
      [4, 4, 4],
      [8, 384, 32],
      [60, 32, 60],
      [4000, 4096, 128],
    ] as const) {
      const parts = {
        left: shape(rows, inner),
        right: shape(inner, columns),
        plus: null,
        result: shape(rows, columns),
        ...NO_SINK,
      };
      const { boxes, width: all, height, focus } = planOf(parts, false, width, 300);
      const { left, right, result } = boxes;
      if (!left || !right) throw new Error("two matrices are missing");
      expect([left.y, left.height]).toEqual([result.y, result.height]); // rows are one height
      expect(right.width).toBe(result.width);
      expect(left.x + left.width).toBeLessThan(right.x);
      expect(right.x + right.width).toBeLessThan(result.x);
      expect(result.x + result.width).toBeLessThanOrEqual(width);
      expect(all).toBe(width);
      expect(height).toBeLessThan(440);
      expect(focus !== null).toBe(rows > 300 / 13); // low rows are shown once more
    }
  });

  it("has three alike where two are added", () => {
    const [each, plus] = [shape(6, 6), null];
    const parts = { left: each, right: each, plus, result: each, ...NO_SINK };
    const { boxes } = planOf(parts, true, 900, 300);
    expect(new Set([boxes.left?.width, boxes.right?.width, boxes.result.width]).size).toBe(1);
  });

  it.each([560, 1200])("has a column of the sink beside both, within %i pixels", (width) => {
    const parts = { left: shape(6, 6), right: null, plus: null, result: shape(6, 6) };
    const sinks = { sink: shape(6, 1), sunk: shape(6, 1) };
    const plan = planOf({ ...parts, ...sinks }, false, width, 300);
    const { left, sink, result, sunk } = plan.boxes;
    if (!left || !sink || !sunk) throw new Error("a column is missing");
    for (const [matrix, column] of [
      [left, sink],
      [result, sunk],
    ] as const) {
      expect([column.y, column.height]).toEqual([matrix.y, matrix.height]);
      expect(column.x).toBeGreaterThan(matrix.x + matrix.width);
      expect(column.width).toBeGreaterThan(40); // a number fits
    }
    expect(sink.x + sink.width).toBeLessThan(plan.signs.equals ?? 0);
    expect(sunk.x + sunk.width).toBeLessThanOrEqual(width);
    const without = planOf({ ...parts, ...NO_SINK }, false, width, 300);
    expect(without.boxes.sink).toBeNull();
    expect(without.boxes.result.width).toBeGreaterThanOrEqual(result.width);
  });

  it.each([
    [560, LLAMA],
    [1200, LLAMA],
    [560, CROSS],
    [1200, CROSS],
    [1200, APART],
    [1200, SUNK],
  ])("of all steps stays within %i pixels and on its ways: %s", (width, names) => {
    const { stops, lines, height } = overviewOf(of(names), width);
    const drawn = names.filter((name) => name !== "sunk"); // which stands beside the weights
    expect(stops.map(({ name }) => name).sort()).toEqual([...drawn].sort());
    for (const { area, box } of stops) {
      expect(area.y).toBeGreaterThanOrEqual(0.5); // its outline, and that of a picture, fit too
      expect(box.y).toBeGreaterThanOrEqual(3);
      expect(area.x).toBeGreaterThanOrEqual(-1);
      expect(area.x + area.width).toBeLessThanOrEqual(width + 1);
      expect(area.y + area.height).toBeLessThanOrEqual(height);
    }
    for (const [place, one] of stops.entries()) {
      for (const other of stops.slice(place + 1)) {
        const isBeside =
          one.area.x + one.area.width <= other.area.x + 0.1 ||
          other.area.x + other.area.width <= one.area.x + 0.1;
        const isAbove =
          one.area.y + one.area.height <= other.area.y + 0.1 ||
          other.area.y + other.area.height <= one.area.y + 0.1;
        expect(isBeside || isAbove, `${one.name} ${other.name}`).toBe(true);
      }
    }
    const from = ({
      x,
      y,
      width: wide,
      height: tall,
    }: {
      x: number;
      y: number;
      width: number;
      height: number;
    }) => [x + wide + 3, y + tall / 2].join();
    const leaves = (name: StepName) => {
      const stop = stops.find((each) => each.name === name);
      return lines.filter(([start]) => stop && start.join() === from(stop.box)).length;
    };
    const makesKeys = !names.includes("key_input");
    expect(leaves("input")).toBe(makesKeys ? 3 : 1); // to the weights of queries, keys and values
    expect(leaves("block")).toBe(0);
  });
});

describe("a formula", () => {
  it("has names, subscripts and the numbers of the language", () => {
    const parts = partsOf("q = x · W_Q + b_Q", numbersIn("en"));
    expect(parts.filter(({ as }) => as === "name").map(({ text }) => text)).toEqual([
      "q",
      "x",
      "W",
      "b",
    ]);
    expect(parts.filter(({ as }) => as === "below").map(({ text }) => text)).toEqual(["Q", "Q"]);
    expect(plainFormula(partsOf("q′ = q · 0.125", numbersIn("vi")))).toBe("q′ = q · 0,125");
    expect(symbolOf("q̂ = rotate(q, position)")).toBe("q̂");
    expect(partsOf("weights = softmax(masked)", numbersIn("en"))[1]?.text).toBe(" = softmax(");
  });
});
