/** Of lists of what a model predicts. */

import type { Text } from "../say";

export const CANDIDATES = {
  another: { en: "another token …", vi: "token khác …", ru: "другой токен …" },
  typed: { en: "a token", vi: "một token", ru: "токен" },
  likeliest: {
    en: "the most likely",
    vi: "token có khả năng nhất",
    ru: "самый вероятный",
  },
  next: {
    en: "the most likely other one",
    vi: "token khác có khả năng nhất",
    ru: "самый вероятный из других",
  },
} satisfies Record<string, Text>;
