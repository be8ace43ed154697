/** What a saved page says beyond what the widget says. */

import type { Text } from "../language/say";

export const EXPORT = {
  incomplete: {
    en: "This page is incomplete: the file was cut off. Save or copy it again.",
    vi: "Trang này không đầy đủ: tệp bị cắt ngang. Hãy lưu hoặc sao chép lại.",
    ru: "Страница неполная: файл обрывается. Сохраните или скопируйте его ещё раз.",
  },
  damaged: {
    en: "This page is damaged: its data cannot be read. Save or copy it again.",
    vi: "Trang này bị hỏng: không đọc được dữ liệu trong đó. Hãy lưu hoặc sao chép lại.",
    ru: "Страница повреждена: её данные не читаются. Сохраните или скопируйте её ещё раз.",
  },
  version: {
    en: "This page was saved in format version {found}, but its script reads version {known}. Export it again with the version of attention-widget that the script comes from.",
    vi: "Trang này được lưu theo phiên bản định dạng {found}, nhưng tập lệnh của trang chỉ đọc phiên bản {known}. Hãy xuất lại bằng phiên bản attention-widget đã tạo ra tập lệnh đó.",
    ru: "Страница сохранена в версии формата {found}, а её скрипт читает версию {known}. Экспортируйте её заново той версией attention-widget, из которой взят скрипт.",
  },
  notIncluded: {
    en: "Not included in this export: {what}.",
    vi: "Không có trong bản xuất này: {what}.",
    ru: "Не включено в этот экспорт: {what}.",
  },
  layer: { en: "layer {layer}", vi: "lớp {layer}", ru: "слой {layer}" },
  heads: {
    en: { one: "head {heads} of layer {layer}", other: "heads {heads} of layer {layer}" },
    vi: "đầu chú ý {heads} của lớp {layer}",
    ru: { "=1": "голова {heads} слоя {layer}", other: "головы {heads} слоя {layer}" },
  },
  after: {
    en: "the pass with the edits, which needs a kernel; show it in the notebook and export again",
    vi: "lượt chạy có chỉnh sửa, vì cần kernel; hãy cho hiện nó trong notebook rồi xuất lại",
    ru: "проход с правками, для него нужно ядро; покажите его в блокноте и экспортируйте ещё раз",
  },
  attention: {
    en: "attention in layer {layer}, as no view of attention was shown of this long text; show one in the notebook and export again",
    vi: "chú ý ở lớp {layer}, vì không khung nhìn chú ý nào của văn bản dài này được cho hiện; hãy cho hiện một khung nhìn như vậy trong notebook rồi xuất lại",
    ru: "внимание в слое {layer}, так как для этого длинного текста не была открыта ни одна панель внимания; откройте её в блокноте и экспортируйте ещё раз",
  },
  window: {
    en: "attention in window {window} of {windows} (tokens {first}–{last}); show it in the notebook and export again",
    vi: "chú ý trong cửa sổ {window}/{windows} (token {first}–{last}); hãy cho hiện nó trong notebook rồi xuất lại",
    ru: "внимание в окне {window} из {windows} (токены {first}–{last}); покажите его в блокноте и экспортируйте ещё раз",
  },
  answer: {
    en: "This page does not hold the model’s answer to this: it needs a kernel. Ask in the notebook and export again.",
    vi: "Trang này không có câu trả lời của mô hình cho phần này: việc đó cần kernel. Hãy hỏi trong notebook rồi xuất lại.",
    ru: "На этой странице нет ответа модели на это: нужно ядро. Получите его в блокноте и экспортируйте ещё раз.",
  },
  examples: {
    en: "examples of layer {layer}",
    vi: "ví dụ của lớp {layer}",
    ru: "примеры слоя {layer}",
  },
  atlas: {
    en: "an atlas of heads (give the widget one, show it, and export again)",
    vi: "bản đồ các đầu chú ý (hãy đưa bản đồ vào tiện ích, cho hiện nó rồi xuất lại)",
    ru: "атлас голов (передайте его виджету, покажите и экспортируйте ещё раз)",
  },
  run: {
    en: "a model to run another text",
    vi: "mô hình để chạy văn bản khác",
    ru: "модель для запуска другого текста",
  },
} satisfies Record<string, Text>;
