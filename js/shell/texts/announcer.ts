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
  measuredOne: {
    en: "{query} → {key}: {weight} ({where})",
    vi: "{query} → {key}: {weight} ({where})",
    ru: "{query} → {key}: {weight} ({where})",
  },
  measuredMost: {
    en: "most from {query}: {list} ({where})",
    vi: "nhiều nhất từ {query}: {list} ({where})",
    ru: "больше всего от {query}: {list} ({where})",
  },
  noHead: {
    en: "{query} is selected, but no head is",
    vi: "đã chọn {query}, nhưng chưa chọn đầu chú ý nào",
    ru: "выбран токен {query}, но не выбрана ни одна голова",
  },
} satisfies Record<string, Text>;
