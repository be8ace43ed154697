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
  causal: { en: "causal", vi: "nhân quả", ru: "причинная" },
  causalMeans: {
    en: "a token sees itself and what comes before it",
    vi: "một token thấy chính nó và những gì đứng trước",
    ru: "токен видит себя и то, что стоит до него",
  },
  sliding: {
    en: "sliding window of {n}",
    vi: "cửa sổ trượt {n} token",
    ru: {
      one: "скользящее окно из {n} токена",
      few: "скользящее окно из {n} токенов",
      many: "скользящее окно из {n} токенов",
      other: "скользящее окно из {n} токена",
    },
  },
  slidingMeans: {
    en: "a token sees itself and at most {n} before it",
    vi: "một token thấy chính nó và nhiều nhất {n} token đứng trước",
    ru: "токен видит себя и не более {n} до него",
  },
  both: {
    en: "window of {n} to each side",
    vi: "cửa sổ {n} token mỗi bên",
    ru: "окно по {n} с каждой стороны",
  },
  bothMeans: {
    en: "a token sees itself and at most {n} before and behind it",
    vi: "một token thấy chính nó và nhiều nhất {n} token trước và sau nó",
    ru: "токен видит себя и не более {n} до и после него",
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
    vi: "tiền tố {n} token, sau đó nhân quả",
    ru: "префикс из {n}, затем причинная",
  },
  prefixMeans: {
    en: {
      one: "every token sees the first one, itself and what comes before it",
      other: "every token sees the first {n}, itself and what comes before it",
    },
    vi: "mọi token thấy {n} token đầu, chính nó và những gì đứng trước",
    ru: {
      "=1": "каждый токен видит первый, себя и то, что стоит до него",
      other: "каждый токен видит первые {n}, себя и то, что стоит до него",
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
    ru: "причинная внутри отрезков по {n}",
  },
  none: { en: "nothing is seen", vi: "không gì được thấy", ru: "ничего не видно" },
  other: {
    en: "a pattern of its own: {share} % of all pairs are seen",
    vi: "mẫu riêng: {share} % số cặp được thấy",
    ru: "особый узор: видно {share} % всех пар",
  },
  otherCausal: {
    en: "a pattern of its own: {share} % of all pairs are seen, no key behind its query",
    vi: "mẫu riêng: {share} % số cặp được thấy, không khóa nào đứng sau truy vấn",
    ru: "особый узор: видно {share} % всех пар, ни одного ключа после запроса",
  },
  hidden: {
    en: "hidden from every query (padding): {tokens}",
    vi: "bị che với mọi truy vấn (đệm): {tokens}",
    ru: "скрыты от всех запросов (дополнение): {tokens}",
  },
  blind: {
    en: "see nothing: {tokens}",
    vi: "không thấy gì: {tokens}",
    ru: "не видят ничего: {tokens}",
  },
  perHead: {
    en: "It differs between the heads of this layer.",
    vi: "Mặt nạ khác nhau giữa các đầu của lớp này.",
    ru: "Она различается между головами этого слоя.",
  },
  unknown: {
    en: "The mask is not known: only weights were handed over. Filled are the pairs to which some head gives weight.",
    vi: "Không biết mặt nạ: chỉ có các trọng số được đưa vào. Ô được tô là cặp mà có đầu cho trọng số.",
    ru: "Маска неизвестна: переданы только веса. Закрашены пары, которым даёт вес хоть одна голова.",
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
