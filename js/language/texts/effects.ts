/** What is said of the effect of heads on what a model predicts. */

import type { Text } from "../say";

export const EFFECT = {
  name: { en: "effect", vi: "tác động", ru: "влияние" },
  column: {
    en: "Change of the model’s prediction without the head; a click runs the model for each head",
    vi: "Dự đoán của mô hình thay đổi ra sao khi bỏ đầu đó; nhấp để chạy mô hình cho từng đầu",
    ru: "Как меняется предсказание модели без головы; щелчок запускает модель для каждой головы",
  },
  afterToken: {
    en: "the logit of {label} after {token}",
    vi: "logit của {label} sau {token}",
    ru: "логит {label} после {token}",
  },
  atToken: {
    en: "the logit of {label} at {token}",
    vi: "logit của {label} tại {token}",
    ru: "логит {label} на {token}",
  },
  ofClass: {
    en: "the logit of class {label}",
    vi: "logit của lớp phân loại {label}",
    ru: "логит класса {label}",
  },
  minus: {
    en: "{label} less that of {other}",
    vi: "{label} trừ logit của {other}",
    ru: "{label} минус логит {other}",
  },
  ofLoss: {
    en: "the loss of the text",
    vi: "mất mát của văn bản",
    ru: "потери на тексте",
  },
  ofState: {
    en: "the final state of {token}",
    vi: "trạng thái cuối của {token}",
    ru: "конечное состояние {token}",
  },
  ofStates: {
    en: "the final states of all tokens",
    vi: "trạng thái cuối của mọi token",
    ru: "конечные состояния всех токенов",
  },
  begins: {
    en: "Finding the order in which to try the heads …",
    vi: "Đang tìm thứ tự để thử các đầu …",
    ru: "Поиск порядка, в котором испытывать головы …",
  },
  tried: {
    en: "Effect on {what}: {done} of {total} heads tried",
    vi: "Tác động lên {what}: đã thử {done} trong {total} đầu",
    ru: "Влияние на {what}: испытано голов {done} из {total}",
  },
  all: {
    en: {
      "=1": "Effect on {what}: {n} head tried",
      other: "Effect on {what}: all {n} heads tried",
    },
    vi: "Tác động lên {what}: đã thử cả {n} đầu",
    ru: "Влияние на {what}: испытаны все головы ({n})",
  },
  needsKernel: {
    en: "to try more, run the notebook",
    vi: "muốn thử tiếp, hãy chạy notebook",
    ru: "чтобы испытать остальные, запустите блокнот",
  },
  stop: { en: "stop", vi: "dừng", ru: "остановить" },
  goOn: { en: "go on", vi: "tiếp tục", ru: "продолжить" },
  instead: {
    en: "for {token} instead",
    vi: "xét {token} thay vào đó",
    ru: "вместо этого для {token}",
  },
  insteadTitle: {
    en: "Try all heads for the selected token",
    vi: "Thử mọi đầu cho token đang chọn",
    ru: "Испытать все головы для выбранного токена",
  },
  falls: {
    en: "without it the logit of {label} falls by {by}, from {before}",
    vi: "bỏ nó đi, logit của {label} giảm {by}, từ {before}",
    ru: "без неё логит {label} падает на {by}, с {before}",
  },
  rises: {
    en: "without it the logit of {label} rises by {by}, from {before}",
    vi: "bỏ nó đi, logit của {label} tăng {by}, từ {before}",
    ru: "без неё логит {label} растёт на {by}, с {before}",
  },
  stays: {
    en: "without it the logit of {label} stays at {before}",
    vi: "bỏ nó đi, logit của {label} vẫn là {before}",
    ru: "без неё логит {label} остаётся {before}",
  },
  lossFalls: {
    en: "without it the loss of the text falls by {by} nats, from {before}",
    vi: "bỏ nó đi, mất mát của văn bản giảm {by} nat, từ {before}",
    ru: "без неё потери на тексте падают на {by} нат, с {before}",
  },
  lossRises: {
    en: "without it the loss of the text rises by {by} nats, from {before}",
    vi: "bỏ nó đi, mất mát của văn bản tăng {by} nat, từ {before}",
    ru: "без неё потери на тексте растут на {by} нат, с {before}",
  },
  lossStays: {
    en: "without it the loss of the text stays at {before} nats",
    vi: "bỏ nó đi, mất mát của văn bản vẫn là {before} nat",
    ru: "без неё потери на тексте остаются {before} нат",
  },
  turns: {
    en: "without it the final state turns by {by} (1 − cosine)",
    vi: "bỏ nó đi, trạng thái cuối lệch {by} (1 − cosin)",
    ru: "без неё конечное состояние поворачивается на {by} (1 − косинус)",
  },
  place: {
    en: "effect not tried yet, number {place} in the order",
    vi: "tác động chưa thử, thứ {place} trong hàng chờ",
    ru: "влияние ещё не испытано, номер {place} в очереди",
  },
  untried: { en: "not tried yet", vi: "chưa thử", ru: "ещё не испытано" },
  scale: {
    en: "change of the logit without the head",
    vi: "logit thay đổi khi bỏ đầu đó",
    ru: "изменение логита без головы",
  },
  scaleOfDifference: {
    en: "change of the difference without the head",
    vi: "hiệu số logit thay đổi khi bỏ đầu đó",
    ru: "изменение разности логитов без головы",
  },
  scaleOfLoss: {
    en: "change of the loss without the head, in nats",
    vi: "mất mát thay đổi khi bỏ đầu đó, tính bằng nat",
    ru: "изменение потерь без головы, в натах",
  },
  scaleOfStates: {
    en: "turn of the final state without the head",
    vi: "trạng thái cuối lệch khi bỏ đầu đó",
    ru: "поворот конечного состояния без головы",
  },
  most: {
    en: "Head {head} matters most: {what}.",
    vi: "Đầu {head} quan trọng nhất: {what}.",
    ru: "Важнее всех голова {head}: {what}.",
  },
  mostSoFar: {
    en: "Head {head} matters most so far: {what}.",
    vi: "Đến nay đầu {head} quan trọng nhất: {what}.",
    ru: "Пока важнее всех голова {head}: {what}.",
  },
  exact: {
    en: "Each number is exact: the model ran with zero in place of what the head gives out.",
    vi: "Mọi con số đều chính xác: mô hình đã chạy với số 0 thay cho đầu ra của đầu chú ý đó.",
    ru: "Все числа точные: модель запускалась с нулём вместо того, что выдаёт голова.",
  },
  sink: {
    en: "The first token is left alone: what heads do there is mostly to park attention that has no better place, and switching it off would disturb every token.",
    vi: "Token đầu tiên được để yên: ở đó các đầu chủ yếu gửi phần chú ý không có chỗ nào tốt hơn, và tắt đi sẽ làm xáo trộn mọi token.",
    ru: "Первый токен не тронут: головы в основном складывают там внимание, которому нет лучшего места, и его отключение сбило бы все токены.",
  },
  edits: {
    en: "Effects are those in the model without the edits.",
    vi: "Tác động được đo trên mô hình chưa sửa.",
    ru: "Влияние измерено в модели без правок.",
  },
  inOrder: {
    en: "in the order in which they are tried, labelled layer·head",
    vi: "theo thứ tự được thử, tên mỗi đầu là lớp·đầu",
    ru: "в том порядке, в котором их испытывают; подпись: слой·голова",
  },
} satisfies Record<string, Text>;
