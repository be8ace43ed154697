/** What is said of the difference that edits make. */

import type { Text } from "../say";

export const DIFFERENCE = {
  label: { en: "after − before", vi: "sau − trước", ru: "после − до" },
  /** Before what a picture says of itself. */
  said: {
    en: "After minus before: {said}",
    vi: "Sau trừ trước: {said}",
    ru: "После минус до: {said}",
  },
  nothing: {
    en: "Nothing changed here.",
    vi: "Không có gì thay đổi ở đây.",
    ru: "Здесь ничего не изменилось.",
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
  },
  share: {
    en: "{share} % of all that changed",
    vi: "{share} % mọi thay đổi",
    ru: "{share} % всех изменений",
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
  },
} satisfies Record<string, Text>;
