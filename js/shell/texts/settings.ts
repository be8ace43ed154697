/** What the settings of the widget itself say. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";

export const SETTINGS = {
  title: { en: "Settings", vi: "Cài đặt", ru: "Настройки" },
} satisfies Record<string, Text>;

const AUTO: Text = { en: "automatic", vi: "tự động", ru: "автоматически" };

export const SETTINGS_OPTIONS: OptionTexts<"settings"> = {
  locale: {
    label: { en: "Language", vi: "Ngôn ngữ", ru: "Язык" },
    // Each in itself, for those who cannot read the one that is shown.
    values: { auto: AUTO, en: "English", vi: "Tiếng Việt", ru: "Русский" },
  },
  theme: {
    label: { en: "Theme", vi: "Giao diện", ru: "Тема" },
    values: {
      auto: AUTO,
      light: { en: "light", vi: "sáng", ru: "светлая" },
      dark: { en: "dark", vi: "tối", ru: "тёмная" },
    },
  },
};
