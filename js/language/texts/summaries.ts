/** What the summaries of heads are called. */

import type { Summary } from "../../trace/options";
import type { Text } from "../say";

/** Where rows are tokens. */
export const SUMMARY_UNITS: Text = {
  en: "Entropy in nats, distance in tokens, its variance in tokens², the others as shares of the attention.",
  vi: "Entropy tính bằng nat, khoảng cách tính bằng token, phương sai của nó bằng token², còn lại là tỉ lệ của chú ý.",
  ru: "Энтропия в натах, расстояние в токенах, его дисперсия в токенах², остальное — доли внимания.",
};

export const SUMMARY_NAMES = {
  none: { en: "none", vi: "không", ru: "нет" },
  entropy: { en: "entropy", vi: "entropy", ru: "энтропия" },
  distance: { en: "distance", vi: "khoảng cách", ru: "расстояние" },
  distance_variance: {
    en: "variance of distance",
    vi: "phương sai khoảng cách",
    ru: "дисперсия расстояния",
  },
  previous: { en: "previous token", vi: "token liền trước", ru: "предыдущий токен" },
  next: { en: "next token", vi: "token liền sau", ru: "следующий токен" },
  self: { en: "same token", vi: "chính token đó", ru: "тот же токен" },
  duplicate: {
    en: "repeated token",
    vi: "token lặp lại",
    ru: "повтор токена",
  },
  induction: { en: "induction", vi: "quy nạp", ru: "индукция" },
  same_word: { en: "same word", vi: "cùng từ", ru: "то же слово" },
  first: { en: "first token", vi: "token đầu tiên", ru: "первый токен" },
  delimiter: { en: "delimiters", vi: "dấu câu", ru: "пунктуация" },
  special: { en: "special tokens", vi: "token đặc biệt", ru: "специальные токены" },
  sink: { en: "sink (no token)", vi: "điểm chìm (không phải token)", ru: "сток (не токен)" },
  divergence: {
    en: "divergence (bits)",
    vi: "độ phân kỳ (bit)",
    ru: "расхождение (биты)",
  },
  effect: {
    en: "effect (runs the model)",
    vi: "tác động (chạy mô hình)",
    ru: "влияние (запускает модель)",
  },
} satisfies Record<Summary, Text>;

/** What an export lacks that was made without them. */
export const SUMMARIES: Text = {
  en: "summaries of heads (export with the grid or the table of heads shown)",
  vi: "tóm tắt của các đầu chú ý (hãy xuất khi lưới hoặc bảng các đầu chú ý đang hiện)",
  ru: "показатели голов (экспортируйте, когда показана сетка или таблица голов)",
};
