/** A saved page finds the lines that the notebook finds, also where there are too many. */

import { expect, it } from "vitest";
import { edgeTensor } from "../../../js/measures/edge_tensor";
import { edgesOfMaps, edgesOfTensor, MOST_EDGES } from "../../../js/measures/edges";
import type { Maps } from "../../../js/measures/layer_maps";
import type { Sides } from "../../../js/trace/sides";
import { at } from "../../../js/trace/tensor";
import { token } from "../helpers/state";

const [HEADS, TOKENS] = [6, 480];

/** Few different weights, so that many are equal; some NaN, some 0. */
function someMaps() {
  let seed = 1;
  const data = Float32Array.from({ length: HEADS * TOKENS * TOKENS }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    const level = seed >>> 16;
    return level % 997 === 0 ? Number.NaN : (level % 64) / 4096;
  });
  return { shape: [HEADS, TOKENS, TOKENS], data };
}

it.each([1, 0.6])("of a layer with top-p %d", (topP) => {
  const tensor = someMaps();
  const maps: Maps = {
    heads: HEADS,
    queries: TOKENS,
    keys: TOKENS,
    read: (head, query, into, start) => into.set(at(tensor, head, query), start),
    countNaN: () => 0,
  };
  const tokens = Array.from({ length: TOKENS }, () => token("a"));
  const sides = { queries: { tokens }, keys: { tokens } } as unknown as Sides;
  const heads = Array.from({ length: HEADS }, (_, head) => head);
  const choice = { combine: "each", heads, topP, threshold: 0, segments: "all" } as const;
  const found = edgesOfTensor(edgeTensor(maps, sides, choice), heads, "each");
  const whole = edgesOfMaps(tensor, heads, "each", { topP, threshold: 0, may: () => true });
  expect(whole.count).toBe(MOST_EDGES);
  expect(whole.leftOut).toBeGreaterThan(0);
  expect([found.count, found.leftOut]).toEqual([whole.count, whole.leftOut]);
  for (const part of ["slot", "query", "key", "weight"] as const) {
    const differs = whole[part].findIndex((value, line) => found[part][line] !== value);
    expect(differs, part).toBe(-1);
  }
});
