/** What the settings of the widget itself say. */

import type { Text } from "../../language/say";

export const SETTINGS = {
  locale: { en: "Language", vi: "Ngôn ngữ", ru: "Язык" },
  theme: { en: "Theme", vi: "Giao diện", ru: "Тема" },
  auto: { en: "as the page", vi: "theo trang", ru: "как на странице" },
  light: { en: "light", vi: "sáng", ru: "светлая" },
  dark: { en: "dark", vi: "tối", ru: "тёмная" },
  help: { en: "Keyboard shortcuts (?)", vi: "Phím tắt (?)", ru: "Клавиши (?)" },
} satisfies Record<string, Text>;
