/** What is said of the difference that edits make. */

import type { Text } from "../say";

export const DIFFERENCE = {
  label: {
    en: "after − before",
    vi: "sau − trước",
    ru: "после − до",
    compared: {
      en: "{other} − {one}",
      vi: "{other} − {one}",
      ru: "{other} − {one}",
    },
  },
  /** Before what a picture says of itself. */
  said: {
    en: "After minus before: {said}",
    vi: "Sau trừ trước: {said}",
    ru: "После минус до: {said}",
    compared: {
      en: "{other} minus {one}: {said}",
      vi: "{other} trừ {one}: {said}",
      ru: "{other} минус {one}: {said}",
    },
  },
  nothing: {
    en: "Nothing changed here.",
    vi: "Không có gì thay đổi ở đây.",
    ru: "Здесь ничего не изменилось.",
    compared: {
      en: "Nothing differs here.",
      vi: "Không có gì khác nhau ở đây.",
      ru: "Здесь нет различий.",
    },
  },
  nothingYet: {
    en: "Nothing changed here: what is left out changes the attention of later layers.",
    vi: "Không có gì thay đổi ở đây: phần bị bỏ chỉ làm thay đổi chú ý ở các lớp sau.",
    ru: "Здесь ничего не изменилось: отключённое меняет внимание только в следующих слоях.",
  },
  change: {
    en: "before {before}, after {after}: {change}",
    vi: "trước {before}, sau {after}: {change}",
    ru: "до {before}, после {after}: {change}",
    compared: {
      en: "{one} {before}, {other} {after}: {change}",
      vi: "{one} {before}, {other} {after}: {change}",
      ru: "{one} {before}, {other} {after}: {change}",
    },
  },
  share: {
    en: "{share} % of all that changed",
    vi: "{share} % mọi thay đổi",
    ru: "{share} % всех изменений",
    compared: {
      en: "{share} % of all that differs",
      vi: "{share} % mọi khác biệt",
      ru: "{share} % всех различий",
    },
  },
  range: {
    en: "from {least} to {most}",
    vi: "từ {least} đến {most}",
    ru: "от {least} до {most}",
  },
  afterOnly: {
    en: "A difference would say nothing here: this is the pass after the edits.",
    vi: "Ở đây hiệu số không cho biết gì: đây là lượt chạy sau khi sửa.",
    ru: "Разность здесь ни о чём не говорит: показан проход после правок.",
    compared: {
      en: "A difference would say nothing here: this is {other}.",
      vi: "Ở đây hiệu số không cho biết gì: đây là {other}.",
      ru: "Разность здесь ни о чём не говорит: это {other}.",
    },
  },
} satisfies Record<string, Text>;
