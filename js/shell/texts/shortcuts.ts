/** What the list of shortcuts says. */

import type { Text } from "../../language/say";

export const HELP = {
  title: { en: "Keyboard shortcuts", vi: "Phím tắt", ru: "Сочетания клавиш" },
  close: { en: "Close", vi: "Đóng", ru: "Закрыть" },
  space: { en: "Space", vi: "Dấu cách", ru: "Пробел" },
} satisfies Record<string, Text>;

/** Where a shortcut of no single view holds. */
export const PLACES = {
  everywhere: { en: "Everywhere", vi: "Mọi nơi", ru: "Везде" },
  sentence: { en: "In the text box", vi: "Trong ô văn bản", ru: "В поле текста" },
  layers: { en: "On the layers", vi: "Trên các lớp", ru: "На слоях" },
  heads: { en: "On the heads", vi: "Trên các đầu chú ý", ru: "На головах" },
  lists: {
    en: "On lists of tokens (lines, neurons, tokens)",
    vi: "Trên danh sách token (đường nối, nơ-ron, token)",
    ru: "В списках токенов (линии, нейроны, токены)",
  },
} satisfies Record<string, Text>;

/** What views do alike stands here too. */
export const DOES = {
  help: { en: "show this list", vi: "hiện danh sách này", ru: "показать этот список" },
  next: {
    en: "to the next control; Shift+Tab to the one before",
    vi: "tới điều khiển kế tiếp; Shift+Tab để lùi lại",
    ru: "к следующему элементу; Shift+Tab — к предыдущему",
  },
  leave: {
    en: "close what is open, let go of what is selected, leave the full window",
    vi: "đóng mục đang mở, bỏ chọn, thoát toàn cửa sổ",
    ru: "закрыть открытое, снять выбор, выйти из полного окна",
  },
  run: {
    en: "run the model on the text",
    vi: "chạy mô hình trên văn bản",
    ru: "запустить модель на тексте",
  },
  newLine: { en: "a new line", vi: "xuống dòng", ru: "новая строка" },
  revert: {
    en: "back to the text that is shown",
    vi: "trở lại văn bản đang hiện",
    ru: "вернуть показанный текст",
  },
  otherLayer: {
    en: "the layer before or after",
    vi: "lớp trước hoặc sau",
    ru: "предыдущий или следующий слой",
  },
  endLayer: {
    en: "the first or last layer",
    vi: "lớp đầu hoặc cuối",
    ru: "первый или последний слой",
  },
  otherHead: {
    en: "the head before or after, alone",
    vi: "chỉ đầu trước hoặc sau",
    ru: "только предыдущая или следующая голова",
  },
  addHead: {
    en: "add or take away the head before or after",
    vi: "thêm hoặc bớt đầu trước hoặc sau",
    ru: "добавить или убрать предыдущую или следующую голову",
  },
  walkHeads: {
    en: "move on without choosing",
    vi: "di chuyển mà không chọn",
    ru: "перейти, не выбирая",
  },
  toggleHead: {
    en: "add or take away this head",
    vi: "thêm hoặc bớt đầu này",
    ru: "добавить или убрать эту голову",
  },
  endHead: {
    en: "the first or last head, alone",
    vi: "chỉ đầu đầu tiên hoặc cuối cùng",
    ru: "только первая или последняя голова",
  },
  otherToken: {
    en: "select the token before or after",
    vi: "chọn token trước hoặc sau",
    ru: "выбрать предыдущий или следующий токен",
  },
  endToken: {
    en: "select the first or last token",
    vi: "chọn token đầu hoặc cuối",
    ru: "выбрать первый или последний токен",
  },
  toggleToken: {
    en: "let go of the token, or select it again",
    vi: "bỏ chọn token, hoặc chọn lại",
    ru: "отпустить токен или выбрать его снова",
  },
  otherCell: {
    en: "to the cell beside, above or below",
    vi: "tới ô bên cạnh, bên trên hoặc bên dưới",
    ru: "к соседней клетке",
  },
  endCell: {
    en: "to the first or last cell of the row",
    vi: "tới ô đầu hoặc cuối của hàng",
    ru: "к первой или последней клетке строки",
  },
  page: {
    en: "a page up or down",
    vi: "lên hoặc xuống một trang",
    ru: "на страницу вверх или вниз",
  },
  zoom: { en: "larger or smaller", vi: "phóng to hoặc thu nhỏ", ru: "крупнее или мельче" },
  fit: { en: "fit the whole", vi: "vừa khung", ru: "показать целиком" },
} satisfies Record<string, Text>;
