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
  colour_map: {
    label: { en: "Palette", vi: "Bảng màu", ru: "Палитра" },
    values: {
      auto: {
        en: "colour of the head",
        vi: "màu của đầu chú ý",
        ru: "цвет головы",
      },
      purple: { en: "purple", vi: "tím", ru: "фиолетовая" },
      red: { en: "red", vi: "đỏ", ru: "красная" },
      viridis: { en: "viridis", vi: "viridis", ru: "viridis" },
      cividis: { en: "cividis", vi: "cividis", ru: "cividis" },
      grey: { en: "grey", vi: "xám", ru: "серая" },
      diverging: { en: "diverging around 0", vi: "phân kỳ quanh 0", ru: "расходящаяся от 0" },
    },
  },
  number_format: {
    label: { en: "Numbers", vi: "Chữ số", ru: "Числа" },
    values: {
      short: { en: "2 decimals", vi: "2 chữ số thập phân", ru: "2 знака" },
      standard: { en: "3 decimals", vi: "3 chữ số thập phân", ru: "3 знака" },
      full: { en: "all digits", vi: "đủ chữ số", ru: "все знаки" },
    },
  },
  log_colour: {
    label: { en: "Weight scale", vi: "Thang trọng số", ru: "Шкала весов" },
    values: {
      false: { en: "square root", vi: "căn bậc hai", ru: "квадратный корень" },
      true: { en: "logarithm", vi: "logarit", ru: "логарифм" },
    },
  },
};
