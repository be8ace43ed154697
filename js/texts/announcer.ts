/** What a screen reader is told of the selection. */

import type { Text } from "../language";

export const ANNOUNCER = {
  one: {
    en: "{query} attends {weight} to {key} ({where})",
    vi: "{query} chú ý {weight} tới {key} ({where})",
    ru: "{query} смотрит на {key} с весом {weight} ({where})",
  },
  most: {
    en: "{query} attends most to {list} ({where})",
    vi: "{query} chú ý nhiều nhất tới {list} ({where})",
    ru: "{query} больше всего смотрит на {list} ({where})",
  },
  weight: { en: "{key} {weight}", vi: "{key} {weight}", ru: "{key} {weight}" },
  noHead: {
    en: "{query} is selected; no head is selected",
    vi: "đã chọn {query}; chưa chọn đầu nào",
    ru: "выбран токен {query}; не выбрана ни одна голова",
  },
  receives: {
    en: "{key} receives {sum} of {n} ({where})",
    vi: "{key} nhận {sum} trên {n} ({where})",
    ru: "{key} получает {sum} из {n} ({where})",
  },
  head: {
    en: "layer {layer}, head {head}",
    vi: "lớp {layer}, đầu {head}",
    ru: "слой {layer}, голова {head}",
  },
  mean: {
    en: {
      one: "layer {layer}, mean of {n} head",
      other: "layer {layer}, mean of {n} heads",
    },
    vi: "lớp {layer}, trung bình của {n} đầu",
    ru: {
      one: "слой {layer}, среднее по {n} голове",
      few: "слой {layer}, среднее по {n} головам",
      many: "слой {layer}, среднее по {n} головам",
      other: "слой {layer}, среднее по {n} головы",
    },
  },
  maximum: {
    en: {
      one: "layer {layer}, maximum of {n} head",
      other: "layer {layer}, maximum of {n} heads",
    },
    vi: "lớp {layer}, giá trị lớn nhất của {n} đầu",
    ru: {
      one: "слой {layer}, максимум по {n} голове",
      few: "слой {layer}, максимум по {n} головам",
      many: "слой {layer}, максимум по {n} головам",
      other: "слой {layer}, максимум по {n} головы",
    },
  },
} satisfies Record<string, Text>;
