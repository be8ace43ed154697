/** What the text view says of its words, tokens, passages, patches and frames. */

import type { Text } from "../../language/say";

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
