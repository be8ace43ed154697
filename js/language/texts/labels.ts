/** What heads are called, and what a head of that name does. */

import type { LabelName } from "../../trace/contract";
import type { Text } from "../say";

/** Short: they stand below small pictures. */
export const LABEL_NAMES = {
  previous: { en: "previous", vi: "liền trước", ru: "предыдущий" },
  next: { en: "next", vi: "liền sau", ru: "следующий" },
  self: { en: "itself", vi: "chính nó", ru: "тот же" },
  duplicate: { en: "repeated", vi: "lặp lại", ru: "повтор" },
  induction: { en: "induction", vi: "quy nạp", ru: "индукция" },
  same_word: { en: "same word", vi: "cùng từ", ru: "то же слово" },
  first: { en: "first", vi: "đầu tiên", ru: "первый" },
  delimiter: { en: "delimiters", vi: "dấu câu", ru: "пунктуация" },
  special: { en: "special", vi: "đặc biệt", ru: "специальные" },
  sink: { en: "sink", vi: "điểm chìm", ru: "сток" },
} satisfies Record<LabelName, Text>;

/** Follows the head, or stands by itself. */
export const LABEL_DOES = {
  previous: {
    en: "attends to the previous token ({score})",
    vi: "chú ý tới token liền trước ({score})",
    ru: "смотрит на предыдущий токен ({score})",
  },
  next: {
    en: "attends to the next token ({score})",
    vi: "chú ý tới token liền sau ({score})",
    ru: "смотрит на следующий токен ({score})",
  },
  self: {
    en: "attends to the token itself ({score})",
    vi: "chú ý tới chính token đó ({score})",
    ru: "смотрит на сам этот токен ({score})",
  },
  duplicate: {
    en: "attends to the same token elsewhere ({score})",
    vi: "chú ý tới chính token này ở chỗ khác ({score})",
    ru: "смотрит на такой же токен в другом месте ({score})",
  },
  induction: {
    en: "attends to what followed the same token before ({score}): induction",
    vi: "chú ý tới token đứng sau lần xuất hiện trước ({score}): quy nạp",
    ru: "смотрит на то, что шло за этим токеном раньше ({score}): индукция",
  },
  same_word: {
    en: "attends to the other tokens of the same word ({score})",
    vi: "chú ý tới các token khác của cùng từ ({score})",
    ru: "смотрит на другие токены того же слова ({score})",
  },
  first: {
    en: "attends to the first token ({score})",
    vi: "chú ý tới token đầu tiên ({score})",
    ru: "смотрит на первый токен ({score})",
  },
  delimiter: {
    en: "attends to punctuation and line breaks ({score})",
    vi: "chú ý tới dấu câu và chỗ xuống dòng ({score})",
    ru: "смотрит на знаки препинания и переводы строки ({score})",
  },
  special: {
    en: "attends to special tokens ({score})",
    vi: "chú ý tới token đặc biệt ({score})",
    ru: "смотрит на специальные токены ({score})",
  },
  sink: {
    en: "attends to no token ({score}): a sink",
    vi: "không chú ý tới token nào ({score}): điểm chìm",
    ru: "не смотрит ни на один токен ({score}): сток",
  },
} satisfies Record<LabelName, Text>;

/** Of labels that a probe gave. */
export const PROBED = {
  does: {
    en: "{does}, in the probe",
    vi: "{does}, trong phép dò",
    ru: "{does}, в пробе",
  },
  note: {
    en: "The labels are those of a probe, random tokens repeated, and not of this text.",
    vi: "Các nhãn là của phép dò bằng token ngẫu nhiên lặp lại, không phải của văn bản này.",
    ru: "Метки — по пробе на повторённых случайных токенах, а не по этому тексту.",
  },
} satisfies Record<string, Text>;

/** The list that chooses a label. */
export const LABEL_LIST = {
  label: { en: "Label", vi: "Nhãn", ru: "Метка" },
  values: {
    all: { en: "all heads", vi: "mọi đầu", ru: "все головы" },
    none: { en: "hidden", vi: "ẩn", ru: "скрыты" },
    ...LABEL_NAMES,
  },
};
