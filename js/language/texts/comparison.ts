/** What is said of two passes that are compared. */

import type { OfSides } from "../../trace/contract";
import type { Text } from "../say";

/** Why there is no answer. */
export const OF_SIDES: Readonly<Record<OfSides["code"], Text>> = {
  of_one_side: {
    en: "This is of one side. Show {one} or {other} to see it.",
    vi: "Phần này là của từng bên. Hãy hiện {one} hoặc {other} để xem.",
    ru: "Это относится к одной стороне. Покажите {one} или {other}.",
  },
  of_edited_side: {
    en: "This is not known of a pass with edits. Show the side without them to see it.",
    vi: "Không biết phần này của lượt chạy có chỉnh sửa. Hãy hiện bên không có chỉnh sửa để xem.",
    ru: "Для прохода с правками это неизвестно. Покажите сторону без них.",
  },
};

export const COMPARISON = {
  shown: {
    en: "Which side all views show, or their difference",
    vi: "Mọi khung nhìn hiện bên nào, hay hiệu số của hai bên",
    ru: "Какую сторону показывают все панели или их разность",
  },
  difference: { en: "difference", vi: "hiệu số", ru: "разность" },
  effect: {
    en: "{token}: {before} → {after}",
    vi: "{token}: {before} → {after}",
    ru: "{token}: {before} → {after}",
  },
  effectTitle: {
    en: "Probability at {place} of what {one} finds most likely, in {one} and in {other}",
    vi: "Xác suất tại {place} của dự đoán mà {one} cho là khả dĩ nhất, ở {one} và ở {other}",
    ru: "Вероятность на {place} того, что для {one} вероятнее всего: в {one} и в {other}",
  },
  told: {
    en: "The probability of {token} at {place} is {before} in {one} and {after} in {other}.",
    vi: "Xác suất của {token} tại {place} là {before} ở {one} và {after} ở {other}.",
    ru: "Вероятность {token} на {place}: в {one} {before}, в {other} {after}.",
  },
  alignment: { en: "aligned tokens", vi: "token đã căn chỉnh", ru: "соответствие токенов" },
  about: {
    en: "Tokens in one row stand for each other. Click a pair to part it; click a single token of each side to join them.",
    vi: "Các token cùng hàng tương ứng với nhau. Nhấp vào một cặp để tách; nhấp vào một token lẻ ở mỗi bên để ghép.",
    ru: "Токены одной строки соответствуют друг другу. Щелчок по паре разъединяет её; щелчок по одиночному токену с каждой стороны соединяет их.",
  },
  fixed: {
    en: "Tokens in one row stand for each other.",
    vi: "Các token cùng hàng tương ứng với nhau.",
    ru: "Токены одной строки соответствуют друг другу.",
  },
  part: { en: "Part {pair}", vi: "Tách {pair}", ru: "Разъединить {pair}" },
  join: { en: "Join {token} …", vi: "Ghép {token} …", ru: "Соединить {token} …" },
  again: { en: "Align again", vi: "Căn chỉnh lại", ru: "Сопоставить заново" },
  crosses: {
    en: "These two cannot be joined: they would cross another pair.",
    vi: "Không thể ghép hai token này: chúng sẽ cắt ngang một cặp khác.",
    ru: "Эти два токена не соединить: они пересекут другую пару.",
  },
  last: {
    en: "One pair must stay.",
    vi: "Phải giữ lại ít nhất một cặp.",
    ru: "Одна пара должна остаться.",
  },
  alone: {
    en: "Tokens that stand alone have no difference: {one} {n}, {other} {m}.",
    vi: "Token không có cặp thì không có hiệu số: {one} {n}, {other} {m}.",
    ru: "У токенов без пары нет разности: {one} {n}, {other} {m}.",
  },
  nobody: { en: "no partner", vi: "không có cặp", ru: "нет пары" },
  ofTwo: {
    en: "A divergence is between two passes, and this is one: compare two in Python, with compare(a, b).",
    vi: "Độ phân kỳ là giữa hai lượt chạy, mà ở đây chỉ có một: hãy so sánh hai lượt trong Python bằng compare(a, b).",
    ru: "Расхождение бывает между двумя проходами, а здесь один: сравните два в Python с помощью compare(a, b).",
  },
  changedMost: {
    en: "The heads that changed most need not be those that carry the answer.",
    vi: "Những đầu thay đổi nhiều nhất chưa chắc là những đầu mang câu trả lời.",
    ru: "Головы, которые изменились сильнее всего, — не обязательно те, от которых зависит ответ.",
  },
  aboutDivergence: {
    en: "How far the head’s attention in {other} is from that in {one}: mean Jensen–Shannon divergence of its rows over aligned tokens, in bits from 0 to 1",
    vi: "Chú ý của đầu ở {other} khác với ở {one} đến mức nào: độ phân kỳ Jensen–Shannon trung bình của các hàng trên những token đã căn chỉnh, tính bằng bit, từ 0 đến 1",
    ru: "Насколько внимание головы в {other} отличается от внимания в {one}: среднее расхождение Йенсена — Шеннона её строк по сопоставленным токенам, в битах от 0 до 1",
  },
} satisfies Record<string, Text>;
