/** What the choice of rows says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";

export const ROWS = {
  name: { en: "Rows in every view", vi: "Các hàng ở mọi khung nhìn", ru: "Строки во всех панелях" },
} satisfies Record<string, Text>;

export const ROW_OPTIONS: OptionTexts<"rows"> = {
  words: {
    label: { en: "units", vi: "đơn vị", ru: "единицы" },
    values: {
      true: { en: "words", vi: "từ", ru: "слова" },
      false: { en: "tokens", vi: "token", ru: "токены" },
    },
  },
  special_tokens: {
    label: { en: "special tokens", vi: "token đặc biệt", ru: "спец. токены" },
    values: {
      show: { en: "shown", vi: "hiện", ru: "показаны" },
      hide: { en: "hidden", vi: "ẩn", ru: "скрыты" },
      renormalise: {
        en: "hidden, renormalised",
        vi: "ẩn, chuẩn hóa lại",
        ru: "скрыты, с перенормировкой",
      },
    },
  },
};
