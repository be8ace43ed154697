/** What the pickers say. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";

export const PICKER = {
  attention: { en: "Attention", vi: "Chú ý", ru: "Внимание" },
  layer: { en: "Layer", vi: "Lớp", ru: "Слой" },
  layerOff: {
    en: "Layer {index} has no attention of this kind",
    vi: "Lớp {index} không có loại chú ý này",
    ru: "В слое {index} нет внимания этого вида",
  },
  heads: { en: "Heads", vi: "Đầu chú ý", ru: "Головы" },
  headsTitle: {
    en: "Heads: which are shown, and how",
    vi: "Đầu chú ý: hiện những đầu nào, và hiện ra sao",
    ru: "Головы: какие показаны и как",
  },
  noHead: { en: "no head", vi: "chưa chọn đầu", ru: "нет голов" },
  all: { en: "all", vi: "tất cả", ru: "все" },
  selectAll: { en: "Select all heads", vi: "Chọn tất cả các đầu chú ý", ru: "Выбрать все головы" },
  none: { en: "none", vi: "bỏ chọn", ru: "ни одной" },
  selectNone: {
    en: "Clear the selection of heads",
    vi: "Bỏ chọn tất cả các đầu chú ý",
    ru: "Снять выбор со всех голов",
  },
  several: { en: "several", vi: "chọn nhiều", ru: "несколько" },
  severalTitle: {
    en: "Each click adds a head or removes it",
    vi: "Mỗi lần nhấp sẽ thêm hoặc bớt một đầu chú ý",
    ru: "Каждый щелчок добавляет голову или убирает её",
  },
  hint: {
    en: "A click selects one head; Ctrl-click selects several. Keys: h next head, H previous head.",
    vi: "Nhấp để chọn một đầu chú ý, Ctrl + nhấp để chọn nhiều. Phím: h đầu sau, H đầu trước.",
    ru: "Щелчок выбирает одну голову, Ctrl + щелчок — несколько. Клавиши: h — следующая голова, H — предыдущая.",
  },
  besideEachOther: {
    en: { one: "{n} head", other: "{n} heads side by side" },
    vi: "{n} đầu cạnh nhau",
    ru: { one: "{n} голова", few: "{n} головы рядом", other: "{n} голов рядом" },
  },
  pairs: {
    en: "Heads of several layers, side by side",
    vi: "Các đầu thuộc nhiều lớp, cạnh nhau",
    ru: "Головы разных слоёв, рядом",
  },
  pairsHint: {
    en: "Lines and matrix show them. Also: Ctrl-click heads in the grid. At most {most}: one more takes the place of the first. Choosing a layer or a head as usual clears the list.",
    vi: "Các đường chú ý và ma trận hiện những đầu này. Cũng có thể Ctrl + nhấp vào các đầu trong lưới. Nhiều nhất là {most} đầu: thêm một đầu nữa thì đầu thứ nhất bị bỏ. Chọn một lớp hoặc một đầu theo cách thường sẽ xóa danh sách này.",
    ru: "Их показывают линии и матрица. Можно и Ctrl + щелчок по головам в сетке. Не больше {most}: следующая займёт место первой. Обычный выбор слоя или головы убирает список.",
  },
  addBeside: { en: "show beside", vi: "hiện bên cạnh", ru: "показать рядом" },
  addBesideTitle: {
    en: "Show this head beside those that are shown",
    vi: "Hiện đầu này bên cạnh các đầu đang hiện",
    ru: "Показать эту голову рядом с показанными",
  },
  head: { en: "Head", vi: "Đầu", ru: "Голова" },
  remove: { en: "Remove {head}", vi: "Bỏ {head}", ru: "Убрать: {head}" },
  clear: { en: "clear", vi: "bỏ hết", ru: "очистить" },
  clearTitle: {
    en: "Show the heads of one layer again",
    vi: "Hiện lại các đầu của một lớp",
    ru: "Снова показать головы одного слоя",
  },
  views: { en: "Views", vi: "Khung nhìn", ru: "Панели" },
  viewsTitle: {
    en: "Views: which are shown",
    vi: "Chọn các khung nhìn được hiện",
    ru: "Панели: какие показаны",
  },
  allHeads: {
    each: { en: "all heads", vi: "mọi đầu chú ý", ru: "все головы" },
    mean: { en: "mean of all heads", vi: "trung bình mọi đầu", ru: "среднее всех голов" },
    maximum: {
      en: "maximum of all heads",
      vi: "giá trị lớn nhất của mọi đầu",
      ru: "максимум всех голов",
    },
  },
} satisfies Record<string, Text | Record<string, Text>>;

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

/** What makes a row in every view: passages, words or tokens, with or without special tokens. */
export const ROW_OPTIONS: OptionTexts<"rows"> = {
  words: {
    label: { en: "Units", vi: "Đơn vị", ru: "Единицы" },
    values: {
      true: { en: "words", vi: "từ", ru: "слова" },
      false: { en: "tokens", vi: "token", ru: "токены" },
    },
  },
  passage_rows: {
    label: { en: "Passages", vi: "Các đoạn", ru: "Отрывки" },
    values: {
      true: { en: "as rows", vi: "mỗi đoạn một hàng", ru: "каждый — строка" },
      false: { en: "token by token", vi: "từng token", ru: "по токенам" },
    },
  },
  special_tokens: {
    label: { en: "Special tokens", vi: "Token đặc biệt", ru: "Специальные токены" },
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
