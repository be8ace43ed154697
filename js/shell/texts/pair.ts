/** What is said of two words that are selected. */

import type { Text } from "../../language/say";

export const PAIR = {
  pending: { en: "{query} → {key}: …", vi: "{query} → {key}: …", ru: "{query} → {key}: …" },
  most: {
    en: "{query} → {key}: most in layer {layer}, head {head} ({weight})",
    vi: "{query} → {key}: lớn nhất ở lớp {layer}, đầu {head} ({weight})",
    ru: "{query} → {key}: больше всего в слое {layer}, голове {head} ({weight})",
  },
  mostKnown: {
    en: "{query} → {key}: largest known weight in layer {layer}, head {head} ({weight})",
    vi: "{query} → {key}: trọng số đã biết lớn nhất ở lớp {layer}, đầu {head} ({weight})",
    ru: "{query} → {key}: наибольший из известных весов — слой {layer}, голова {head} ({weight})",
  },
  other: {
    en: "{query} → {key}: layer {layer}, head {head} ({weight})",
    vi: "{query} → {key}: lớp {layer}, đầu {head} ({weight})",
    ru: "{query} → {key}: слой {layer}, голова {head} ({weight})",
  },
  none: {
    en: "{query} → {key}: no attention in any head",
    vi: "{query} → {key}: không đầu nào chú ý",
    ru: "{query} → {key}: внимания нет ни в одной голове",
  },
  noneKnown: {
    en: "{query} → {key}: every known weight is 0",
    vi: "{query} → {key}: mọi trọng số đã biết đều bằng 0",
    ru: "{query} → {key}: все известные веса равны 0",
  },
  place: { en: "{at} of {of}", vi: "{at}/{of}", ru: "{at} из {of}" },
  show: { en: "show", vi: "hiện", ru: "показать" },
  showTitle: {
    en: "Show the head that gives this pair the largest weight (n)",
    vi: "Hiện đầu chú ý cho cặp này trọng số lớn nhất (n)",
    ru: "Показать голову, в которой у этой пары наибольший вес (n)",
  },
  next: { en: "next", vi: "tiếp theo", ru: "дальше" },
  nextTitle: {
    en: "Show the head with the next largest weight of this pair (n)",
    vi: "Hiện đầu chú ý có trọng số lớn tiếp theo của cặp này (n)",
    ru: "Показать голову со следующим по величине весом этой пары (n)",
  },
} satisfies Record<string, Text>;
