/** What the text box says. */

import type { Text } from "../language";

export const SENTENCE = {
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
