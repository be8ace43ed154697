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
    ru: "первая из выбранных: {n}",
  },
  shown: { en: "Head shown here", vi: "Đầu hiện ở đây", ru: "Показанная голова" },
  chip: { en: "Head {head}", vi: "Đầu {head}", ru: "Голова {head}" },
  choose: {
    en: "This head alone, in every view",
    vi: "Chỉ đầu này, ở mọi khung",
    ru: "Только эта голова, во всех видах",
  },
} satisfies Record<string, Text>;
