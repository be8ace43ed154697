/** What is said of a pass with something left out, and what its buttons do. */

import type { Text } from "../../language/say";

export const EDIT_LINE = {
  edge: { en: "without this edge", vi: "bỏ cạnh này", ru: "без этой связи" },
  title: {
    en: "Run the model again without it, and compare",
    vi: "Chạy lại mô hình mà không có phần này rồi so sánh",
    ru: "Запустить модель ещё раз без этого и сравнить",
  },
  word: {
    en: "no token may see {key}",
    vi: "không token nào được thấy {key}",
    ru: "ни один токен не видит {key}",
  },
  wordTitle: {
    en: "Run the model again with all attention to {key} blocked, in every layer and head. The word stays in the text.",
    vi: "Chạy lại mô hình khi mọi chú ý tới {key} đều bị chặn, ở mọi lớp và mọi đầu. Từ này vẫn còn trong văn bản.",
    ru: "Запустить модель ещё раз, закрыв всё внимание к {key} во всех слоях и головах. Само слово остаётся в тексте.",
  },
  how: {
    en: "How a head is changed",
    vi: "Thay đổi đầu chú ý thế nào",
    ru: "Как изменить голову",
  },
  otherwise: { en: "another way", vi: "cách khác", ru: "иначе" },
  otherText: {
    en: "The other text, of as many tokens as this one",
    vi: "Văn bản khác, có cùng số token với văn bản này",
    ru: "Другой текст, в котором столько же токенов",
  },
  take: { en: "Take its values", vi: "Lấy giá trị", ru: "Взять значения" },
  running: { en: "running …", vi: "đang chạy …", ru: "выполняется …" },
  waiting: { en: "waiting …", vi: "đang chờ …", ru: "ожидание …" },
  effect: {
    en: "{edits}: {token} {before} → {after}",
    vi: "{edits}: {token} {before} → {after}",
    ru: "{edits}: {token} {before} → {after}",
  },
  effectTitle: {
    en: "Probability of the most likely prediction at {place}, before and after",
    vi: "Xác suất của dự đoán có khả năng nhất tại {place}, trước và sau",
    ru: "Вероятность самого вероятного предсказания на {place}, до и после",
  },
  before: { en: "before", vi: "trước", ru: "до" },
  after: { en: "after", vi: "sau", ru: "после" },
  difference: { en: "difference", vi: "hiệu số", ru: "разность" },
  shown: {
    en: "Which pass all views show",
    vi: "Mọi khung nhìn hiện lượt chạy nào",
    ru: "Какой проход показывают все панели",
  },
  back: { en: "undo", vi: "hoàn tác", ru: "отменить" },
  backTitle: {
    en: "Back to the model as it is",
    vi: "Trở lại mô hình nguyên bản",
    ru: "Вернуться к модели без изменений",
  },
  told: {
    en: "{edits}: the probability of {token} at {place} goes from {before} to {after}.",
    vi: "{edits}: xác suất của {token} tại {place} đi từ {before} tới {after}.",
    ru: "{edits}: вероятность {token} на {place} меняется с {before} на {after}.",
  },
  toldBack: {
    en: "All is put back: the model as it is.",
    vi: "Đã trả lại tất cả: mô hình nguyên bản.",
    ru: "Всё возвращено: модель без изменений.",
  },
} satisfies Record<string, Text>;

/** How a head is changed: as a choice, and of one head or several. */
export const HOW = {
  zero: {
    choice: { en: "switched off (zero)", vi: "tắt (bằng 0)", ru: "выключить (ноль)" },
    one: {
      en: "without head {layer}.{head}",
      vi: "bỏ đầu {layer}.{head}",
      ru: "без головы {layer}.{head}",
    },
    several: { en: "without these heads", vi: "bỏ các đầu này", ru: "без этих голов" },
  },
  mean: {
    choice: {
      en: "held at its mean over the text",
      vi: "giữ ở trung bình trên văn bản",
      ru: "заменить средним по тексту",
    },
    one: {
      en: "head {layer}.{head} at its mean",
      vi: "đầu {layer}.{head} ở mức trung bình",
      ru: "голова {layer}.{head} как среднее",
    },
    several: {
      en: "these heads at the mean",
      vi: "các đầu này ở mức trung bình",
      ru: "эти головы как среднее",
    },
  },
  half: {
    choice: { en: "halved (× 0.5)", vi: "giảm một nửa (× 0,5)", ru: "ослабить вдвое (× 0,5)" },
    one: {
      en: "head {layer}.{head} halved",
      vi: "giảm nửa đầu {layer}.{head}",
      ru: "голова {layer}.{head} вдвое слабее",
    },
    several: {
      en: "these heads halved",
      vi: "giảm nửa các đầu này",
      ru: "эти головы вдвое слабее",
    },
  },
  double: {
    choice: { en: "doubled (× 2)", vi: "tăng gấp đôi (× 2)", ru: "усилить вдвое (× 2)" },
    one: {
      en: "head {layer}.{head} doubled",
      vi: "nhân đôi đầu {layer}.{head}",
      ru: "голова {layer}.{head} вдвое сильнее",
    },
    several: {
      en: "these heads doubled",
      vi: "nhân đôi các đầu này",
      ru: "эти головы вдвое сильнее",
    },
  },
  text: {
    choice: {
      en: "values from another text",
      vi: "giá trị từ văn bản khác",
      ru: "значения из другого текста",
    },
    one: {
      en: "head {layer}.{head} from {text}",
      vi: "đầu {layer}.{head} từ {text}",
      ru: "голова {layer}.{head} из {text}",
    },
    several: {
      en: "these heads from {text}",
      vi: "các đầu này từ {text}",
      ru: "эти головы из {text}",
    },
  },
} satisfies Record<string, Record<"choice" | "one" | "several", Text>>;
