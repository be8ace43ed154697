/** What the frames of the views say. */

import type { Text } from "../language";

export const PANEL = {
  about: { en: "About {title}", vi: "Về {title}", ru: "О разделе «{title}»" },
  what: { en: "What is this?", vi: "Đây là gì?", ru: "Что это?" },
  save: {
    en: "Save what is shown as {kind}",
    vi: "Lưu hình đang hiện thành {kind}",
    ru: "Сохранить показанное как {kind}",
  },
  nothingToSave: {
    en: "There is nothing to save yet.",
    vi: "Chưa có gì để lưu.",
    ru: "Пока нечего сохранять.",
  },
} satisfies Record<string, Text>;
