/** A small atlas, as Python would tell it: two layers of three heads. */

import type { AtlasExample, AtlasHead, AtlasOverview } from "../../../js/trace/atlas";

/** Of head h of layer l, by summary; NaN where it is not known. */
export const NUMBERS_OF = {
  entropy: [1.5, 0.25, 2, 1, 0.5, 3],
  previous: [0.1, 0.9, 0.2, 0.3, 0.05, 0.15],
  induction: [0.01, 0.02, 0.03, 0.8, 0.04, "NaN"],
  "<b>mine</b>": [-1, 0, 1, 2, 3, 4],
} as const;

export function overview(change: Partial<AtlasOverview> = {}): AtlasOverview {
  return {
    model_name: "tiny",
    n_texts: 21,
    n_tokens: 1234,
    names: Object.keys(NUMBERS_OF),
    kinds: Array.from({ length: 6 }, () => "encoder" as const),
    layers: [0, 0, 0, 1, 1, 1],
    heads: [0, 1, 2, 0, 1, 2],
    labels: ["", "previous", "", "induction", "", ""],
    values: Object.values(NUMBERS_OF).map((numbers) => [...numbers]),
    ...change,
  };
}

export const NOTHING: AtlasOverview = overview({
  names: [],
  kinds: [],
  layers: [],
  heads: [],
  labels: [],
  values: [],
});

export function example(change: Partial<AtlasExample> = {}): AtlasExample {
  return {
    rank: 0,
    number: 7,
    text: "a novel <i>idea</i>",
    labels: ["[CLS]", "a", "nov", "…el", "<i>", "idea", "[SEP]"],
    ids: [101, 1, 2, 3, 4, 5, 102],
    query: 5,
    key: 2,
    weight: 0.625,
    row: [0.1, 0.05, 0.625, 0.2, 0, 0.025, 0],
    ...change,
  };
}

export const headOf = (...examples: AtlasExample[]): AtlasHead => ({ examples });
