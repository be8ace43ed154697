/** Heads of several layers on a page that carries some of them. */

import { expect, it } from "vitest";
import { applyChoice } from "../../../js/saved/choices";
import type { State } from "../../../js/trace/contract";
import { attentionOf, layerOf, metaOf, stateOf } from "../helpers/state";

const meta = metaOf("a b", { attention: attentionOf([layerOf(4), layerOf(4), layerOf(4)]) });
const held = { encoder: { 0: [0, 1], 2: [0, 1, 2, 3] } };
const choose = (before: Partial<State>, change: Partial<State>) => {
  const state = stateOf({ meta, ...before });
  return applyChoice(state, { ...state, ...change }, held);
};

it("a pair that is there joins the others", () => {
  const change: Partial<State> = {
    layer: 2,
    heads: [3],
    head_pairs: [
      [0, 1],
      [2, 3],
    ],
  };
  const { state, missing } = choose({ heads: [1] }, change);
  expect(state).toMatchObject(change);
  expect(missing).toBeNull();
});

it.each([
  [[1, 2], { what: "layer", layer: 1 }],
  [[0, 3], { what: "heads", layer: 0, heads: [3] }],
] as [[number, number], object][])("%j, which is not carried, is said", (pair, lost) => {
  const [layer, head] = pair;
  const began = choose({ heads: [1] }, { layer, heads: [head], head_pairs: [[0, 1], pair] });
  expect(began.missing).toEqual(lost);
  expect(began.state).toMatchObject({ layer: 0, heads: [1], head_pairs: [] });
  const two: State["head_pairs"] = [
    [0, 1],
    [2, 3],
  ];
  const before = { layer: 2, heads: [3], head_pairs: two };
  const grown = choose(before, { layer, heads: [head], head_pairs: [...two, pair] });
  expect(grown.missing).toEqual(lost);
  expect(grown.state).toMatchObject(before);
});
