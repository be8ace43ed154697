/** What the text view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";
import type { Measure } from "../../trace/options";

export const MEASURE: Record<Measure, Text> = {
  norm: { en: "L2 norm", vi: "chuẩn L2", ru: "L2-норма" },
  previous_cosine: {
    en: "cosine to the one before",
    vi: "cosin với đơn vị đứng trước",
    ru: "косинус к предыдущему",
  },
  pinned_cosine: {
    en: "cosine to the pinned",
    vi: "cosin với từ ghim",
    ru: "косинус к закреплённому",
  },
  attention_from: {
    en: "attention from the selected token",
    vi: "chú ý từ token đang chọn",
    ru: "внимание от выбранного токена",
  },
  attention_received: {
    en: "attention received",
    vi: "chú ý nhận được",
    ru: "полученное внимание",
  },
};

export const TEXT_OPTIONS: OptionTexts<"text"> = {
  measure: {
    label: { en: "Colour", vi: "Màu theo", ru: "Цвет" },
    values: MEASURE,
  },
  space: {
    label: { en: "Vectors", vi: "Vectơ", ru: "Векторы" },
    values: {
      embeddings: { en: "token embeddings", vi: "nhúng token", ru: "эмбеддинги токенов" },
      hidden_states: { en: "layer output", vi: "đầu ra của lớp", ru: "выход слоя" },
    },
  },
  colour_map: {
    label: { en: "Palette", vi: "Bảng màu", ru: "Палитра" },
    values: {
      purple: { en: "purple", vi: "tím", ru: "фиолетовая" },
      viridis: { en: "viridis", vi: "viridis", ru: "viridis" },
      cividis: { en: "cividis", vi: "cividis", ru: "cividis" },
      grey: { en: "grey", vi: "xám", ru: "серая" },
      diverging: { en: "diverging about 0", vi: "phân kỳ quanh 0", ru: "расходящаяся от 0" },
    },
  },
};

export const PIN_OPTIONS: OptionTexts<"pins"> = {
  pin_mode: {
    label: { en: "Pins", vi: "Ghim", ru: "Закреплённые" },
    values: {
      each: { en: "each its own hue", vi: "mỗi ghim một màu", ru: "каждое своим цветом" },
      mean: { en: "their mean", vi: "trung bình", ru: "их среднее" },
    },
  },
};

export const TEXT = {
  name: { en: "Text", vi: "Văn bản", ru: "Текст" },
  needs: {
    en: "hidden states (export it while the text view is shown)",
    vi: "trạng thái ẩn (hãy xuất khi khung văn bản đang hiện)",
    ru: "скрытые состояния (экспортируйте, когда показан текст)",
  },
  title: { en: "Text", vi: "Văn bản", ru: "Текст" },
  help: {
    en: "The text, coloured by a score. Click a word to pin it: every other word is then coloured by its cosine to it; click it again to let go. Ctrl, ⌘ or Shift with a click pins one more: each word then takes the colour of the pin it is nearest to, or the cosine to the mean of the pins is shown. Where attention from a token is shown, a click selects the word that receives it, and a click on the token itself lets go. With the keyboard: arrows walk, Enter pins, Shift+Enter pins one more, Escape lets go. Vectors are the token embeddings or the output of the selected layer; a word of several tokens counts with the mean of its vectors, with the sum of the attention its tokens receive and the mean of what they give. Words that the model wrote itself have a dotted line below. High attention does not prove that a word mattered for the result.",
    vi: "Văn bản được tô màu theo một điểm số. Nhấp vào một từ để ghim: mọi từ khác được tô theo cosin với nó; nhấp lần nữa để bỏ ghim. Giữ Ctrl, ⌘ hoặc Shift khi nhấp để ghim thêm: khi đó mỗi từ mang màu của từ ghim gần nó nhất, hoặc hiện cosin với trung bình các từ ghim. Khi đang hiện chú ý từ một token, nhấp sẽ chọn từ nhận chú ý, còn nhấp vào chính token đó sẽ bỏ chọn. Bằng bàn phím: phím mũi tên để di chuyển, Enter để ghim, Shift+Enter để ghim thêm, Escape để bỏ ghim. Vectơ là nhúng token hoặc đầu ra của lớp đang chọn; một từ gồm nhiều token được tính bằng trung bình các vectơ của nó, tổng chú ý mà các token nhận và trung bình chú ý mà chúng gửi đi. Từ do chính mô hình viết có đường chấm bên dưới. Chú ý cao không chứng tỏ rằng từ đó quan trọng đối với kết quả.",
    ru: "Текст, раскрашенный по оценке. Щёлкните слово, чтобы закрепить его: остальные слова раскрашиваются по косинусу к нему; щёлкните ещё раз, чтобы отпустить. Щелчок с Ctrl, ⌘ или Shift закрепляет ещё одно: тогда каждое слово получает цвет ближайшего к нему закреплённого, или показывается косинус к среднему закреплённых. Если показано внимание от токена, щелчок выбирает слово, которое его получает, а щелчок по самому токену отпускает его. С клавиатуры: стрелки — переход, Enter — закрепить, Shift+Enter — закрепить ещё, Escape — отпустить. Векторы — эмбеддинги токенов или выход выбранного слоя; слово из нескольких токенов учитывается средним своих векторов, суммой полученного токенами внимания и средним отданного. Слова, которые написала сама модель, подчёркнуты точками. Большое внимание не доказывает, что слово было важно для результата.",
  },
  region: {
    en: "Text; arrow keys move from one unit to the next, Enter pins it, Shift+Enter pins one more",
    vi: "Văn bản; phím mũi tên để di chuyển giữa các đơn vị, Enter để ghim, Shift+Enter để ghim thêm",
    ru: "Текст; стрелки переходят от одной единицы к другой, Enter закрепляет, Shift+Enter закрепляет ещё одну",
  },
  image: { en: "The image", vi: "Hình ảnh", ru: "Изображение" },
  encoder: { en: "encoder", vi: "bộ mã hóa", ru: "кодировщик" },
  decoder: { en: "decoder", vi: "bộ giải mã", ru: "декодировщик" },
  generated: {
    en: "decoder, generated by the model",
    vi: "bộ giải mã, do mô hình sinh ra",
    ru: "декодировщик, создано моделью",
  },

  // controls
  paletteOfPins: {
    en: "Each pin has its own colour now",
    vi: "Hiện mỗi từ ghim có màu riêng",
    ru: "Сейчас у каждого закреплённого свой цвет",
  },

  // pins
  pins: { en: "Pinned", vi: "Đã ghim", ru: "Закреплено" },
  letGo: { en: "Let go of {name}", vi: "Bỏ ghim {name}", ru: "Отпустить {name}" },

  // search
  search: { en: "Search the text", vi: "Tìm trong văn bản", ru: "Поиск по тексту" },
  searchHint: { en: "Search", vi: "Tìm", ru: "Поиск" },
  found: { en: "{place} of {n}", vi: "{place} trên {n}", ru: "{place} из {n}" },
  notFound: { en: "not found", vi: "không thấy", ru: "не найдено" },
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
} satisfies Record<string, Text>;

/** What is counted and clicked: words or tokens of a text, patches of an image, frames of sound. */
export const UNIT = {
  word: {
    clickToPin: {
      en: "Click a word to pin it.",
      vi: "Nhấp vào một từ để ghim.",
      ru: "Щёлкните слово, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the word before ({vectors}); the first has none",
      vi: "Cosin với từ đứng trước ({vectors}); từ đầu tiên không có",
      ru: "Косинус к предыдущему слову ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} word", other: "NaN at {n} words" },
      vi: { other: "NaN ở {n} từ" },
      ru: {
        one: "NaN у {n} слова",
        few: "NaN у {n} слов",
        many: "NaN у {n} слов",
        other: "NaN у {n} слова",
      },
    },
  },
  token: {
    clickToPin: {
      en: "Click a token to pin it.",
      vi: "Nhấp vào một token để ghim.",
      ru: "Щёлкните токен, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the token before ({vectors}); the first has none",
      vi: "Cosin với token đứng trước ({vectors}); token đầu tiên không có",
      ru: "Косинус к предыдущему токену ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} token", other: "NaN at {n} tokens" },
      vi: { other: "NaN ở {n} token" },
      ru: {
        one: "NaN у {n} токена",
        few: "NaN у {n} токенов",
        many: "NaN у {n} токенов",
        other: "NaN у {n} токена",
      },
    },
  },
  patch: {
    clickToPin: {
      en: "Click a patch to pin it.",
      vi: "Nhấp vào một mảnh ảnh để ghim.",
      ru: "Щёлкните фрагмент, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the patch before ({vectors}); the first has none",
      vi: "Cosin với mảnh ảnh đứng trước ({vectors}); mảnh đầu tiên không có",
      ru: "Косинус к предыдущему фрагменту ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} patch", other: "NaN at {n} patches" },
      vi: { other: "NaN ở {n} mảnh ảnh" },
      ru: {
        one: "NaN у {n} фрагмента",
        few: "NaN у {n} фрагментов",
        many: "NaN у {n} фрагментов",
        other: "NaN у {n} фрагмента",
      },
    },
  },
  frame: {
    clickToPin: {
      en: "Click a frame to pin it.",
      vi: "Nhấp vào một khung âm thanh để ghim.",
      ru: "Щёлкните кадр, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the frame before ({vectors}); the first has none",
      vi: "Cosin với khung đứng trước ({vectors}); khung đầu tiên không có",
      ru: "Косинус к предыдущему кадру ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} frame", other: "NaN at {n} frames" },
      vi: { other: "NaN ở {n} khung" },
      ru: {
        one: "NaN у {n} кадра",
        few: "NaN у {n} кадров",
        many: "NaN у {n} кадров",
        other: "NaN у {n} кадра",
      },
    },
  },
} satisfies Record<string, Record<string, Text>>;

/** The line below the text. */
export const NOTE = {
  quoted: { en: "“{name}”", vi: "“{name}”", ru: "«{name}»" },
  embeddings: { en: "token embeddings", vi: "nhúng token", ru: "эмбеддинги токенов" },
  layerOutput: {
    en: "output of layer {layer}",
    vi: "đầu ra của lớp {layer}",
    ru: "выход слоя {layer}",
  },
  ofDecoder: {
    en: "{vectors} of the decoder",
    vi: "{vectors} của bộ giải mã",
    ru: "{vectors}, декодировщик",
  },
  norm: { en: "L2 norm ({vectors})", vi: "Chuẩn L2 ({vectors})", ru: "L2-норма ({vectors})" },
  cosineToOne: {
    en: "Cosine to {name} ({vectors})",
    vi: "Cosin với {name} ({vectors})",
    ru: "Косинус к {name} ({vectors})",
  },
  cosineToNearest: {
    en: "Cosine to the nearest of {names} ({vectors})",
    vi: "Cosin với từ ghim gần nhất trong số {names} ({vectors})",
    ru: "Косинус к ближайшему из {names} ({vectors})",
  },
  cosineToMean: {
    en: "Cosine to the mean of the vectors of {names} ({vectors})",
    vi: "Cosin với trung bình các vectơ của {names} ({vectors})",
    ru: "Косинус к среднему векторов {names} ({vectors})",
  },
  cosinesOf: {
    en: "{name}: {cosines}.",
    vi: "{name}: {cosines}.",
    ru: "{name}: {cosines}.",
  },
  again: {
    en: "Ctrl, ⌘ or Shift with a click pins one more.",
    vi: "Giữ Ctrl, ⌘ hoặc Shift khi nhấp để ghim thêm.",
    ru: "Щелчок с Ctrl, ⌘ или Shift закрепляет ещё.",
  },
  select: {
    en: "Select a token in any view to see what it attends to.",
    vi: "Chọn một token ở bất kỳ khung nào để xem nó chú ý đến đâu.",
    ru: "Выберите токен в любом виде, чтобы увидеть, на что он обращает внимание.",
  },
  from: {
    en: "Attention from {name}, layer {layer}, {heads}",
    vi: "Chú ý từ {name}, lớp {layer}, {heads}",
    ru: "Внимание от {name}, слой {layer}, {heads}",
  },
  received: {
    en: "Attention received, mean over all query tokens, layer {layer}, {heads}",
    vi: "Chú ý nhận được, trung bình trên mọi token truy vấn, lớp {layer}, {heads}",
    ru: "Полученное внимание, среднее по всем токенам запроса, слой {layer}, {heads}",
  },
  receivedByWords: {
    en: "Attention received, mean over all query words, layer {layer}, {heads}",
    vi: "Chú ý nhận được, trung bình trên mọi từ truy vấn, lớp {layer}, {heads}",
    ru: "Полученное внимание, среднее по всем словам запроса, слой {layer}, {heads}",
  },
  noHead: { en: "no head selected", vi: "chưa chọn đầu nào", ru: "голова не выбрана" },
  sink: { en: "sink {weight}", vi: "bồn hút {weight}", ru: "сток {weight}" },
  within: { en: "within {window}", vi: "trong {window}", ru: "в пределах {window}" },
  special: {
    en: "special tokens are not coloured",
    vi: "token đặc biệt không được tô màu",
    ru: "специальные токены не раскрашены",
  },
  lacking: {
    en: "Norms and cosines need hidden states, and only the attention is known here: choose attention as the colour.",
    vi: "Chuẩn và cosin cần trạng thái ẩn, mà ở đây chỉ biết chú ý: hãy chọn chú ý làm màu.",
    ru: "Нормам и косинусам нужны скрытые состояния, а здесь известно только внимание: выберите цвет по вниманию.",
  },
} satisfies Record<string, Text>;

/** What the list of shortcuts says. */
export const TEXT_KEYS = {
  where: { en: "In the coloured text", vi: "Trong văn bản tô màu", ru: "В раскрашенном тексте" },
  otherUnit: {
    en: "select the word or token before or after",
    vi: "chọn từ hoặc token trước hoặc sau",
    ru: "выбрать предыдущее или следующее слово (токен)",
  },
  pin: {
    en: "pin what is selected, or let go of it",
    vi: "ghim mục đang chọn, hoặc bỏ ghim",
    ru: "закрепить выбранное или отпустить",
  },
  endUnit: {
    en: "select the first or last word or token",
    vi: "chọn từ hoặc token đầu hay cuối",
    ru: "выбрать первое или последнее слово (токен)",
  },
  pinMore: {
    en: "pin one more, or let go of it",
    vi: "ghim thêm, hoặc bỏ ghim",
    ru: "закрепить ещё одно или отпустить",
  },
  unpin: {
    en: "let go of selection and pin",
    vi: "bỏ chọn và bỏ ghim",
    ru: "снять выбор и закрепление",
  },
} satisfies Record<string, Text>;
