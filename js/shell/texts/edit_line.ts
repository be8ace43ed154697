/** What is said of a pass with something left out, and what its buttons do. */

import type { Text } from "../../language/say";

export const EDIT_LINE = {
  head: {
    en: "without head {layer}.{head}",
    vi: "bỏ đầu {layer}.{head}",
    ru: "без головы {layer}.{head}",
  },
  heads: { en: "without these heads", vi: "bỏ các đầu này", ru: "без этих голов" },
  edge: { en: "without this edge", vi: "bỏ cạnh này", ru: "без этой связи" },
  title: {
    en: "Run the model again without it, and compare",
    vi: "Chạy lại mô hình mà không có phần này rồi so sánh",
    ru: "Запустить модель ещё раз без этого и сравнить",
  },
  running: { en: "running …", vi: "đang chạy …", ru: "выполняется …" },
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
} satisfies Record<string, Text>;
