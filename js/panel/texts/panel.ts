/** What the frames of the views say. */

import type { Text } from "../../language/say";

export const PANEL = {
  options: {
    en: "Options and explanation of {title}",
    vi: "Tùy chọn và giải thích của {title}",
    ru: "Параметры и пояснение: {title}",
  },
  actions: { en: "Actions for {title}", vi: "Thao tác với {title}", ru: "Действия: {title}" },
  save: {
    en: "Save {title} as {kind}, as shown",
    vi: "Lưu {title} như đang hiện thành {kind}",
    ru: "Сохранить «{title}» как показано, в {kind}",
  },
  earlier: {
    en: "Move {title} earlier",
    vi: "Chuyển {title} lên trước",
    ru: "Переместить «{title}» ближе к началу",
  },
  later: {
    en: "Move {title} later",
    vi: "Chuyển {title} xuống sau",
    ru: "Переместить «{title}» ближе к концу",
  },
  enter: {
    en: "Show {title} in full window",
    vi: "Mở {title} toàn cửa sổ",
    ru: "Развернуть «{title}» на всё окно",
  },
  leave: {
    en: "Exit full window (Escape)",
    vi: "Thoát chế độ toàn cửa sổ (Escape)",
    ru: "Вернуть обычный размер (Escape)",
  },
  close: { en: "Close {title}", vi: "Đóng {title}", ru: "Закрыть «{title}»" },
  height: {
    en: "Height of {title}: drag or use the arrow keys; double-click or Enter to reset",
    vi: "Chiều cao của {title}: kéo hoặc dùng phím mũi tên; nhấp đúp hoặc Enter để đặt lại",
    ru: "Высота «{title}»: перетащите край или нажимайте стрелки; двойной щелчок или Enter — обычная высота",
  },
  waiting: {
    en: "Waiting for the data …",
    vi: "Đang chờ dữ liệu …",
    ru: "Ожидание данных …",
  },
  broken: {
    en: "This view failed: {why}. The other views still work. To try again, close this view and open it again.",
    vi: "Khung nhìn này gặp lỗi: {why}. Các khung nhìn khác vẫn hoạt động. Để thử lại, hãy đóng rồi mở lại khung nhìn này.",
    ru: "В этой панели произошла ошибка: {why}. Остальные панели работают. Чтобы попробовать снова, закройте эту панель и откройте её ещё раз.",
  },
  nothingToSave: {
    en: "There is nothing to save yet.",
    vi: "Chưa có gì để lưu.",
    ru: "Пока нечего сохранять.",
  },
} satisfies Record<string, Text>;

/** What stands below a figure. */
export const CAPTION = {
  layer: { en: "layer {layer}", vi: "lớp {layer}", ru: "слой {layer}" },
  embeddings: { en: "token embeddings", vi: "vectơ nhúng token", ru: "эмбеддинги токенов" },
  passages: { en: "passages", vi: "đoạn", ru: "отрывки" },
  words: { en: "words", vi: "từ", ru: "слова" },
  hide: {
    en: "special tokens hidden",
    vi: "ẩn token đặc biệt",
    ru: "специальные токены скрыты",
  },
  renormalise: {
    en: "special tokens hidden, weights renormalised",
    vi: "ẩn token đặc biệt, trọng số chuẩn hóa lại",
    ru: "специальные токены скрыты, веса перенормированы",
  },
} satisfies Record<string, Text>;
