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
} satisfies Record<string, Text>;
