/** What is said beside a colour scale. */

import type { Text } from "../say";

export const SCALE = {
  weight: { en: "weight", vi: "trọng số", ru: "вес" },
  log: { en: "{name} (log)", vi: "{name} (theo log)", ru: "{name} (лог.)" },
  alike: { en: "all {value}", vi: "tất cả {value}", ru: "все {value}" },
  above: {
    en: { one: "{n} above: {value}", other: "{n} above, up to {value}" },
    vi: "{n} giá trị cao hơn, tới {value}",
    ru: { "=1": "{n} выше: {value}", other: "{n} выше, до {value}" },
  },
  below: {
    en: { one: "{n} below: {value}", other: "{n} below, down to {value}" },
    vi: "{n} giá trị thấp hơn, tới {value}",
    ru: { "=1": "{n} ниже: {value}", other: "{n} ниже, до {value}" },
  },
} satisfies Record<string, Text>;
