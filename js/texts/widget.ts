/** What the widget itself says. */

import type { Text } from "../language";

export const WIDGET = {
  name: { en: "Attention widget", vi: "Tiện ích chú ý", ru: "Виджет внимания" },
  running: {
    en: "running the model …",
    vi: "đang chạy mô hình …",
    ru: "модель работает …",
  },
  waiting: {
    en: "waiting for the kernel …",
    vi: "đang chờ kernel …",
    ru: "ожидание ядра …",
  },
  enter: {
    en: "Show the widget in the full window",
    vi: "Hiện tiện ích toàn cửa sổ",
    ru: "Показать виджет во всё окно",
  },
  leave: {
    en: "Leave the full window (Escape)",
    vi: "Thoát toàn cửa sổ (Escape)",
    ru: "Выйти из полного окна (Escape)",
  },
} satisfies Record<string, Text>;
