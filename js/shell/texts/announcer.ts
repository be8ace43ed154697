/** What a screen reader is told of the selection. */

import type { Text } from "../../language/say";

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
  where: {
    en: "layer {layer}, {heads}",
    vi: "lớp {layer}, {heads}",
    ru: "слой {layer}, {heads}",
  },
} satisfies Record<string, Text>;
