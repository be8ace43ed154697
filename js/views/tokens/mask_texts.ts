/** What masks are called. */

import type { Text } from "../../language/say";

export const MASK = {
  full: {
    en: "every query sees every key",
    vi: "mọi truy vấn thấy mọi khóa",
    ru: "каждый запрос видит каждый ключ",
  },
  fullSelf: {
    en: "every token sees every token",
    vi: "mọi token thấy mọi token",
    ru: "каждый токен видит каждый токен",
  },
  fullBut: {
    en: "every query sees every key but those hidden from all (padding): {tokens}",
    vi: "mọi truy vấn thấy mọi khóa, trừ các khóa bị che với tất cả (padding): {tokens}",
    ru: "каждый запрос видит каждый ключ, кроме скрытых от всех (padding): {tokens}",
  },
  fullSelfBut: {
    en: "every token sees every token but those hidden from all (padding): {tokens}",
    vi: "mọi token thấy mọi token, trừ các token bị che với tất cả (padding): {tokens}",
    ru: "каждый токен видит каждый токен, кроме скрытых от всех (padding): {tokens}",
  },
  causal: { en: "causal", vi: "nhân quả", ru: "каузальная" },
  causalMeans: {
    en: "a token sees itself and what comes before it",
    vi: "một token thấy chính nó và những gì đứng trước",
    ru: "токен видит себя и всё, что до него",
  },
  sliding: {
    en: "sliding window of {n}",
    vi: "cửa sổ trượt {n} token",
    ru: {
      one: "скользящее окно из {n} токена",
      few: "скользящее окно из {n} токенов",
      other: "скользящее окно из {n} токенов",
    },
  },
  slidingMeans: {
    en: "a token sees itself and at most {n} before it",
    vi: "một token thấy chính nó và không quá {n} token đứng trước",
    ru: "токен видит себя и не более {n} до себя",
  },
  both: {
    en: "window of {n} on each side",
    vi: "cửa sổ {n} token ở mỗi bên",
    ru: "окно по {n} с каждой стороны",
  },
  bothMeans: {
    en: "a token sees itself and at most {n} before and after it",
    vi: "một token thấy chính nó và không quá {n} token trước và sau nó",
    ru: "токен видит себя и не более {n} до и после себя",
  },
  window: {
    en: "window: keys from {low} to {high}, counted from the query",
    vi: "cửa sổ: các khóa từ {low} đến {high}, tính từ truy vấn",
    ru: "окно: ключи от {low} до {high}, считая от запроса",
  },
  first: { en: "the first", vi: "khóa đầu", ru: "первого" },
  last: { en: "the last", vi: "khóa cuối", ru: "последнего" },
  prefix: {
    en: "prefix of {n}, then causal",
    vi: "tiền tố {n} token, rồi nhân quả",
    ru: "префикс из {n}, затем каузальная",
  },
  prefixMeans: {
    en: {
      one: "every token sees the first one, itself and what comes before it",
      other: "every token sees the first {n}, itself and what comes before it",
    },
    vi: "mọi token thấy {n} token đầu, chính nó và những gì đứng trước",
    ru: {
      "=1": "каждый токен видит первый, себя и всё, что до него",
      other: "каждый токен видит первые {n}, себя и всё, что до него",
    },
  },
  chunk: { en: "chunks of {n}", vi: "khúc {n} token", ru: "отрезки по {n}" },
  chunkMeans: {
    en: "a token sees its own chunk",
    vi: "một token thấy khúc của nó",
    ru: "токен видит свой отрезок",
  },
  chunkCausal: {
    en: "causal within chunks of {n}",
    vi: "nhân quả trong từng khúc {n} token",
    ru: "каузальная внутри отрезков по {n}",
  },
  none: { en: "nothing is seen", vi: "không thấy gì cả", ru: "ничего не видно" },
  other: {
    en: "custom pattern: {share} % of all pairs are seen",
    vi: "mẫu khác: thấy {share} % số cặp",
    ru: "особая маска: видно {share} % всех пар",
  },
  otherCausal: {
    en: "custom pattern: {share} % of all pairs are seen, no key after its query",
    vi: "mẫu khác: thấy {share} % số cặp, không khóa nào đứng sau truy vấn",
    ru: "особая маска: видно {share} % всех пар, ни одного ключа после запроса",
  },
  hidden: {
    en: "hidden from every query (padding): {tokens}",
    vi: "bị che với mọi truy vấn (padding): {tokens}",
    ru: "скрыты от всех запросов (padding): {tokens}",
  },
  blind: {
    en: "see nothing: {tokens}",
    vi: "không thấy gì: {tokens}",
    ru: "ничего не видят: {tokens}",
  },
  perHead: {
    en: "It differs between the heads of this layer.",
    vi: "Mặt nạ khác nhau giữa các đầu của lớp này.",
    ru: "У разных голов этого слоя она разная.",
  },
  unknown: {
    en: "The mask is not known: only the weights were given. Filled cells are pairs to which at least one head gives weight.",
    vi: "Không biết mặt nạ: chỉ có các trọng số. Ô được tô là cặp mà ít nhất một đầu chú ý cho trọng số.",
    ru: "Маска неизвестна: переданы только веса. Закрашены пары, которым даёт вес хотя бы одна голова.",
  },
  everyLayer: {
    en: { one: "The model has one such layer.", other: "The same in all {n} layers." },
    vi: "Giống nhau ở cả {n} lớp.",
    ru: { "=1": "Такой слой один.", other: "Одинакова во всех слоях ({n})." },
  },
  layers: {
    en: { one: "layer {layers}: {name}", other: "layers {layers}: {name}" },
    vi: "lớp {layers}: {name}",
    ru: { "=1": "слой {layers}: {name}", other: "слои {layers}: {name}" },
  },
  unknownShort: { en: "not known", vi: "không biết", ru: "неизвестна" },
} satisfies Record<string, Text>;
