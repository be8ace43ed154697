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
    en: "go to the next control; Shift+Tab goes back",
    vi: "tới điều khiển tiếp theo; Shift+Tab để lùi lại",
    ru: "к следующему элементу; Shift+Tab — к предыдущему",
  },
  leave: {
    en: "close what is open, clear the selection, exit full window",
    vi: "đóng mục đang mở, bỏ chọn, thoát chế độ toàn cửa sổ",
    ru: "закрыть открытое, снять выбор, вернуть обычный размер",
  },
  nextView: {
    en: "in full window: show only the next or previous view",
    vi: "ở chế độ toàn cửa sổ: chỉ hiện khung nhìn sau hoặc trước",
    ru: "на всё окно: показать только следующую или предыдущую панель",
  },
  run: {
    en: "run the model on the text",
    vi: "chạy mô hình trên văn bản",
    ru: "запустить модель на тексте",
  },
  newLine: { en: "start a new line", vi: "xuống dòng", ru: "новая строка" },
  revert: {
    en: "restore the text that is shown",
    vi: "khôi phục văn bản đang hiện",
    ru: "вернуть показанный текст",
  },
  nextHead: {
    en: "show the next or previous head",
    vi: "hiện đầu chú ý sau hoặc trước",
    ru: "показать следующую или предыдущую голову",
  },
  nextLayer: {
    en: "show the next or previous layer",
    vi: "hiện lớp sau hoặc trước",
    ru: "показать следующий или предыдущий слой",
  },
  suggest: {
    en: "show the next suggested head, of the query and key that are selected where both are",
    vi: "hiện đầu chú ý được gợi ý tiếp theo, của truy vấn và khóa đang chọn nếu chọn cả hai",
    ru: "показать следующую предложенную голову; если выбраны запрос и ключ — для этой пары",
  },
  leaveOut: {
    en: "run the model without the selected heads or edge, and back to the model as it is",
    vi: "chạy mô hình mà không có các đầu hoặc cạnh đang chọn, và trở lại mô hình nguyên bản",
    ru: "запустить модель без выбранных голов или связи и вернуться к модели без изменений",
  },
  full: {
    en: "full window, and back",
    vi: "mở hoặc thoát chế độ toàn cửa sổ",
    ru: "развернуть на всё окно или вернуть обычный размер",
  },
  otherHead: {
    en: "select only the previous or next head",
    vi: "chỉ chọn đầu chú ý trước hoặc sau",
    ru: "выбрать только предыдущую или следующую голову",
  },
  addHead: {
    en: "add or remove the previous or next head",
    vi: "thêm hoặc bớt đầu chú ý trước hoặc sau",
    ru: "добавить или убрать предыдущую или следующую голову",
  },
  walkHeads: {
    en: "move without selecting",
    vi: "di chuyển mà không chọn",
    ru: "перейти, не выбирая",
  },
  toggleHead: {
    en: "add or remove this head",
    vi: "thêm hoặc bớt đầu chú ý này",
    ru: "добавить или убрать эту голову",
  },
  endHead: {
    en: "select only the first or last head",
    vi: "chỉ chọn đầu chú ý đầu tiên hoặc cuối cùng",
    ru: "выбрать только первую или последнюю голову",
  },
  otherToken: {
    en: "select the previous or next token",
    vi: "chọn token trước hoặc sau",
    ru: "выбрать предыдущий или следующий токен",
  },
  endToken: {
    en: "select the first or last token",
    vi: "chọn token đầu tiên hoặc cuối cùng",
    ru: "выбрать первый или последний токен",
  },
  toggleToken: {
    en: "deselect the token, or select it again",
    vi: "bỏ chọn token, hoặc chọn lại",
    ru: "снять выбор с токена или выбрать его снова",
  },
  otherCell: {
    en: "go to the next cell in that direction",
    vi: "tới ô kế bên theo hướng đó",
    ru: "к соседней клетке",
  },
  endCell: {
    en: "go to the first or last cell of the row",
    vi: "tới ô đầu tiên hoặc cuối cùng của hàng",
    ru: "к первой или последней клетке строки",
  },
  page: {
    en: "go a page up or down",
    vi: "lên hoặc xuống một trang",
    ru: "на страницу вверх или вниз",
  },
  zoom: { en: "zoom in or out", vi: "phóng to hoặc thu nhỏ", ru: "увеличить или уменьшить" },
  fit: { en: "show everything", vi: "hiện tất cả", ru: "показать всё" },
} satisfies Record<string, Text>;
