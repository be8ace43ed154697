/** What the pickers say. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";

export const PICKER = {
  attention: { en: "Attention", vi: "Chú ý", ru: "Внимание" },
  layers: { en: "Layer", vi: "Lớp", ru: "Слой" },
  layer: { en: "Layer {index}", vi: "Lớp {index}", ru: "Слой {index}" },
  layerOff: {
    en: "Layer {index} has no attention here",
    vi: "Lớp {index} không có chú ý ở đây",
    ru: "В слое {index} здесь нет внимания",
  },
  heads: { en: "Heads", vi: "Đầu chú ý", ru: "Головы" },
  head: { en: "Head {index}", vi: "Đầu {index}", ru: "Голова {index}" },
  headOff: {
    en: "Head {index} has no attention here",
    vi: "Đầu {index} không có chú ý ở đây",
    ru: "У головы {index} здесь нет внимания",
  },
  all: { en: "all", vi: "tất cả", ru: "все" },
  selectAll: { en: "Select every head", vi: "Chọn mọi đầu chú ý", ru: "Выбрать все головы" },
  none: { en: "none", vi: "bỏ chọn", ru: "ни одной" },
  selectNone: {
    en: "Select no head",
    vi: "Bỏ chọn mọi đầu chú ý",
    ru: "Снять выбор со всех голов",
  },
  several: {
    en: "Ctrl-click: several",
    vi: "Ctrl + nhấp: chọn nhiều",
    ru: "Ctrl + щелчок: несколько",
  },
  views: { en: "Views", vi: "Khung nhìn", ru: "Виды" },
} satisfies Record<string, Text>;

export const PICKER_OPTIONS: OptionTexts<"picker"> = {
  combine: {
    label: { en: "show", vi: "hiện", ru: "показать" },
    values: {
      overlay: { en: "over each other", vi: "chồng lên nhau", ru: "друг поверх друга" },
      columns: { en: "side by side", vi: "cạnh nhau", ru: "рядом" },
      mean: { en: "their mean", vi: "trung bình", ru: "их среднее" },
      maximum: { en: "their maximum", vi: "giá trị lớn nhất", ru: "их максимум" },
    },
  },
};
