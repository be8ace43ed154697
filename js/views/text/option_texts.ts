/** What the options of the text view say. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";
import type { Measure } from "../../trace/options";

export const MEASURE: Record<Measure, Text> = {
  norm: { en: "L2 norm", vi: "chuẩn L2", ru: "L2-норма" },
  previous_cosine: {
    en: "cosine to the previous one",
    vi: "cosin với đơn vị đứng trước",
    ru: "косинус к предыдущему",
  },
  pinned_cosine: {
    en: "cosine to pinned words",
    vi: "cosin với các từ đã ghim",
    ru: "косинус к закреплённым словам",
  },
  attention_from: {
    en: "attention from the selected token",
    vi: "chú ý từ token đang chọn",
    ru: "внимание от выбранного токена",
  },
  attention_received: {
    en: "attention received",
    vi: "chú ý nhận được",
    ru: "полученное внимание",
  },
  removal: { en: "removal", vi: "loại bỏ", ru: "удаление" },
  integrated_gradients: {
    en: "integrated gradients",
    vi: "gradient tích hợp",
    ru: "интегрированные градиенты",
  },
};

export const TEXT_OPTIONS: OptionTexts<"text"> = {
  measure: {
    label: { en: "Colour", vi: "Màu theo", ru: "Цвет" },
    values: MEASURE,
  },
  space: {
    label: { en: "Vectors", vi: "Vectơ", ru: "Векторы" },
    values: {
      word_embeddings: {
        en: "embedding table",
        vi: "bảng vectơ nhúng",
        ru: "таблица эмбеддингов",
      },
      embeddings: { en: "token embeddings", vi: "vectơ nhúng token", ru: "эмбеддинги токенов" },
      hidden_states: { en: "layer output", vi: "đầu ra của lớp", ru: "выход слоя" },
    },
  },
  min_max: {
    label: { en: "Min–max", vi: "Nhỏ nhất–lớn nhất", ru: "Мин–макс" },
    title: {
      en: "Colour from the smallest score of the text to the largest, outliers included",
      vi: "Tô màu từ điểm số nhỏ nhất đến lớn nhất của văn bản, kể cả giá trị ngoại lai",
      ru: "Цвета от наименьшей оценки текста до наибольшей, включая выбросы",
    },
  },
};

export const PIN_OPTIONS: OptionTexts<"pins"> = {
  pin_mode: {
    label: { en: "Pins", vi: "Ghim", ru: "Закреплённые" },
    values: {
      each: { en: "one colour each", vi: "mỗi ghim một màu", ru: "каждому свой цвет" },
      mean: { en: "mean", vi: "trung bình", ru: "среднее" },
    },
  },
};
