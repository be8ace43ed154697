/** What stands around the explanations of views. */

import type { Text } from "../../language/say";

export const EXPLANATIONS = {
  name: { en: "explanations", vi: "giải thích", ru: "пояснения" },
  title: {
    en: "A sentence about each view below its picture",
    vi: "Một câu về mỗi khung nhìn, dưới hình của nó",
    ru: "Предложение о каждой панели под её рисунком",
  },
  more: { en: "more", vi: "xem thêm", ru: "подробнее" },
  less: { en: "less", vi: "thu gọn", ru: "короче" },
  hide: {
    en: "Hide explanations in all panels",
    vi: "Ẩn giải thích trong mọi khung nhìn",
    ru: "Скрыть пояснения во всех панелях",
  },
  show: { en: "show explanations", vi: "hiện giải thích", ru: "показать пояснения" },
} satisfies Record<string, Text>;
