/** What masks are called. */

import type { Text } from "../language";

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
  causal: {
    en: "causal: a token sees itself and what comes before it",
    vi: "nhân quả: một token thấy chính nó và những gì đứng trước",
    ru: "причинная: токен видит себя и то, что стоит до него",
  },
  sliding: {
    en: {
      one: "sliding window of {n}: a token sees itself alone",
      other: "sliding window of {n}: a token sees itself and at most {before} before it",
    },
    vi: "cửa sổ trượt {n} token: một token thấy chính nó và nhiều nhất {before} token đứng trước",
    ru: {
      one: "скользящее окно из {n} токена: токен видит себя и не более {before} до него",
      few: "скользящее окно из {n} токенов: токен видит себя и не более {before} до него",
      many: "скользящее окно из {n} токенов: токен видит себя и не более {before} до него",
      other: "скользящее окно из {n} токена: токен видит себя и не более {before} до него",
    },
  },
  both: {
    en: "window: a token sees itself and at most {n} to each side",
    vi: "cửa sổ: một token thấy chính nó và nhiều nhất {n} token mỗi bên",
    ru: "окно: токен видит себя и не более {n} с каждой стороны",
  },
  window: {
    en: "window: keys from {low} to {high}, counted from the query",
    vi: "cửa sổ: các khóa từ {low} đến {high}, tính từ truy vấn",
    ru: "окно: ключи от {low} до {high}, считая от запроса",
  },
  first: { en: "the first", vi: "khóa đầu", ru: "первого" },
  last: { en: "the last", vi: "khóa cuối", ru: "последнего" },
  prefix: {
    en: "prefix of {n}, then causal: every token sees the first {n}, and what comes before it",
    vi: "tiền tố {n} token, sau đó nhân quả: mọi token thấy {n} token đầu và những gì đứng trước nó",
    ru: "префикс из {n}, затем причинная: каждый токен видит первые {n} и то, что стоит до него",
  },
  chunk: {
    en: "chunks of {n}: a token sees its own chunk",
    vi: "khúc {n} token: một token thấy khúc của nó",
    ru: "отрезки по {n}: токен видит свой отрезок",
  },
  chunkCausal: {
    en: "chunks of {n}, causal within each",
    vi: "khúc {n} token, nhân quả trong mỗi khúc",
    ru: "отрезки по {n}, причинная внутри каждого",
  },
  none: { en: "nothing is seen", vi: "không gì được thấy", ru: "ничего не видно" },
  other: {
    en: "a pattern of its own: {share} of all pairs are seen",
    vi: "mẫu riêng: {share} số cặp được thấy",
    ru: "особый узор: видно {share} всех пар",
  },
  otherCausal: {
    en: "a pattern of its own: {share} of all pairs are seen, no key behind its query",
    vi: "mẫu riêng: {share} số cặp được thấy, không khóa nào đứng sau truy vấn",
    ru: "особый узор: видно {share} всех пар, ни одного ключа после запроса",
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
    ru: {
      one: "Такой слой один.",
      few: "Одинакова во всех {n} слоях.",
      many: "Одинакова во всех {n} слоях.",
      other: "Одинакова во всех {n} слоях.",
    },
  },
  layers: {
    en: { one: "layer {layers}: {name}", other: "layers {layers}: {name}" },
    vi: "lớp {layers}: {name}",
    ru: { one: "слой {layers}: {name}", other: "слои {layers}: {name}" },
  },
  unknownShort: { en: "not known", vi: "không biết", ru: "неизвестна" },
} satisfies Record<string, Text>;
