/** What heads are called wherever they are named. */

import type { Text } from "../say";

export const HEADS = {
  one: { en: "head {head}", vi: "đầu {head}", ru: "голова {head}" },
  each: { en: "heads {heads}", vi: "các đầu {heads}", ru: "головы {heads}" },
  mean: {
    en: "mean of heads {heads}",
    vi: "trung bình của các đầu {heads}",
    ru: "среднее по головам {heads}",
  },
  maximum: {
    en: "maximum of heads {heads}",
    vi: "giá trị lớn nhất của các đầu {heads}",
    ru: "максимум по головам {heads}",
  },
  first: {
    en: "the first of {n} selected",
    vi: "đầu thứ nhất trong {n} đầu đang chọn",
    ru: {
      one: "первая из {n} выбранной",
      few: "первая из {n} выбранных",
      many: "первая из {n} выбранных",
      other: "первая из {n} выбранных",
    },
  },
  shown: { en: "Head shown here", vi: "Đầu đang hiện", ru: "Показанная голова" },
  chip: { en: "Head {head}", vi: "Đầu {head}", ru: "Голова {head}" },
  choose: {
    en: "Show only this head, in every view",
    vi: "Chỉ hiện đầu này, ở mọi khung nhìn",
    ru: "Показать только эту голову, во всех панелях",
  },
} satisfies Record<string, Text>;
