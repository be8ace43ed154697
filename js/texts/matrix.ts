/** What the matrix view says. */

import type { Text } from "../language";

export const MATRIX = {
  title: { en: "", vi: "", ru: "" },
  help: { en: "TODO", vi: "TODO", ru: "TODO" },
} satisfies Record<string, Text>;
