/** What the table of heads says. */

import type { Help, Text } from "../../language/say";
import { SUMMARIES } from "../../language/texts/summaries";

export const TABLE = {
  name: { en: "Heads", vi: "Đầu chú ý", ru: "Головы" },
  title: { en: "Table of heads", vi: "Bảng các đầu chú ý", ru: "Таблица голов" },
  help: {
    short: {
      en: "Every head of the model in numbers, averaged over the query tokens.",
      vi: "Mọi đầu chú ý của mô hình bằng số, lấy trung bình trên các token truy vấn.",
      ru: "Все головы модели в числах, средних по токенам-запросам.",
    },
    more: {
      en: "The columns show how spread out its attention is (entropy), how far away the tokens are that it attends to (distance), and the share of attention that goes to certain tokens; the label says what a head does where that is sure. Click a column name to sort the heads by it, and again to reverse the order; click a row to select the head in every view, Ctrl-click to add it. The stronger the colour of a cell, the closer its number is to the largest in the column.",
      vi: "Các cột cho biết chú ý phân tán đến đâu (entropy), các token được chú ý ở cách bao xa (khoảng cách), và tỉ lệ chú ý dành cho những token nhất định; nhãn cho biết đầu làm gì khi điều đó chắc chắn. Nhấp vào tên cột để sắp xếp theo cột đó, nhấp lần nữa để đảo thứ tự; nhấp vào một hàng để chọn đầu đó ở mọi khung nhìn, Ctrl + nhấp để chọn thêm. Ô càng đậm màu thì số càng gần giá trị lớn nhất của cột.",
      ru: "Столбцы показывают, насколько рассеяно внимание (энтропия), как далеко токены, на которые смотрит голова (расстояние), и какая доля внимания достаётся определённым токенам; метка говорит, что делает голова, где это ясно. Щелчок по названию столбца сортирует головы по нему, ещё один меняет порядок на обратный; щелчок по строке выбирает голову во всех панелях, Ctrl + щелчок добавляет её. Чем насыщеннее цвет клетки, тем ближе число к наибольшему в столбце.",
    },
  },
  needs: SUMMARIES,
  table: {
    en: "Heads with their numbers; arrow keys select the previous or next one",
    vi: "Các đầu chú ý cùng số liệu; phím mũi tên chọn đầu trước hoặc sau",
    ru: "Головы и их числа; стрелки выбирают предыдущую или следующую",
  },
  kind: { en: "attention", vi: "chú ý", ru: "внимание" },
  layer: { en: "layer", vi: "lớp", ru: "слой" },
  head: { en: "head", vi: "đầu", ru: "голова" },
  label: { en: "label", vi: "nhãn", ru: "метка" },
  aboutLabel: {
    en: "What the head does on this text, where that is sure",
    vi: "Đầu này làm gì trên văn bản này, khi điều đó chắc chắn",
    ru: "Что голова делает на этом тексте, где это ясно",
  },
  aboutProbed: {
    en: "What the head does in the probe, random tokens repeated, where that is sure",
    vi: "Đầu này làm gì trong phép dò bằng token ngẫu nhiên lặp lại, khi điều đó chắc chắn",
    ru: "Что голова делает в пробе на повторённых случайных токенах, где это ясно",
  },
  labelled: {
    en: "{n} of {of} heads called “{name}”.",
    vi: "{n}/{of} đầu chú ý mang nhãn “{name}”.",
    ru: "Головы с меткой «{name}»: {n} из {of}.",
  },
  count: {
    en: { one: "{n} head.", other: "{n} heads." },
    vi: "{n} đầu chú ý.",
    ru: { one: "{n} голова.", few: "{n} головы.", other: "{n} голов." },
  },
  largest: {
    en: "Largest {summary} first.",
    vi: "Xếp theo {summary}, từ lớn đến nhỏ.",
    ru: "По убыванию: {summary}.",
  },
  smallest: {
    en: "Smallest {summary} first.",
    vi: "Xếp theo {summary}, từ nhỏ đến lớn.",
    ru: "По возрастанию: {summary}.",
  },
  sampled: {
    en: "Means over {sample} of the {n} query tokens, evenly spaced.",
    vi: "Trung bình trên {sample} trong số {n} token truy vấn, cách đều nhau.",
    ru: "Средние по {sample} из {n} токенов-запросов, взятых через равные промежутки.",
  },
  unitsOfPassages: {
    en: "Entropy in nats, distance in passages, its variance in passages², the others as shares of the attention.",
    vi: "Entropy tính bằng nat, khoảng cách tính bằng đoạn, phương sai của nó bằng đoạn², còn lại là tỉ lệ của chú ý.",
    ru: "Энтропия в натах, расстояние в отрывках, его дисперсия в отрывках², остальное — доли внимания.",
  },
  unitsOfWords: {
    en: "Entropy in nats, distance in words, its variance in words², the others as shares of the attention.",
    vi: "Entropy tính bằng nat, khoảng cách tính bằng từ, phương sai của nó bằng từ², còn lại là tỉ lệ của chú ý.",
    ru: "Энтропия в натах, расстояние в словах, его дисперсия в словах², остальное — доли внимания.",
  },
} satisfies Record<string, Text | Help>;

/** What the list of shortcuts says. */
export const TABLE_KEYS = {
  where: { en: "On the table of heads", vi: "Trên bảng các đầu chú ý", ru: "В таблице голов" },
  otherRow: {
    en: "select the head above or below",
    vi: "chọn đầu ở hàng trên hoặc dưới",
    ru: "выбрать голову строкой выше или ниже",
  },
  endRow: {
    en: "select the head of the first or last row",
    vi: "chọn đầu ở hàng đầu tiên hoặc cuối cùng",
    ru: "выбрать голову первой или последней строки",
  },
} satisfies Record<string, Text>;
