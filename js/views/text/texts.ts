/** What the text view says. */

import type { Help, Text } from "../../language/say";

export const TEXT = {
  name: { en: "Text", vi: "Văn bản", ru: "Текст" },
  needs: {
    en: "hidden states (export with the text view shown)",
    vi: "trạng thái ẩn (hãy xuất khi khung nhìn văn bản đang hiện)",
    ru: "скрытые состояния (экспортируйте, когда показана панель текста)",
  },
  title: { en: "Text", vi: "Văn bản", ru: "Текст" },
  help: {
    short: {
      en: "The colour of a word shows its score; click a word to pin it and see how similar the others are to it.",
      vi: "Màu của một từ cho biết điểm số của nó; nhấp vào một từ để ghim và xem các từ khác giống nó đến mức nào.",
      ru: "Цвет слова показывает его оценку; щёлкните слово, чтобы закрепить его и увидеть, насколько похожи на него остальные.",
    },
    more: {
      en: "Click a word to pin it: every other word is then coloured by its cosine to it; click it again to unpin it and see what was shown before. Alt with a click selects a word without pinning it. Ctrl, ⌘ or Shift with a click pins one more: each word then takes the colour of the nearest pin, or shows the cosine to the mean of the pins. A click pins while attention is shown too, except where it goes to another text: there the attention of the word that is clicked is shown. With the keyboard: arrow keys move, Enter pins, Shift+Enter pins one more, Escape clears the selection and unpins, / searches. The vectors are the rows of the model's embedding table (the same wherever a word stands), the token embeddings that enter the first layer, or the output of the selected layer; for a word of several tokens they are the mean of its vectors, the sum of the attention that its tokens receive, and the mean of the attention that they give. Removal and integrated gradients say what each word has to do with what the model predicts at the selected token: there a click selects that token. Words that the model generated have a dotted underline. High attention does not mean that a word matters to the output.",
      vi: "Nhấp vào một từ để ghim: mọi từ khác được tô theo cosin với nó; nhấp lần nữa để bỏ ghim và xem lại màu trước đó. Giữ Alt khi nhấp để chọn một từ mà không ghim. Giữ Ctrl, ⌘ hoặc Shift khi nhấp để ghim thêm: khi đó mỗi từ mang màu của từ ghim gần nó nhất, hoặc hiện cosin với trung bình các từ ghim. Khi đang hiện chú ý, nhấp vẫn là ghim, trừ khi chú ý hướng tới văn bản khác: khi đó hiện chú ý của từ được nhấp. Bằng bàn phím: phím mũi tên để di chuyển, Enter để ghim, Shift+Enter để ghim thêm, Escape để bỏ chọn và bỏ ghim, / để tìm. Vectơ là các hàng của bảng vectơ nhúng của mô hình (như nhau ở mọi vị trí của từ), vectơ nhúng token đi vào lớp đầu tiên, hoặc đầu ra của lớp đang chọn; một từ gồm nhiều token được tính bằng trung bình các vectơ của nó, tổng chú ý mà các token nhận và trung bình chú ý mà chúng gửi đi. Loại bỏ và gradient tích hợp cho biết mỗi từ liên quan thế nào tới dự đoán của mô hình tại token đang chọn: khi đó nhấp là chọn token ấy. Từ do mô hình sinh ra có đường chấm bên dưới. Chú ý cao không có nghĩa là từ quan trọng đối với đầu ra.",
      ru: "Щёлкните слово, чтобы закрепить его: остальные слова раскрашиваются по косинусу к нему; щёлкните ещё раз, чтобы открепить его и вернуть прежние цвета. Щелчок с Alt выбирает слово, не закрепляя его. Щелчок с Ctrl, ⌘ или Shift закрепляет ещё одно: тогда каждое слово получает цвет ближайшего к нему закреплённого, или показывается косинус к среднему закреплённых. Щелчок закрепляет и тогда, когда показано внимание, кроме внимания к другому тексту: там показывается внимание слова, по которому щёлкнули. С клавиатуры: стрелки — переход, Enter — закрепить, Shift+Enter — закрепить ещё, Escape — снять выбор и открепить, / — поиск. Векторы — строки таблицы эмбеддингов модели (одни и те же, где бы слово ни стояло), эмбеддинги токенов на входе первого слоя или выход выбранного слоя; для слова из нескольких токенов берутся среднее их векторов, сумма внимания, которое они получают, и среднее внимания, которое они отдают. Удаление и интегрированные градиенты показывают, как каждое слово связано с предсказанием модели на выбранном токене: здесь щелчок выбирает этот токен. Сгенерированные моделью слова подчёркнуты точками. Высокое внимание не означает, что слово важно для результата.",
    },
  },
  region: {
    en: "Text; arrow keys select the previous or next word or token, Enter pins it, Shift+Enter pins one more",
    vi: "Văn bản; phím mũi tên chọn từ hoặc token trước hoặc sau, Enter để ghim, Shift+Enter để ghim thêm",
    ru: "Текст; стрелки выбирают предыдущее или следующее слово (токен), Enter закрепляет, Shift+Enter закрепляет ещё одно",
  },
  fold: {
    en: { one: "{n} token of the chat template", other: "{n} tokens of the chat template" },
    vi: "{n} token của mẫu hội thoại",
    ru: {
      one: "{n} токен шаблона чата",
      few: "{n} токена шаблона чата",
      other: "{n} токенов шаблона чата",
    },
  },
  image: { en: "The image", vi: "Hình ảnh", ru: "Изображение" },
  encoder: { en: "encoder", vi: "bộ mã hóa", ru: "энкодер" },
  decoder: { en: "decoder", vi: "bộ giải mã", ru: "декодер" },
  generated: {
    en: "decoder, generated by the model",
    vi: "bộ giải mã, do mô hình sinh ra",
    ru: "декодер, сгенерировано моделью",
  },

  // pins
  pins: { en: "Pinned", vi: "Đã ghim", ru: "Закреплено" },
  letGo: { en: "Unpin {name}", vi: "Bỏ ghim {name}", ru: "Открепить {name}" },

  // search
  search: { en: "Search the text", vi: "Tìm trong văn bản", ru: "Поиск по тексту" },
  searchHint: { en: "Search", vi: "Tìm", ru: "Поиск" },
  found: { en: "{place} of {n}", vi: "{place} trong số {n}", ru: "{place} из {n}" },
  notFound: { en: "not found", vi: "không tìm thấy", ru: "не найдено" },
  next: {
    en: "Next match (Enter)",
    vi: "Kết quả sau (Enter)",
    ru: "Следующее совпадение (Enter)",
  },
  previous: {
    en: "Previous match (Shift+Enter)",
    vi: "Kết quả trước (Shift+Enter)",
    ru: "Предыдущее совпадение (Shift+Enter)",
  },

  // beside the mouse
  place: {
    en: { one: "token {places}", other: "tokens {places}" },
    vi: { other: "token {places}" },
    ru: { "=1": "токен {places}", other: "токены {places}" },
  },
  cosineTo: { en: "cosine to {name}", vi: "cosin với {name}", ru: "косинус к {name}" },
} satisfies Record<string, Text | Help>;

/** What the list of shortcuts says. */
export const TEXT_KEYS = {
  where: { en: "In the coloured text", vi: "Trong văn bản tô màu", ru: "В раскрашенном тексте" },
  otherUnit: {
    en: "select the previous or next word or token",
    vi: "chọn từ hoặc token trước hoặc sau",
    ru: "выбрать предыдущее или следующее слово (токен)",
  },
  pin: {
    en: "pin the selected word or token, or unpin it",
    vi: "ghim từ hoặc token đang chọn, hoặc bỏ ghim",
    ru: "закрепить выбранное слово (токен) или открепить",
  },
  endUnit: {
    en: "select the first or last word or token",
    vi: "chọn từ hoặc token đầu tiên hoặc cuối cùng",
    ru: "выбрать первое или последнее слово (токен)",
  },
  pinMore: {
    en: "pin one more, or unpin it",
    vi: "ghim thêm, hoặc bỏ ghim",
    ru: "закрепить ещё одно или открепить",
  },
  search: { en: "search the text", vi: "tìm trong văn bản", ru: "искать в тексте" },
  unpin: {
    en: "clear the selection and unpin all",
    vi: "bỏ chọn và bỏ ghim tất cả",
    ru: "снять выбор и открепить всё",
  },
} satisfies Record<string, Text>;
