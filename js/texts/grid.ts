/** What the grid view says. */

import type { Text } from "../language";

export const GRID = {
  title: { en: "", vi: "", ru: "" },
  help: { en: "TODO", vi: "TODO", ru: "TODO" },
} satisfies Record<string, Text>;
