import { expect, it } from "vitest";
import { edgesOf, NO_EDGES } from "../../../js/measures/edges";
import { joinedEdges } from "../../../js/measures/joined_edges";

const edge = (slot: number, weight: number) => ({ slot, query: slot, key: 2, weight });

it("lines of several layers are in the slots of their heads", () => {
  const first = { ...edgesOf([edge(0, 0.5), edge(1, 0.25)], 3), attention: 2 };
  const second = { ...edgesOf([edge(0, 0.125)], 4), attention: 1 };
  const joined = joinedEdges([
    { edges: first, slots: [0, 2] },
    { edges: second, slots: [1] },
  ]);
  expect([...joined.slot]).toEqual([0, 2, 1]);
  expect([...joined.query]).toEqual([0, 1, 0]);
  expect([...joined.weight]).toEqual([0.5, 0.25, 0.125]);
  expect([joined.count, joined.leftOut, joined.attention]).toEqual([3, 7, 3]);
});

it("of one layer they are its own, and of none there are none", () => {
  const edges = edgesOf([edge(0, 0.5)], 0);
  expect(joinedEdges([{ edges, slots: [0] }])).toBe(edges);
  expect(joinedEdges([])).toBe(NO_EDGES);
});
