/** What the text view says. */

import type { Help, Text } from "../../language/say";
import { HEADS } from "../../language/texts/heads";

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

/** What is counted and clicked: words or tokens of a text, patches of an image, frames of sound. */
export const UNIT = {
  passage: {
    clickToPin: {
      en: "Click a passage to pin it.",
      vi: "Nhấp vào một đoạn để ghim.",
      ru: "Щёлкните отрывок, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the previous passage ({vectors}); the first has none",
      vi: "Cosin với đoạn đứng trước ({vectors}); đoạn đầu tiên không có",
      ru: "Косинус к предыдущему отрывку ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} passage", other: "NaN at {n} passages" },
      vi: { other: "NaN ở {n} đoạn" },
      ru: { one: "NaN у {n} отрывка", few: "NaN у {n} отрывков", other: "NaN у {n} отрывков" },
    },
  },
  word: {
    clickToPin: {
      en: "Click a word to pin it.",
      vi: "Nhấp vào một từ để ghim.",
      ru: "Щёлкните слово, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the previous word ({vectors}); the first has none",
      vi: "Cosin với từ đứng trước ({vectors}); từ đầu tiên không có",
      ru: "Косинус к предыдущему слову ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} word", other: "NaN at {n} words" },
      vi: { other: "NaN ở {n} từ" },
      ru: {
        one: "NaN у {n} слова",
        few: "NaN у {n} слов",
        other: "NaN у {n} слов",
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
      en: "Cosine to the previous token ({vectors}); the first has none",
      vi: "Cosin với token đứng trước ({vectors}); token đầu tiên không có",
      ru: "Косинус к предыдущему токену ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} token", other: "NaN at {n} tokens" },
      vi: { other: "NaN ở {n} token" },
      ru: {
        one: "NaN у {n} токена",
        few: "NaN у {n} токенов",
        other: "NaN у {n} токенов",
      },
    },
  },
  patch: {
    clickToPin: {
      en: "Click a patch to pin it.",
      vi: "Nhấp vào một mảnh ảnh để ghim.",
      ru: "Щёлкните патч, чтобы закрепить его.",
    },
    before: {
      en: "Cosine to the previous patch ({vectors}); the first has none",
      vi: "Cosin với mảnh ảnh đứng trước ({vectors}); mảnh ảnh đầu tiên không có",
      ru: "Косинус к предыдущему патчу ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} patch", other: "NaN at {n} patches" },
      vi: { other: "NaN ở {n} mảnh ảnh" },
      ru: {
        one: "NaN у {n} патча",
        few: "NaN у {n} патчей",
        other: "NaN у {n} патчей",
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
      en: "Cosine to the previous frame ({vectors}); the first has none",
      vi: "Cosin với khung âm thanh đứng trước ({vectors}); khung âm thanh đầu tiên không có",
      ru: "Косинус к предыдущему кадру ({vectors}); у первого его нет",
    },
    lost: {
      en: { one: "NaN at {n} frame", other: "NaN at {n} frames" },
      vi: { other: "NaN ở {n} khung âm thanh" },
      ru: {
        one: "NaN у {n} кадра",
        few: "NaN у {n} кадров",
        other: "NaN у {n} кадров",
      },
    },
  },
} satisfies Record<string, Record<string, Text>>;

/** The line below the text. */
export const NOTE = {
  wordEmbeddings: {
    en: "rows of the embedding table",
    vi: "các hàng của bảng vectơ nhúng",
    ru: "строки таблицы эмбеддингов",
  },
  minMax: {
    en: "colours from the smallest score to the largest",
    vi: "màu từ điểm số nhỏ nhất đến lớn nhất",
    ru: "цвета от наименьшей оценки до наибольшей",
  },
  embeddings: { en: "token embeddings", vi: "vectơ nhúng token", ru: "эмбеддинги токенов" },
  layerOutput: {
    en: "output of layer {layer}",
    vi: "đầu ra của lớp {layer}",
    ru: "выход слоя {layer}",
  },
  ofDecoder: {
    en: "{vectors} of the decoder",
    vi: "{vectors} của bộ giải mã",
    ru: "{vectors}, декодер",
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
  select: {
    en: "Select a token in any view to see what it attends to.",
    vi: "Chọn một token ở bất kỳ khung nhìn nào để xem nó chú ý tới đâu.",
    ru: "Выберите токен в любой панели, чтобы увидеть, на что он смотрит.",
  },
  selectMeasured: {
    en: "Select a token in any view to see {measure} from there.",
    vi: "Chọn một token ở bất kỳ khung nhìn nào để xem {measure} từ đó.",
    ru: "Выберите токен в любой панели, чтобы увидеть меру {measure} от него.",
  },
  from: {
    en: "Attention from {name}, layer {layer}, {heads}",
    vi: "Chú ý từ {name}, lớp {layer}, {heads}",
    ru: "Внимание от {name}, слой {layer}, {heads}",
  },
  received: {
    en: "Attention received, mean over all query tokens, layer {layer}, {heads}",
    vi: "Chú ý nhận được, trung bình trên mọi token truy vấn, lớp {layer}, {heads}",
    ru: "Полученное внимание, среднее по всем токенам-запросам, слой {layer}, {heads}",
  },
  receivedByWords: {
    en: "Attention received, mean over all query words, layer {layer}, {heads}",
    vi: "Chú ý nhận được, trung bình trên mọi từ truy vấn, lớp {layer}, {heads}",
    ru: "Полученное внимание, среднее по всем словам-запросам, слой {layer}, {heads}",
  },
  receivedByPassages: {
    en: "Attention received, mean over all query passages, layer {layer}, {heads}",
    vi: "Chú ý nhận được, trung bình trên mọi đoạn truy vấn, lớp {layer}, {heads}",
    ru: "Полученное внимание, среднее по всем отрывкам-запросам, слой {layer}, {heads}",
  },
  noHead: HEADS.none,
  sink: { en: "sink {weight}", vi: "điểm chìm {weight}", ru: "сток {weight}" },
  within: { en: "only {window}", vi: "chỉ {window}", ru: "только {window}" },
  special: {
    en: "special tokens are not coloured",
    vi: "token đặc biệt không được tô màu",
    ru: "специальные токены не раскрашены",
  },
  lackingRows: {
    en: "The rows of the model's embedding table are not known here: choose other vectors.",
    vi: "Ở đây không biết các hàng của bảng vectơ nhúng của mô hình: hãy chọn vectơ khác.",
    ru: "Строки таблицы эмбеддингов модели здесь неизвестны: выберите другие векторы.",
  },
  lacking: {
    en: "Norms and cosines need hidden states, but only the attention is known here: colour by attention instead.",
    vi: "Chuẩn và cosin cần trạng thái ẩn, nhưng ở đây chỉ biết chú ý: hãy tô màu theo chú ý.",
    ru: "Для норм и косинусов нужны скрытые состояния, а здесь известно только внимание: раскрасьте текст по вниманию.",
  },
} satisfies Record<string, Text>;

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
