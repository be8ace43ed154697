/** What the tokens view says. */

import type { Help, Text } from "../../language/say";

export const TOKENS = {
  name: { en: "Tokens", vi: "Token", ru: "Токены" },
  title: { en: "Tokens and mask", vi: "Token và mặt nạ", ru: "Токены и маска" },
  help: {
    short: {
      en: "The tokens as the model received them, and the mask that it used in this layer, read from the forward pass itself.",
      vi: "Các token đúng như mô hình đã nhận, và mặt nạ mà mô hình đã dùng ở lớp này, đọc từ chính lượt truyền xuôi.",
      ru: "Токены такими, какими их получила модель, и маска, которую она применила в этом слое: она взята из самого прямого прохода.",
    },
    more: {
      en: "In the picture each row is a query and each column a key; a filled cell means that the query may attend to the key. The mask shows what a query may attend to, not what it did attend to, and neither shows what matters to the output. Hover or click a row or a cell to mark it in every view; arrow keys select the previous or next token. The column “piece” has each token as the tokenizer's vocabulary writes it: ## continues a word, Ġ and ▁ begin one after a space, <0x…> is one byte. When words are chosen, a row is a word with its pieces, and a word may attend to another where any of its tokens may. Zoom the picture with Ctrl and the wheel, a pinch or a double click; drag to move.",
      vi: "Trong hình, mỗi hàng là một truy vấn, mỗi cột là một khóa; ô được tô nghĩa là truy vấn có thể chú ý tới khóa. Mặt nạ cho biết truy vấn có thể chú ý tới đâu, không phải đã chú ý tới đâu, và cả hai đều không cho biết điều gì quan trọng đối với đầu ra. Rê chuột hoặc nhấp vào hàng hay ô để đánh dấu ở mọi khung nhìn; phím mũi tên chọn token trước hoặc sau. Cột “mảnh” ghi token đúng như trong từ vựng của bộ tách token: ## nối tiếp một từ, Ġ và ▁ bắt đầu một từ sau dấu cách, <0x…> là một byte. Khi chọn xem theo từ, mỗi hàng là một từ cùng các mảnh của nó, và một từ có thể chú ý tới từ khác nếu có token nào của nó có thể. Phóng to hình bằng Ctrl và con lăn, chụm hai ngón hoặc nhấp đúp; kéo để di chuyển.",
      ru: "На рисунке строка — запрос, столбец — ключ; закрашенная клетка означает, что запрос может смотреть на ключ. Маска показывает, куда запрос мог смотреть, а не куда смотрел, и ни то ни другое не показывает, что важно для результата. Наведите курсор на строку или клетку либо щёлкните, чтобы отметить её во всех панелях; стрелки выбирают предыдущий или следующий токен. В столбце «в словаре» токен записан так, как в словаре токенизатора: ## продолжает слово, Ġ и ▁ начинают слово после пробела, <0x…> — один байт. Если выбраны слова, строка — это слово с его частями, и слово может смотреть на другое, если это может хоть один его токен. Масштаб рисунка — Ctrl и колесо, щипок или двойной щелчок; сдвиг — перетаскиванием.",
    },
  },
  table: { en: "Tokens", vi: "Các token", ru: "Токены" },
  queries: {
    en: { one: "Queries: {n} token", other: "Queries: {n} tokens" },
    vi: "Truy vấn: {n} token",
    ru: {
      one: "Запросы: {n} токен",
      few: "Запросы: {n} токена",
      other: "Запросы: {n} токенов",
    },
  },
  keys: {
    en: { one: "Keys: {n} token", other: "Keys: {n} tokens" },
    vi: "Khóa: {n} token",
    ru: {
      one: "Ключи: {n} токен",
      few: "Ключи: {n} токена",
      other: "Ключи: {n} токенов",
    },
  },
  queriesInPassages: {
    en: { one: "Queries: {n} passage", other: "Queries: {n} passages" },
    vi: "Truy vấn: {n} đoạn",
    ru: {
      one: "Запросы: {n} отрывок",
      few: "Запросы: {n} отрывка",
      other: "Запросы: {n} отрывков",
    },
  },
  keysInPassages: {
    en: { one: "Keys: {n} passage", other: "Keys: {n} passages" },
    vi: "Khóa: {n} đoạn",
    ru: { one: "Ключи: {n} отрывок", few: "Ключи: {n} отрывка", other: "Ключи: {n} отрывков" },
  },
  queriesInWords: {
    en: { one: "Queries: {n} word", other: "Queries: {n} words" },
    vi: "Truy vấn: {n} từ",
    ru: { one: "Запросы: {n} слово", few: "Запросы: {n} слова", other: "Запросы: {n} слов" },
  },
  keysInWords: {
    en: { one: "Keys: {n} word", other: "Keys: {n} words" },
    vi: "Khóa: {n} từ",
    ru: { one: "Ключи: {n} слово", few: "Ключи: {n} слова", other: "Ключи: {n} слов" },
  },
  index: { en: "index", vi: "chỉ số", ru: "№" },
  token: { en: "token", vi: "token", ru: "токен" },
  piece: { en: "piece", vi: "mảnh", ru: "в словаре" },
  pieceTitle: {
    en: "As the tokenizer's vocabulary writes it: ## continues a word, Ġ and ▁ begin one after a space, <0x…> is one byte",
    vi: "Đúng như trong từ vựng của bộ tách token: ## nối tiếp một từ, Ġ và ▁ bắt đầu một từ sau dấu cách, <0x…> là một byte",
    ru: "Как в словаре токенизатора: ## продолжает слово, Ġ и ▁ начинают слово после пробела, <0x…> — один байт",
  },
  text: { en: "exact text", vi: "nguyên văn", ru: "текст" },
  id: { en: "id", vi: "id", ru: "id" },
  word: { en: "word", vi: "từ", ru: "слово" },
  segment: { en: "segment", vi: "đoạn", ru: "сегмент" },
  role: { en: "role", vi: "vai trò", ru: "роль" },
  padding: { en: "padding", vi: "padding", ru: "padding" },
  special: { en: "special", vi: "đặc biệt", ru: "спец." },
  seen: { en: "seen", vi: "thấy", ru: "виден" },
  seenTitle: {
    en: "Whether the mask of this layer lets any query attend to the token",
    vi: "Mặt nạ của lớp này có cho truy vấn nào chú ý tới token không",
    ru: "Позволяет ли маска этого слоя хоть одному запросу смотреть на токен",
  },
  offsets: { en: "offsets", vi: "vị trí", ru: "позиции" },
  offsetsTitle: {
    en: "Characters of the text, from the first up to the second number",
    vi: "Các ký tự của văn bản, từ số thứ nhất đến trước số thứ hai",
    ru: "Символы текста: от первого числа до второго, не включая его",
  },
  step: { en: "step", vi: "bước", ru: "шаг" },
  probability: { en: "probability", vi: "xác suất", ru: "вероятность" },
  time: { en: "time", vi: "thời gian", ru: "время" },
  box: { en: "box", vi: "vùng ảnh", ru: "рамка" },
  yes: { en: "yes", vi: "có", ru: "да" },
  no: { en: "no", vi: "không", ru: "нет" },
  copy: { en: "Copy as TSV", vi: "Sao chép dạng TSV", ru: "Копировать как TSV" },
  copied: {
    en: { one: "{n} row copied.", other: "{n} rows copied." },
    vi: "Đã sao chép {n} hàng.",
    ru: {
      one: "Скопирована {n} строка.",
      few: "Скопировано {n} строки.",
      other: "Скопировано {n} строк.",
    },
  },
  notCopied: {
    en: "This page is not allowed to write to the clipboard.",
    vi: "Trang này không được phép ghi vào bảng nhớ tạm.",
    ru: "Этой странице запрещено писать в буфер обмена.",
  },
  picture: {
    en: "Mask: rows are queries, columns are keys; arrow keys change the query and the key",
    vi: "Mặt nạ: hàng là truy vấn, cột là khóa; phím mũi tên đổi truy vấn và khóa",
    ru: "Маска: строки — запросы, столбцы — ключи; стрелки меняют запрос и ключ",
  },
  maskOf: {
    en: "Mask of layer {layer}",
    vi: "Mặt nạ của lớp {layer}",
    ru: "Маска слоя {layer}",
  },
  ofHead: { en: "head {head}", vi: "đầu {head}", ru: "голова {head}" },
  keyAxis: { en: "keys", vi: "khóa", ru: "ключи" },
  queryAxis: { en: "queries", vi: "truy vấn", ru: "запросы" },
  canSee: { en: "may attend", vi: "có thể chú ý", ru: "может смотреть" },
  cannotSee: { en: "hidden by the mask", vi: "bị mặt nạ che", ru: "скрыто маской" },
  hasWeight: { en: "weight above 0", vi: "trọng số lớn hơn 0", ru: "вес больше 0" },
  hasNone: {
    en: "weight 0 in every head",
    vi: "trọng số 0 ở mọi đầu",
    ru: "вес 0 во всех головах",
  },
  seesKeys: {
    en: "sees {n} of {of} keys",
    vi: "thấy {n}/{of} khóa",
    ru: {
      one: "видит {n} ключ из {of}",
      few: "видит {n} ключа из {of}",
      other: "видит {n} ключей из {of}",
    },
  },
  seenByQueries: {
    en: "seen by {n} of {of} queries",
    vi: "được {n}/{of} truy vấn thấy",
    ru: {
      one: "виден {n} запросу из {of}",
      few: "виден {n} запросам из {of}",
      other: "виден {n} запросам из {of}",
    },
  },
} satisfies Record<string, Text | Help>;

/** What the list of shortcuts says. */
export const MASK_KEYS = {
  where: { en: "On the picture of the mask", vi: "Trên hình mặt nạ", ru: "На рисунке маски" },
  otherPair: {
    en: "select the query above or below, or the key beside",
    vi: "chọn truy vấn bên trên hoặc bên dưới, hoặc khóa bên cạnh",
    ru: "выбрать запрос выше или ниже либо соседний ключ",
  },
  endKey: {
    en: "select the first or last key",
    vi: "chọn khóa đầu tiên hoặc cuối cùng",
    ru: "выбрать первый или последний ключ",
  },
} satisfies Record<string, Text>;
