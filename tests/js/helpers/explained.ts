/** What wrote a logit and a score of a small model, as Python answers it. */

import type { Attributed, Explained, Term } from "../../../js/trace/explained";

export const head = (layer: number, head: number, value: number): Term => ({
  what: "head",
  layer,
  head,
  kind: "encoder",
  value,
});

const mlp = (layer: number, value: number): Term => ({
  what: "MLP",
  layer,
  head: null,
  kind: null,
  value,
});

const start: Term = { what: "embeddings", layer: null, head: null, kind: null, value: 0.125 };

/** Of "a small novel idea": what wrote "good" after "small". */
export function attributed(change: Partial<Attributed> = {}): Attributed {
  return {
    predicts: "next token",
    position: 1,
    ids: [7, 2, 9],
    labels: ["good", "novel", "<b>"],
    other: null,
    other_label: "",
    logit: 4.5,
    sum: 4.5,
    capped: false,
    leaves_first: true,
    terms: [
      mlp(1, 4),
      head(1, 2, 2),
      head(0, 1, -1),
      head(1, 0, -0.75),
      start,
      { what: "attention bias", layer: 1, head: null, kind: "encoder", value: 0.0625 },
      { what: "bias", layer: null, head: null, kind: null, value: 0.0625 },
    ],
    tried: [
      { kind: "encoder", layer: 1, head: 2 },
      { kind: "encoder", layer: 0, head: 1 },
      { kind: "encoder", layer: 1, head: 0 },
    ],
    effects: [
      { kind: "encoder", layer: 1, head: 2, effect: -2.5, backup: null },
      { kind: "encoder", layer: 0, head: 1, effect: -0.5, backup: "opposite" },
      { kind: "encoder", layer: 1, head: 0, effect: 0.0625, backup: "small" },
    ],
    ...change,
  };
}

export function explained(change: Partial<Explained> = {}): Explained {
  return {
    score: 2,
    dot: 8,
    scale: 0.25,
    entered: 2,
    weight: 0.625,
    query_side: { terms: [mlp(0, 1.5), head(0, 1, -0.25)], others: { count: 3, value: 0.75 } },
    key_side: { terms: [start, head(0, 0, 1.75)], others: { count: 1, value: 0.125 } },
    pairs: {
      pairs: [{ query: mlp(0, 1.25), key: head(0, 0, 1.25) }],
      others: { count: 24, value: 0.75 },
    },
    ...change,
  };
}
