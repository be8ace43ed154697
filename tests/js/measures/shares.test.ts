import { expect, it } from "vitest";
import { answerQueries, meanOf, partsOf, passagesOf, sharesOf } from "../../../js/measures/shares";
import { special, token } from "../helpers/state";

const TOKENS = [
  special("[CLS]"),
  token("a", { passage: "one" }),
  token("b", { passage: "one" }),
  token("c"),
  token("d", { passage: "two" }),
];

it("a share is the sum over the keys of a passage, and the rest is what is in none", () => {
  const passages = passagesOf(TOKENS);
  expect([...passages]).toEqual([
    ["one", [1, 2]],
    ["two", [4]],
  ]);
  const shares = sharesOf([0.1, 0.2, 0.3, 0.15, 0.25], passages);
  for (const [place, share] of [0.5, 0.25, 0.25].entries()) {
    expect(shares[place]).toBeCloseTo(share, 6);
  }
});

it("of numbers that add up to another sum a share is a part of that", () => {
  const [one, two, rest] = partsOf(sharesOf([1, 2, 3, 1.5, 2.5], passagesOf(TOKENS)));
  for (const [got, share] of [
    [one, 0.5],
    [two, 0.25],
    [rest, 0.25],
  ]) {
    expect(got).toBeCloseTo(share as number, 6);
  }
  expect(partsOf([0, 0])).toEqual([Number.NaN, Number.NaN]);
});

it("where all tokens are in passages the rest is nothing, to the last bit", () => {
  const row = Float32Array.of(0.1, 0.2, 0.3, 0.15, 0.25);
  expect(sharesOf(row, new Map([["all", [4, 3, 2, 1, 0]]]))[1]).toBe(0);
  expect(sharesOf([0.5, 0.5], new Map())).toEqual([1]);
});

it("an answer is where the model predicted it", () => {
  expect(answerQueries(TOKENS, false, [])).toEqual([4]);
  const written = TOKENS.map((each, index) => ({ ...each, step: index > 2 ? index - 3 : null }));
  expect(answerQueries(written, false, [])).toEqual([2, 3]);
  const spoken = TOKENS.map((each, index) => ({ ...each, segment: index > 1 ? 1 : 0 }));
  expect(answerQueries(spoken, false, ["user", "assistant"])).toEqual([1, 2, 3]);
  expect(answerQueries(spoken, false, ["user", "user"])).toEqual([4]);
  expect(answerQueries(TOKENS, true, [])).toEqual([3]);
});

it("a mean leaves out what is no number", () => {
  expect(meanOf([1, Number.NaN, 3])).toBe(2);
  expect(meanOf([])).toBeNaN();
});
