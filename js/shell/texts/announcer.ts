/** What a screen reader is told of the selection. */

import type { Text } from "../../language/say";

export const ANNOUNCER = {
  one: {
    en: "{query} attends to {key} with weight {weight} ({where})",
    vi: "{query} chú ý tới {key} với trọng số {weight} ({where})",
    ru: "{query} смотрит на {key} с весом {weight} ({where})",
  },
  most: {
    en: "{query} attends most to {list} ({where})",
    vi: "{query} chú ý nhiều nhất tới {list} ({where})",
    ru: "{query} больше всего смотрит на {list} ({where})",
  },
  weight: { en: "{key} {weight}", vi: "{key} {weight}", ru: "{key} {weight}" },
  noHead: {
    en: "{query} is selected, but no head is",
    vi: "đã chọn {query}, nhưng chưa chọn đầu chú ý nào",
    ru: "выбран токен {query}, но не выбрана ни одна голова",
  },
  receives: {
    en: {
      one: "{key} receives {sum} from {n} query ({where})",
      other: "{key} receives {sum} in total from {n} queries ({where})",
    },
    vi: "{key} nhận tổng cộng {sum} từ {n} truy vấn ({where})",
    ru: {
      one: "{key} получает в сумме {sum} от {n} запроса ({where})",
      few: "{key} получает в сумме {sum} от {n} запросов ({where})",
      many: "{key} получает в сумме {sum} от {n} запросов ({where})",
      other: "{key} получает в сумме {sum} от {n} запросов ({where})",
    },
  },
  where: {
    en: "layer {layer}, {heads}",
    vi: "lớp {layer}, {heads}",
    ru: "слой {layer}, {heads}",
  },
} satisfies Record<string, Text>;
