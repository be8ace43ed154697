/** What the choice of rows says. */

import type { Text } from "../../language/say";

export const ROWS = {
  name: { en: "Rows of every view", vi: "Các hàng ở mọi khung", ru: "Строки во всех видах" },
  units: { en: "units", vi: "đơn vị", ru: "единицы" },
  words: { en: "words", vi: "từ", ru: "слова" },
  tokens: { en: "tokens", vi: "token", ru: "токены" },
  special: { en: "special tokens", vi: "token đặc biệt", ru: "спец. токены" },
  show: { en: "shown", vi: "hiện", ru: "показаны" },
  hide: { en: "hidden", vi: "ẩn", ru: "скрыты" },
  renormalise: {
    en: "hidden, renormalised",
    vi: "ẩn, chuẩn hóa lại",
    ru: "скрыты, с перенормировкой",
  },
} satisfies Record<string, Text>;
