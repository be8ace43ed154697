/** Effects of heads: exact or none, and the order that follows. */

import { expect, it } from "vitest";
import { byEffect, effectsOf, largestEffect } from "../../../js/measures/effects";
import type { Head } from "../../../js/state/choose_head";
import { ALL, ranked } from "../helpers/ranked";

const kind = "encoder" as const;
const heads: Head[] = [
  { kind, layer: 0, head: 0 },
  { kind, layer: 0, head: 1 },
  { kind, layer: 0, head: 2 },
  { kind, layer: 2, head: 0 },
  { kind, layer: 2, head: 1 },
];
const names = (found: readonly Head[]) => found.map(({ layer, head }) => `${layer}.${head}`);

it("a head that was not tried has a place and no number", () => {
  const { of, placeOf } = effectsOf(ranked({ "2.1": -2 }));
  expect(heads.map(of)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, -2]);
  expect(heads.map(placeOf)).toEqual([5, 4, 3, 2, 1]);
  expect(placeOf({ kind, layer: 1, head: 0 })).toBeNull();
  expect(placeOf({ kind: "cross", layer: 0, head: 0 })).toBeNull();
  expect(effectsOf(null).placeOf({ kind, layer: 0, head: 0 })).toBeNull();
});

it("the largest come first, whatever their sign; then those that are next", () => {
  const all = effectsOf(ranked(ALL));
  expect(names(byEffect(heads, all, false))).toEqual(["0.1", "2.0", "0.0", "2.1", "0.2"]);
  expect(names(byEffect(heads, all, false, true))).toEqual(["0.2", "2.1", "0.0", "2.0", "0.1"]);
  const some = effectsOf(ranked({ "2.1": -0.25, "2.0": 1.25 }));
  expect(names(byEffect(heads, some, false))).toEqual(["2.0", "2.1", "0.2", "0.1", "0.0"]);
});

it("while heads are tried none gives way to another", () => {
  const queue = ["2.1", "2.0", "0.2", "0.1", "0.0"];
  expect(names(byEffect(heads, effectsOf(ranked({ "2.1": -2 })), true))).toEqual(queue);
  expect(names(byEffect(heads, effectsOf(ranked(ALL)), true))).toEqual(queue);
});

it("the largest effect is one that was measured", () => {
  expect(largestEffect(heads, effectsOf(ranked(ALL)))).toEqual(heads[1]);
  expect(largestEffect(heads, effectsOf(ranked({})))).toBeNull();
});
