/** What the widget says of the memory that it takes. */

import type { Text } from "../../language/say";

export const MEMORY = {
  name: { en: "Memory", vi: "Bộ nhớ", ru: "Память" },
  title: {
    en: "What the widget takes in memory",
    vi: "Widget dùng bao nhiêu bộ nhớ",
    ru: "Сколько памяти занимает виджет",
  },
  trace: { en: "trace {size}", vi: "vết {size}", ru: "трассировка {size}" },
  atlas: { en: "atlas {size}", vi: "bản đồ các đầu {size}", ru: "атлас {size}" },
  browser: {
    en: "in the browser {size}",
    vi: "trong trình duyệt {size}",
    ru: "в браузере {size}",
  },
  page: {
    en: "as a saved page about {size}",
    vi: "trang lưu lại khoảng {size}",
    ru: "сохранённая страница около {size}",
  },
  thisPage: {
    en: "this page {size}",
    vi: "trang này {size}",
    ru: "эта страница {size}",
  },
  model: { en: "model {size}", vi: "mô hình {size}", ru: "модель {size}" },
  free: { en: "free {size}", vi: "còn trống {size}", ru: "свободно {size}" },
  kB: { en: "{n} kB", vi: "{n} kB", ru: "{n} кБ" },
  MB: { en: "{n} MB", vi: "{n} MB", ru: "{n} МБ" },
  GB: { en: "{n} GB", vi: "{n} GB", ru: "{n} ГБ" },
} satisfies Record<string, Text>;
