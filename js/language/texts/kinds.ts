/** What kinds of attention are called. */

import type { Text } from "../say";

export const KINDS = {
  encoder: { en: "encoder", vi: "bộ mã hóa", ru: "энкодер" },
  decoder: { en: "decoder", vi: "bộ giải mã", ru: "декодер" },
  cross: { en: "cross", vi: "chéo", ru: "перекрёстное" },
} satisfies Record<string, Text>;

export const KIND_TITLES = {
  encoder: {
    en: "Encoder: self-attention",
    vi: "Bộ mã hóa: tự chú ý",
    ru: "Энкодер: самовнимание",
  },
  decoder: {
    en: "Decoder: self-attention",
    vi: "Bộ giải mã: tự chú ý",
    ru: "Декодер: самовнимание",
  },
  cross: {
    en: "Cross-attention: decoder to encoder",
    vi: "Chú ý chéo: bộ giải mã tới bộ mã hóa",
    ru: "Перекрёстное внимание: декодер → энкодер",
  },
} satisfies Record<string, Text>;
