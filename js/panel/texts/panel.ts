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
  broken: {
    en: "This view failed: {why}. The other views work on; to try again, close this one and show it anew.",
    vi: "Khung nhìn này gặp lỗi: {why}. Các khung khác vẫn hoạt động; để thử lại, hãy đóng khung này rồi mở lại.",
    ru: "В этом виде произошла ошибка: {why}. Остальные виды работают; чтобы попробовать снова, закройте этот вид и откройте его ещё раз.",
  },
  nothingToSave: {
    en: "There is nothing to save yet.",
    vi: "Chưa có gì để lưu.",
    ru: "Пока нечего сохранять.",
  },
} satisfies Record<string, Text>;
