/** What the pickers say. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";

export const PICKER = {
  attention: { en: "Attention", vi: "Chú ý", ru: "Внимание" },
  layers: { en: "Layer", vi: "Lớp", ru: "Слой" },
  layer: { en: "Layer {index}", vi: "Lớp {index}", ru: "Слой {index}" },
  layerOff: {
    en: "Layer {index} has no attention of this kind",
    vi: "Lớp {index} không có loại chú ý này",
    ru: "В слое {index} нет внимания этого вида",
  },
  heads: { en: "Heads", vi: "Đầu chú ý", ru: "Головы" },
  all: { en: "all", vi: "tất cả", ru: "все" },
  selectAll: { en: "Select all heads", vi: "Chọn tất cả các đầu chú ý", ru: "Выбрать все головы" },
  none: { en: "none", vi: "bỏ chọn", ru: "ни одной" },
  selectNone: {
    en: "Clear the selection of heads",
    vi: "Bỏ chọn tất cả các đầu chú ý",
    ru: "Снять выбор со всех голов",
  },
  several: {
    en: "Ctrl-click to select several",
    vi: "Ctrl + nhấp: chọn nhiều",
    ru: "Ctrl + щелчок: выбрать несколько",
  },
  views: { en: "Views", vi: "Khung nhìn", ru: "Панели" },
  rows: { en: "Rows in every view", vi: "Các hàng ở mọi khung nhìn", ru: "Строки во всех панелях" },
} satisfies Record<string, Text>;

export const PICKER_OPTIONS: OptionTexts<"picker"> = {
  combine: {
    label: { en: "show", vi: "hiện", ru: "показать" },
    values: {
      overlay: { en: "overlaid", vi: "chồng lên nhau", ru: "с наложением" },
      columns: { en: "side by side", vi: "cạnh nhau", ru: "рядом" },
      mean: { en: "mean", vi: "trung bình", ru: "среднее" },
      maximum: { en: "maximum", vi: "giá trị lớn nhất", ru: "максимум" },
    },
  },
};

/** What makes a row in every view: words or tokens, with or without special tokens. */
export const ROW_OPTIONS: OptionTexts<"rows"> = {
  words: {
    label: { en: "units", vi: "đơn vị", ru: "единицы" },
    values: {
      true: { en: "words", vi: "từ", ru: "слова" },
      false: { en: "tokens", vi: "token", ru: "токены" },
    },
  },
  special_tokens: {
    label: { en: "special tokens", vi: "token đặc biệt", ru: "спец. токены" },
    values: {
      show: { en: "shown", vi: "hiện", ru: "показаны" },
      hide: { en: "hidden", vi: "ẩn", ru: "скрыты" },
      renormalise: {
        en: "hidden, renormalised",
        vi: "ẩn, chuẩn hóa lại",
        ru: "скрыты, с перенормировкой",
      },
    },
  },
};
