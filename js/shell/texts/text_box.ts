/** What the text box says. */

import type { Text } from "../../language/say";
import type { ReadOnly } from "../../trace/contract";

export const TEXT_BOX = {
  text: { en: "Text", vi: "Văn bản", ru: "Текст" },
  pair: { en: "Second text", vi: "Văn bản thứ hai", ru: "Второй текст" },
  run: { en: "Run", vi: "Chạy", ru: "Запустить" },
  running: { en: "Running …", vi: "Đang chạy …", ru: "Работает …" },
  waiting: { en: "Waiting …", vi: "Đang chờ …", ru: "Ожидание …" },
  page: {
    en: "Another text needs a kernel, which this page does not have.",
    vi: "Một văn bản khác cần kernel, mà trang này không có.",
    ru: "Для другого текста нужно ядро, а у этой страницы его нет.",
  },
  gone: {
    en: "Another text needs the kernel: run the cell again.",
    vi: "Văn bản khác cần kernel: hãy chạy lại ô.",
    ru: "Для другого текста нужно ядро: выполните ячейку ещё раз.",
  },
} satisfies Record<string, Text>;

/** Why no other text can be read; Python's words for it stand in protocol/description.py. */
export const READ_ONLY: Record<ReadOnly, Text> = {
  trace: {
    en: "This widget was made from a trace: it has no model to read another text.",
    vi: "Tiện ích này được tạo từ một trace: ở đây không có mô hình để đọc văn bản khác.",
    ru: "Этот виджет создан из трассы: модели, чтобы прочитать другой текст, здесь нет.",
  },
  chat: {
    en: "The model was given a chat. To give it another one, call widget.run(…) in Python.",
    vi: "Mô hình đã nhận một cuộc trò chuyện. Để đưa cuộc trò chuyện khác, hãy gọi widget.run(…) trong Python.",
    ru: "Модель получила чат. Чтобы дать ей другой, вызовите widget.run(…) в Python.",
  },
  no_text: {
    en: "The model was given no text. To give it another input, call widget.run(…) in Python.",
    vi: "Mô hình không nhận văn bản. Để đưa dữ liệu khác, hãy gọi widget.run(…) trong Python.",
    ru: "Модель получила не текст. Чтобы дать ей другие данные, вызовите widget.run(…) в Python.",
  },
  page: {
    en: "This page was saved from a notebook: it has no model to read another text.",
    vi: "Trang này được lưu từ sổ tay: ở đây không có mô hình để đọc văn bản khác.",
    ru: "Эта страница сохранена из блокнота: модели, чтобы прочитать другой текст, здесь нет.",
  },
};
