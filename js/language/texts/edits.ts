/** What is changed in a pass. */

import type { Text } from "../say";

export const EDITS = {
  headsOff: {
    en: {
      one: "Without head {heads} of layer {layer}",
      other: "Without heads {heads} of layer {layer}",
    },
    vi: "Không có đầu chú ý {heads} của lớp {layer}",
    ru: { "=1": "Без головы {heads} слоя {layer}", other: "Без голов {heads} слоя {layer}" },
  },
  headsMean: {
    en: {
      one: "Head {heads} of layer {layer} held at its mean",
      other: "Heads {heads} of layer {layer} held at the mean",
    },
    vi: "Đầu chú ý {heads} của lớp {layer} giữ ở giá trị trung bình",
    ru: {
      "=1": "Голова {heads} слоя {layer} заменена средним",
      other: "Головы {heads} слоя {layer} заменены средним",
    },
  },
  headsScaled: {
    en: {
      one: "Head {heads} of layer {layer} × {factor}",
      other: "Heads {heads} of layer {layer} × {factor}",
    },
    vi: "Đầu chú ý {heads} của lớp {layer} × {factor}",
    ru: {
      "=1": "Голова {heads} слоя {layer} × {factor}",
      other: "Головы {heads} слоя {layer} × {factor}",
    },
  },
  headsPatched: {
    en: {
      one: "Head {heads} of layer {layer} with its values from {text}",
      other: "Heads {heads} of layer {layer} with their values from {text}",
    },
    vi: "Đầu chú ý {heads} của lớp {layer} nhận giá trị từ {text}",
    ru: {
      "=1": "Голова {heads} слоя {layer} со значениями из {text}",
      other: "Головы {heads} слоя {layer} со значениями из {text}",
    },
  },
  severalOff: {
    en: "Without heads {heads}",
    vi: "Không có các đầu chú ý {heads}",
    ru: "Без голов {heads}",
  },
  severalMean: {
    en: "Heads {heads} held at the mean",
    vi: "Các đầu chú ý {heads} giữ ở giá trị trung bình",
    ru: "Головы {heads} заменены средним",
  },
  severalScaled: {
    en: "Heads {heads} × {factor}",
    vi: "Các đầu chú ý {heads} × {factor}",
    ru: "Головы {heads} × {factor}",
  },
  severalPatched: {
    en: "Heads {heads} with their values from {text}",
    vi: "Các đầu chú ý {heads} nhận giá trị từ {text}",
    ru: "Головы {heads} со значениями из {text}",
  },
  /** After what is done to heads, where it is done at some tokens alone. */
  at: { en: "at {tokens}", vi: "tại {tokens}", ru: "в {tokens}" },
  edge: {
    en: "Without the edge {query} → {key}",
    vi: "Không có cạnh {query} → {key}",
    ru: "Без связи {query} → {key}",
  },
  toKey: {
    en: "No token may see {key}",
    vi: "Không token nào được thấy {key}",
    ru: "Ни один токен не видит {key}",
  },
  ofHeads: {
    en: { one: "layer {layer}, head {heads}", other: "layer {layer}, heads {heads}" },
    vi: "lớp {layer}, đầu {heads}",
    ru: { "=1": "слой {layer}, голова {heads}", other: "слой {layer}, головы {heads}" },
  },
  ofLayer: { en: "layer {layer}", vi: "lớp {layer}", ru: "слой {layer}" },
} satisfies Record<string, Text>;
