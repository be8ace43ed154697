/** All heads of a small model ranked, as Python answers. */

import type { Ranked } from "../../../js/trace/questions";

/** Of layers of three, no and two heads. */
const HEADS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [0, 2],
  [2, 0],
  [2, 1],
];

/** Effects by "layer.head"; heads that have none were not tried. They are tried in this order:
 * 2.1, 2.0, 0.2, 0.1, 0.0. */
export function ranked(effects: Record<string, number>, change: Partial<Ranked> = {}): Ranked {
  const rows = <T>(of: (layer: number, head: number) => T) =>
    [3, 0, 2].map((count, layer) =>
      [0, 1, 2].map((head) => (head < count ? of(layer, head) : null)),
    );
  const place = (layer: number, head: number) =>
    HEADS.length - HEADS.findIndex(([l, h]) => l === layer && h === head);
  return {
    of: "next token",
    position: 3,
    metric: "logit",
    id: 7,
    label: "Paris",
    other: null,
    other_label: "",
    candidates: { ids: [7, 8, 9], labels: ["Paris", "London", "<b>"] },
    name: "logit of ' Paris' at token 3 'b'",
    unit: "logit",
    before: 17.25,
    edit: "zero",
    left_alone: ["decoder"],
    done: Object.keys(effects).length,
    total: HEADS.length,
    effects: { encoder: rows((layer, head) => effects[`${layer}.${head}`] ?? null) },
    order: { encoder: rows(place) },
    ...change,
  };
}

export const ALL = { "0.0": 0.5, "0.1": -3.85, "0.2": 0, "2.0": 1.25, "2.1": -0.25 };
