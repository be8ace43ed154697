/** Of more lines than are drawn the strongest stay, of equal ones the first. */

import { expect, it } from "vitest";
import { eachWorthy, edgesOfTensor, MOST_EDGES } from "../../../js/measures/edges";
import { mapsOf } from "../../../js/measures/layer_maps";
import { strongestEdges } from "../../../js/measures/strongest_edges";
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

it.each([1, 0.6])("of a layer with top-p %d", (top_p) => {
  const layer = someMaps();
  const tokens = Array.from({ length: TOKENS }, () => token("a"));
  const side = { tokens } as never;
  const heads = Array.from({ length: HEADS }, (_, head) => head);
  const choice = { combine: "each", heads, top_p, threshold: 0, segments: "all" } as const;
  const sides = { queries: side, keys: side };
  const found = edgesOfTensor(strongestEdges(mapsOf(layer), sides, choice), heads, "each");

  const all: [weight: number, place: number][] = [];
  const worth = { top_p, threshold: 0, may: () => true };
  for (let row = 0; row < HEADS * TOKENS; row++) {
    const weights = at(layer, Math.floor(row / TOKENS), row % TOKENS);
    eachWorthy(weights, row, worth, (key, weight) => all.push([weight, row * TOKENS + key]));
  }
  all.sort(([a, i], [b, j]) => b - a || i - j);
  const kept = all.slice(0, MOST_EDGES).sort(([, i], [, j]) => i - j);
  expect([found.count, found.leftOut]).toEqual([kept.length, all.length - kept.length]);
  expect(found.leftOut).toBeGreaterThan(0);
  const differs = kept.findIndex(([weight, place], line) => {
    const row = (found.slot[line] ?? 0) * TOKENS + (found.query[line] ?? 0);
    return row * TOKENS + (found.key[line] ?? 0) !== place || found.weight[line] !== weight;
  });
  expect(differs).toBe(-1);
});
