/** What is said of a head that is worth seeing. */

import type { Text } from "../../language/say";

export const SUGGESTION = {
  why: {
    en: "Layer {layer}, head {head}: {query} attends to {key} ({weight}), more than other words do.",
    vi: "Lớp {layer}, đầu {head}: {query} chú ý tới {key} ({weight}), nhiều hơn các từ khác.",
    ru: "Слой {layer}, голова {head}: {query} смотрит на {key} ({weight}) — сильнее прочих.",
  },
  whyByToken: {
    en: "Layer {layer}, head {head}, token by token: {query} attends to {key} ({weight}). The rows are passages.",
    vi: "Lớp {layer}, đầu {head}, xét từng token: {query} chú ý tới {key} ({weight}). Các hàng là những đoạn.",
    ru: "Слой {layer}, голова {head}, по токенам: {query} смотрит на {key} ({weight}). Строки — отрывки.",
  },
  does: { en: "It {does}.", vi: "Đầu này {does}.", ru: "Она {does}." },
  place: { en: "{at} of {of}", vi: "{at}/{of}", ru: "{at} из {of}" },
  next: { en: "next", vi: "tiếp theo", ru: "дальше" },
  nextTitle: {
    en: "Show the next suggested head (n)",
    vi: "Hiện đầu chú ý được gợi ý tiếp theo (n)",
    ru: "Показать следующую предложенную голову (n)",
  },
  first: { en: "Suggest a head", vi: "Gợi ý một đầu chú ý", ru: "Предложить голову" },
  firstTitle: {
    en: "Show a head in which one word attends to another more than other words do (n)",
    vi: "Hiện một đầu mà trong đó một từ chú ý tới một từ khác nhiều hơn các từ còn lại (n)",
    ru: "Показать голову, в которой одно слово смотрит на другое сильнее, чем остальные (n)",
  },
} satisfies Record<string, Text>;
