/** What the text view says below the text. */

import type { Text } from "../../language/say";
import { HEADS } from "../../language/texts/heads";

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
