/** What stands below a figure. */

import type { Text } from "../../language/say";

export const CAPTION = {
  layer: { en: "layer {layer}", vi: "lớp {layer}", ru: "слой {layer}" },
  embeddings: { en: "token embeddings", vi: "vectơ nhúng token", ru: "эмбеддинги токенов" },
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
