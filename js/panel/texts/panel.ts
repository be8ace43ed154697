/** What the frames of the views say. */

import type { Text } from "../../language/say";

export const PANEL = {
  about: { en: "About {title}", vi: "Về {title}", ru: "О разделе «{title}»" },
  what: { en: "What is this?", vi: "Đây là gì?", ru: "Что это?" },
  actions: {
    en: "Actions of {title}",
    vi: "Thao tác với {title}",
    ru: "Действия: {title}",
  },
  save: {
    en: "Save {title} as {kind}, as shown",
    vi: "Lưu {title} như đang hiện thành {kind}",
    ru: "Сохранить «{title}» в {kind}, как показано",
  },
  earlier: {
    en: "Move {title} earlier",
    vi: "Chuyển {title} lên trước",
    ru: "Передвинуть «{title}» раньше",
  },
  later: {
    en: "Move {title} later",
    vi: "Chuyển {title} ra sau",
    ru: "Передвинуть «{title}» дальше",
  },
  enter: {
    en: "Show {title} in the full window",
    vi: "Hiện {title} toàn cửa sổ",
    ru: "Показать «{title}» во всё окно",
  },
  leave: {
    en: "Leave the full window (Escape)",
    vi: "Thoát toàn cửa sổ (Escape)",
    ru: "Выйти из полного окна (Escape)",
  },
  close: { en: "Close {title}", vi: "Đóng {title}", ru: "Закрыть «{title}»" },
  height: {
    en: "Height of {title}: drag, or arrow keys; double-click or Enter resets",
    vi: "Chiều cao của {title}: kéo hoặc dùng phím mũi tên; nhấp đúp hoặc Enter để đặt lại",
    ru: "Высота «{title}»: тяните или нажимайте стрелки; двойной щелчок или Enter сбрасывает",
  },
  waiting: {
    en: "Waiting for the data …",
    vi: "Đang chờ dữ liệu …",
    ru: "Ожидание данных …",
  },
  nothingToSave: {
    en: "There is nothing to save yet.",
    vi: "Chưa có gì để lưu.",
    ru: "Пока нечего сохранять.",
  },
} satisfies Record<string, Text>;
