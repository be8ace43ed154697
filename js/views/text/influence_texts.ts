/** What is said of what each word has to do with a prediction. */

import type { Text } from "../../language/say";

export const INFLUENCE = {
  short: {
    en: "The colour says what a word does for the prediction; click a word to ask about the prediction there.",
    vi: "Màu cho biết một từ góp gì cho dự đoán; nhấp vào một từ để hỏi về dự đoán tại đó.",
    ru: "Цвет показывает, что слово даёт предсказанию; щёлкните слово, чтобы спросить о предсказании там.",
  },
  // what it is of
  logProbabilityAfter: {
    en: "the log-probability of {label} after {token}",
    vi: "log xác suất của {label} sau {token}",
    ru: "логарифм вероятности {label} после {token}",
  },
  logProbabilityAt: {
    en: "the log-probability of {label} at {token}",
    vi: "log xác suất của {label} tại {token}",
    ru: "логарифм вероятности {label} на {token}",
  },
  logProbabilityOfClass: {
    en: "the log-probability of class {label}",
    vi: "log xác suất của lớp phân loại {label}",
    ru: "логарифм вероятности класса {label}",
  },

  // the line of progress
  removing: {
    en: "Removal, {what}: {done} of {total} tried",
    vi: "Loại bỏ, {what}: đã thử {done} trong {total}",
    ru: "Удаление, {what}: испытано {done} из {total}",
  },
  removed: {
    en: "Removal, {what}: all {total} tried",
    vi: "Loại bỏ, {what}: đã thử cả {total}",
    ru: "Удаление, {what}: испытаны все ({total})",
  },
  begins: { en: "Asking the model …", vi: "Đang hỏi mô hình …", ru: "Запрос к модели …" },
  integrating: {
    en: "Integrated gradients, {what}: {n} steps",
    vi: "Gradient tích hợp, {what}: {n} bước",
    ru: "Интегрированные градиенты, {what}: шагов {n}",
  },
  integrated: {
    en: "Integrated gradients, {what}: {n} steps, the sum is off by {gap} of the whole",
    vi: "Gradient tích hợp, {what}: {n} bước, tổng lệch {gap} so với toàn bộ",
    ru: "Интегрированные градиенты, {what}: шагов {n}, сумма расходится на {gap} от целого",
  },

  // the legend
  scaleLogProbability: {
    en: "change of the log-probability without it, in nats",
    vi: "log xác suất thay đổi khi thiếu nó, tính bằng nat",
    ru: "изменение логарифма вероятности без него, в натах",
  },
  scaleDifference: {
    en: "change of the difference without it",
    vi: "hiệu số logit thay đổi khi thiếu nó",
    ru: "изменение разности логитов без него",
  },
  scaleStates: {
    en: "turn of the final state without it",
    vi: "trạng thái cuối lệch khi thiếu nó",
    ru: "поворот конечного состояния без него",
  },
  share: { en: "share of the logit", vi: "phần trong logit", ru: "доля в логите" },
  shareOfDifference: {
    en: "share of the difference",
    vi: "phần trong hiệu số logit",
    ru: "доля в разности логитов",
  },
  shareOfStates: {
    en: "share of the turn of the final state",
    vi: "phần trong độ lệch của trạng thái cuối",
    ru: "доля в повороте конечного состояния",
  },

  // the note
  exact: {
    en: "The change in {what} when no token may see this one any more, in any layer or head. Each number is exact: the model ran once for it.",
    vi: "Mức thay đổi của {what} khi không token nào còn được thấy token này, ở mọi lớp và mọi đầu. Mọi con số đều chính xác: mô hình đã chạy một lần cho mỗi số.",
    ru: "Изменение ({what}), если ни один токен больше не видит этот ни в одном слое и ни в одной голове. Все числа точные: модель запускалась для каждого.",
  },
  estimate: {
    en: "How much each adds to {what}, by integrated gradients: an estimate, whose sum is off by {gap} of the whole.",
    vi: "Mỗi phần góp bao nhiêu vào {what}, theo gradient tích hợp: một ước lượng, tổng lệch {gap} so với toàn bộ.",
    ru: "Сколько каждый добавляет в {what} по интегрированным градиентам: оценка, сумма которой расходится на {gap} от целого.",
  },
  estimating: {
    en: "How much each adds to {what}, by integrated gradients: an estimate that is still growing.",
    vi: "Mỗi phần góp bao nhiêu vào {what}, theo gradient tích hợp: một ước lượng còn đang được tính.",
    ru: "Сколько каждый добавляет в {what} по интегрированным градиентам: оценка, которая ещё считается.",
  },
  apart: {
    en: "The first token takes attention that has no better place, so its number says little of what it means, and the colours leave it out of their scale.",
    vi: "Token đầu tiên nhận phần chú ý không có chỗ nào tốt hơn, nên con số của nó ít nói lên ý nghĩa, và thang màu không tính nó.",
    ru: "Первый токен получает внимание, которому нет лучшего места, поэтому его число мало говорит о смысле, и шкала цветов его не учитывает.",
  },
  apartShare: {
    en: "The first token is the same in the text that it starts from, so it adds nothing.",
    vi: "Token đầu tiên có sẵn trong văn bản xuất phát, nên nó không góp gì.",
    ru: "Первый токен есть и в исходном тексте, поэтому он ничего не добавляет.",
  },
  ofBefore: {
    en: "This is asked of the model without the edits: show the pass before them.",
    vi: "Câu hỏi này dành cho mô hình chưa sửa: hãy hiện lượt chạy trước khi sửa.",
    ru: "Это спрашивают у модели без правок: покажите прогон до них.",
  },

  // against removal
  attention: {
    en: "Attention from {name}, layer {layer}, {heads}, ranks",
    vi: "Chú ý từ {name}, lớp {layer}, {heads}, xếp hạng",
    ru: "Внимание от {name}, слой {layer}, {heads}, даёт",
  },
  measure: {
    en: "From {name}, layer {layer}, {heads}, “{measure}” ranks",
    vi: "Từ {name}, lớp {layer}, {heads}, “{measure}” xếp hạng",
    ru: "От {name}, слой {layer}, {heads}, «{measure}» даёт",
  },
  shares: {
    en: "These shares rank",
    vi: "Các phần này xếp hạng",
    ru: "Эти доли дают",
  },
  noneMatters: {
    en: "By removal none of them matters: without any one, {what} changes by less than {threshold} (at most {most}).",
    vi: "Theo phép loại bỏ, không phần nào quan trọng: thiếu riêng phần nào thì {what} cũng chỉ đổi chưa tới {threshold} (nhiều nhất {most}).",
    ru: "По удалению ни один не важен: без любого из них изменение ({what}) меньше {threshold} (самое большее {most}).",
  },
  ranksAlike: {
    en: "{who} much as removal does (rank correlation {correlation}): {first}.",
    vi: "{who} gần như loại bỏ (tương quan hạng {correlation}): {first}.",
    ru: "{who} почти тот же порядок, что и удаление (ранговая корреляция {correlation}): {first}.",
  },
  ranksPartly: {
    en: "{who} only partly as removal does (rank correlation {correlation}): {first}.",
    vi: "{who} chỉ phần nào giống loại bỏ (tương quan hạng {correlation}): {first}.",
    ru: "{who} лишь отчасти тот же порядок, что и удаление (ранговая корреляция {correlation}): {first}.",
  },
  ranksOtherwise: {
    en: "{who} otherwise than removal does (rank correlation {correlation}): {first}.",
    vi: "{who} khác với loại bỏ (tương quan hạng {correlation}): {first}.",
    ru: "{who} другой порядок, чем удаление (ранговая корреляция {correlation}): {first}.",
  },
  sameFirst: {
    en: "both have {name} first",
    vi: "cả hai đều đặt {name} lên đầu",
    ru: "первым у обоих стоит {name}",
  },
  otherFirst: {
    en: "{name} is first there, {exact} by removal",
    vi: "ở đó {name} đứng đầu, còn theo loại bỏ là {exact}",
    ru: "там первым стоит {name}, а по удалению {exact}",
  },
} satisfies Record<string, Text>;
