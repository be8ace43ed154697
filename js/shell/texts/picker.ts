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
  head: { en: "Head {index}", vi: "Đầu {index}", ru: "Голова {index}" },
  headOff: {
    en: "Head {index} has no attention here",
    vi: "Đầu {index} không có chú ý ở đây",
    ru: "У головы {index} здесь нет внимания",
  },
  all: { en: "all", vi: "tất cả", ru: "все" },
  selectAll: { en: "Select all heads", vi: "Chọn tất cả các đầu chú ý", ru: "Выбрать все головы" },
  none: { en: "none", vi: "không đầu nào", ru: "ни одной" },
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
