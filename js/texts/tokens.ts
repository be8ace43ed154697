/** What the tokens view says. */

import type { Text } from "../language";

export const TOKENS = {
  title: { en: "", vi: "", ru: "" },
  help: { en: "TODO", vi: "TODO", ru: "TODO" },
} satisfies Record<string, Text>;
