/** What the settings of the widget itself say. */

import type { Text } from "../../language/say";

export const SETTINGS = {
  locale: { en: "Language", vi: "Ngôn ngữ", ru: "Язык" },
  theme: { en: "Theme", vi: "Giao diện", ru: "Тема" },
  auto: { en: "automatic", vi: "tự động", ru: "автоматически" },
  light: { en: "light", vi: "sáng", ru: "светлая" },
  dark: { en: "dark", vi: "tối", ru: "тёмная" },
  help: { en: "Keyboard shortcuts (?)", vi: "Phím tắt (?)", ru: "Сочетания клавиш (?)" },
} satisfies Record<string, Text>;
