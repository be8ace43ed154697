/** Lines of several layers as one list. */

import { type Edges, NO_EDGES } from "./edges";

/** Lines, and for each of their slots the one that it becomes. */
export interface EdgesOfSlots {
  edges: Edges;
  slots: readonly number[];
}

const arrays = ["slot", "query", "key", "weight"] as const;

export function joinedEdges(parts: readonly EdgesOfSlots[]): Edges {
  const [first, second] = parts;
  if (first && !second) return first.edges; // of one layer, whose slots they are
  const count = parts.reduce((sum, { edges }) => sum + edges.count, 0);
  const joined: Edges = {
    count,
    slot: new Uint16Array(count),
    query: new Uint32Array(count),
    key: new Uint32Array(count),
    weight: new Float32Array(count),
    leftOut: parts.reduce((sum, { edges }) => sum + edges.leftOut, 0),
    attention: parts.reduce((sum, { edges }) => sum + edges.attention, 0),
  };
  let start = 0;
  for (const { edges, slots } of parts) {
    for (const name of arrays) joined[name].set(edges[name].subarray(0, edges.count), start);
    for (let i = 0; i < edges.count; i++) joined.slot[start + i] = slots[edges.slot[i] ?? 0] ?? 0;
    start += edges.count;
  }
  return count || joined.attention ? joined : NO_EDGES;
}
