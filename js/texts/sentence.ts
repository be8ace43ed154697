/** What the text box says. */

import type { Text } from "../language";

export const SENTENCE = {
  text: { en: "Text", vi: "Văn bản", ru: "Текст" },
  pair: { en: "Second text", vi: "Văn bản thứ hai", ru: "Второй текст" },
  run: { en: "Run", vi: "Chạy", ru: "Запустить" },
  running: { en: "Running …", vi: "Đang chạy …", ru: "Работает …" },
} satisfies Record<string, Text>;
