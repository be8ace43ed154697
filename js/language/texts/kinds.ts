/** What kinds of attention are called. */

import type { Text } from "../say";

export const KINDS = {
  encoder: { en: "encoder", vi: "bộ mã hóa", ru: "энкодер" },
  decoder: { en: "decoder", vi: "bộ giải mã", ru: "декодер" },
  cross: { en: "cross", vi: "chéo", ru: "перекрёстное" },
} satisfies Record<string, Text>;

export const KIND_TITLES = {
  encoder: {
    en: "Self-attention of the encoder",
    vi: "Tự chú ý của bộ mã hóa",
    ru: "Самовнимание энкодера",
  },
  decoder: {
    en: "Self-attention of the decoder",
    vi: "Tự chú ý của bộ giải mã",
    ru: "Самовнимание декодера",
  },
  cross: {
    en: "Cross-attention: decoder tokens attend to encoder tokens",
    vi: "Chú ý chéo: token của bộ giải mã chú ý tới token của bộ mã hóa",
    ru: "Перекрёстное внимание: токены декодера смотрят на токены энкодера",
  },
} satisfies Record<string, Text>;
