/** What heads are called wherever they are named, and what a key receives in them. */

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
      other: "первая из {n} выбранных",
    },
  },
  shown: { en: "Head shown here", vi: "Đầu đang hiện", ru: "Показанная голова" },
  count: {
    en: { one: "{n} head", other: "{n} heads" },
    vi: { other: "{n} đầu" },
    ru: { one: "{n} голова", few: "{n} головы", other: "{n} голов" },
  },
  none: {
    en: "No head is selected. Choose one above the views, or click one in the grid.",
    vi: "Chưa chọn đầu chú ý nào. Hãy chọn một đầu ở phía trên, hoặc nhấp vào một đầu trong lưới.",
    ru: "Не выбрана ни одна голова. Выберите её над панелями или щёлкните в сетке.",
  },
  ofLayer: {
    en: "layer {layer}, {heads}",
    vi: "lớp {layer}, {heads}",
    ru: "слой {layer}, {heads}",
  },
  meanOf: { en: "mean of {heads}", vi: "trung bình của {heads}", ru: "среднее: {heads}" },
  oneOf: {
    en: "{where}, one of {n} heads side by side",
    vi: "{where}, một trong {n} đầu cạnh nhau",
    ru: "{where}, показано рядом голов: {n}",
  },
  chip: { en: "Head {head}", vi: "Đầu {head}", ru: "Голова {head}" },
  choose: {
    en: "Show only this head, in every view",
    vi: "Chỉ hiện đầu này, ở mọi khung nhìn",
    ru: "Показать только эту голову, во всех панелях",
  },
} satisfies Record<string, Text>;

export const RECEIVES: Text = {
  en: {
    one: "{key} receives {sum} from {n} query ({of})",
    other: "{key} receives {sum} in total from {n} queries ({of})",
  },
  vi: "{key} nhận tổng cộng {sum} từ {n} truy vấn ({of})",
  ru: {
    one: "{key} получает в сумме {sum} от {n} запроса ({of})",
    few: "{key} получает в сумме {sum} от {n} запросов ({of})",
    other: "{key} получает в сумме {sum} от {n} запросов ({of})",
  },
};
