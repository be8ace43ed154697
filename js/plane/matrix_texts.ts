/** What is said of any matrix. */

import type { Text } from "../language/say";

export const MATRIX = {
  row: { en: "row", vi: "hàng", ru: "строка" },
  column: { en: "column", vi: "cột", ru: "столбец" },
  number: { en: "number", vi: "giá trị", ru: "число" },
  label: {
    en: "Matrix; arrow keys move from cell to cell",
    vi: "Ma trận; phím mũi tên đi từ ô này sang ô khác",
    ru: "Матрица; стрелки ведут от клетки к клетке",
  },
  size: {
    en: "{size} numbers, rows by columns.",
    vi: "{size} giá trị, hàng × cột.",
    ru: "{size} чисел, строки на столбцы.",
  },
  missing: {
    en: { "=1": "One of {all} is NaN, grey.", other: "{n} of {all} are NaN, grey." },
    vi: "{n} trong {all} là NaN, màu xám.",
    ru: {
      one: "{n} из {all} — NaN, серый цвет.",
      few: "{n} из {all} — NaN, серый цвет.",
      other: "{n} из {all} — NaN, серый цвет.",
    },
  },
  infinite: {
    en: {
      "=1": "One of {all} is infinite, beyond any scale.",
      other: "{n} of {all} are infinite, beyond any scale.",
    },
    vi: "{n} trong {all} là vô hạn, vượt mọi thang.",
    ru: {
      one: "{n} из {all} — бесконечность, вне шкалы.",
      few: "{n} из {all} — бесконечности, вне шкалы.",
      other: "{n} из {all} — бесконечности, вне шкалы.",
    },
  },
} satisfies Record<string, Text>;
