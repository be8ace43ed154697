import { describe, expect, it } from "vitest";
import { ranked, summariesOf } from "../../../js/measures/head_summaries";
import { NUMBERS } from "../../../js/trace/contract";
import { tensorOf } from "../helpers/tensors";

describe("numbers of heads", () => {
  const heads = [0, 1, 2, 3].map((head) => ({ kind: "encoder" as const, layer: 0, head }));
  const values = [0.5, Number.NaN, 2, 2];
  const table = tensorOf(
    [NUMBERS.length, 4],
    ...NUMBERS.flatMap((_, row) => values.map((v) => v * (row + 1))),
  );
  const summaries = summariesOf(({ layer }) => (layer === 0 ? table : undefined));

  it("are read by name", () => {
    const [first, second] = heads;
    expect(summaries.of(first ?? heads[0] ?? never(), "entropy")).toBe(0.5);
    expect(summaries.of(first ?? never(), "sink")).toBe(0.5 * NUMBERS.length);
    expect(summaries.of(second ?? never(), "self")).toBeNaN();
    expect(summaries.of({ kind: "encoder", layer: 1, head: 0 }, "self")).toBeNaN();
    expect(summaries.of({ kind: "encoder", layer: 0, head: 4 }, "entropy")).toBeNaN();
    expect([0, 1].map((layer) => summaries.has({ kind: "encoder", layer }))).toEqual([true, false]);
  });

  it("rank: largest first or smallest, equal ones in order, unknown ones last", () => {
    expect(ranked(heads, summaries, "first").map(({ head }) => head)).toEqual([2, 3, 0, 1]);
    expect(ranked(heads, summaries, "first", true).map(({ head }) => head)).toEqual([0, 2, 3, 1]);
  });
});

function never(): never {
  throw new Error("no such head");
}
