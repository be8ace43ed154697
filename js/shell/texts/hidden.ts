/** Where the controls are that are not seen at once, as the list of shortcuts names them. */

import type { Text } from "../../language/say";

export const HIDDEN = {
  title: { en: "Where to find it", vi: "Tìm ở đâu", ru: "Где что искать" },
  heads: {
    en: "which heads are shown: one, several, all or none; overlaid, side by side, as mean or maximum; heads of several layers",
    vi: "hiện những đầu chú ý nào: một, nhiều, tất cả hay không đầu nào; chồng lên nhau, cạnh nhau, trung bình hay giá trị lớn nhất; các đầu thuộc nhiều lớp",
    ru: "какие головы показаны: одна, несколько, все или ни одной; с наложением, рядом, среднее или максимум; головы разных слоёв",
  },
  views: {
    en: "which views are shown: {views}",
    vi: "hiện những khung nhìn nào: {views}",
    ru: "какие панели показаны: {views}",
  },
  settings: {
    en: "{options}, keyboard shortcuts",
    vi: "{options}, phím tắt",
    ru: "{options}, сочетания клавиш",
  },
  examples: {
    en: "at the end of the text box: texts to begin with",
    vi: "ở cuối ô văn bản: các văn bản để bắt đầu",
    ru: "в конце поля текста: тексты для начала",
  },
  view: { en: "Title of a view", vi: "Tiêu đề khung nhìn", ru: "Заголовок панели" },
  ofView: {
    en: "its options; save it as SVG or PNG, move it, full window, close it; the buttons appear where the mouse or the focus is",
    vi: "tùy chọn của khung nhìn; lưu thành SVG hoặc PNG, di chuyển, toàn cửa sổ, đóng; các nút hiện ra ở nơi có chuột hoặc tiêu điểm",
    ru: "её параметры; сохранить в SVG или PNG, переместить, развернуть на всё окно, закрыть; кнопки появляются под мышью или фокусом",
  },
} satisfies Record<string, Text>;
