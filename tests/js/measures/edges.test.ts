/** Lines as they are drawn; tests/js/twins.test.ts holds them to those that Python finds. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type Combine,
  type Edges,
  edgesAt,
  edgesOf,
  edgesOfTensor,
  MOST_EDGES,
} from "../../../js/measures/edges";

const root = decodeURIComponent(import.meta.url.replace(/^file:\/\/|tests\/js\/.*$/g, ""));

const rows = (edges: Edges, heads: readonly number[], combine: Combine) =>
  Array.from({ length: edges.count }, (_, i) => [
    combine === "each" ? heads[edges.slot[i] ?? 0] : -1,
    edges.query[i],
    edges.key[i],
    edges.weight[i],
  ]);

describe("edges", () => {
  it("from Python are those of the heads still selected, and tell how many are left out", () => {
    const data = Float32Array.of(-1, 12, 345_678, 0.5, 3, 0, 1, 0.75, 5, 1, 0, 0.25, 7, 1, 1, 0.5);
    const tensor = { shape: [4, 4], data };
    const edges = edgesOfTensor(tensor, [7, 3], "each");
    expect(rows(edges, [7, 3], "each")).toEqual([
      [3, 0, 1, 0.75],
      [7, 1, 1, 0.5],
    ]);
    expect(edges.leftOut).toBe(12_345_678);
    expect(edgesOfTensor({ shape: [1, 4], data: data.slice(0, 4) }, [1], "each").count).toBe(0);
  });

  it("of one token are a part of all", () => {
    const of = (slot: number, query: number, key: number) => ({ slot, query, key, weight: 0.5 });
    const edges = edgesOf([of(0, 1, 2), of(0, 2, 1), of(1, 1, 1)], 9);
    expect(rows(edgesAt(edges, "query", 1), [0, 1], "each")).toEqual([
      [0, 1, 2, 0.5],
      [1, 1, 1, 0.5],
    ]);
    expect(rows(edgesAt(edges, "key", 1), [0, 1], "each").map(([, query]) => query)).toEqual([
      2, 1,
    ]);
  });

  it("are as many as Python sends", () => {
    const python = readFileSync(`${root}src/attention_widget/measures/edges.py`, "utf8");
    const most = /^MOST_EDGES: Final = ([\d_]+)$/m.exec(python)?.[1];
    expect(Number(most?.replaceAll("_", ""))).toBe(MOST_EDGES);
  });
});
