/** What the attribution says. */

import type { Help, Text } from "../../language/say";

export const ATTRIBUTION = {
  name: { en: "Attribution", vi: "Đóng góp", ru: "Вклады" },
  title: {
    en: "What wrote the prediction",
    vi: "Điều gì tạo nên dự đoán",
    ru: "Из чего сложилось предсказание",
  },
  help: {
    short: {
      en: "What each head and MLP writes straight into the logit of the prediction, and why a head attends where it does.",
      vi: "Mỗi đầu chú ý và MLP ghi thẳng bao nhiêu vào logit của dự đoán, và vì sao một đầu chú ý tới nơi nó chú ý.",
      ru: "Сколько каждая голова и каждый MLP напрямую вносит в логит предсказания и почему голова смотрит туда, куда смотрит.",
    },
    more: {
      en: "The logit of the most likely token at the selected token (or the last) is a sum of what embeddings, heads and MLPs wrote there; the final norm is frozen. The last column is exact as well: how the logit changes when the head is switched off, that is, gives out zero. A head may write much while the logit hardly changes without it, because later parts of the model make up for it (a backup effect). Click a row to select its head in every view. The options compare the token with another prediction: the terms then sum to the difference of both logits. With a query token, a key token and a head selected, their score is split in the same way: by what was written at the query’s token before this layer, and at the key’s.",
      vi: "Logit của token có khả năng nhất tại token đang chọn (hoặc token cuối) là tổng của những gì vectơ nhúng, các đầu chú ý và MLP đã ghi vào đó; phép chuẩn hóa cuối được giữ cố định. Cột cuối cũng chính xác: logit thay đổi ra sao khi tắt đầu đó, tức cho nó đưa ra số 0. Một đầu có thể ghi nhiều mà logit hầu như không đổi khi thiếu nó, vì các phần phía sau của mô hình bù lại (hiệu ứng dự phòng). Nhấp vào một hàng để chọn đầu đó ở mọi khung nhìn. Phần tùy chọn so sánh token với một dự đoán khác: khi đó các phần cộng lại thành hiệu của hai logit. Khi đã chọn token truy vấn, token khóa và một đầu, điểm của chúng được tách theo cùng cách: theo những gì đã được ghi trước lớp này tại token truy vấn và tại token khóa.",
      ru: "Логит самого вероятного токена на выбранном токене (или на последнем) — это сумма того, что туда записали эмбеддинги, головы и MLP; последняя нормализация заморожена. Последний столбец тоже точен: как меняется логит, если голову отключить, то есть она выдаёт ноль. Голова может записывать много, а логит без неё почти не меняется: это возмещают следующие части модели (эффект подстраховки). Щелчок по строке выбирает её голову во всех панелях. В настройках токен можно сравнить с другим предсказанием: тогда слагаемые дают разность логитов. Если выбраны токен-запрос, токен-ключ и голова, их оценка раскладывается так же: на то, что записано до этого слоя на токене запроса и на токене ключа.",
    },
  },
  logitAfter: {
    en: "Logit of {best} after {token}",
    vi: "Logit của {best} sau {token}",
    ru: "Логит {best} после {token}",
  },
  logitAt: {
    en: "Logit of {best} at {token}",
    vi: "Logit của {best} tại {token}",
    ru: "Логит {best} на {token}",
  },
  differenceAfter: {
    en: "Logit of {best} less that of {other}, after {token}",
    vi: "Logit của {best} trừ logit của {other}, sau {token}",
    ru: "Логит {best} минус логит {other}, после {token}",
  },
  differenceAt: {
    en: "Logit of {best} less that of {other}, at {token}",
    vi: "Logit của {best} trừ logit của {other}, tại {token}",
    ru: "Логит {best} минус логит {other}, на {token}",
  },
  table: {
    en: "What wrote the logit; arrow keys go to the previous or next row, Enter selects its head",
    vi: "Những gì đã ghi vào logit; phím mũi tên đi tới hàng trước hoặc sau, Enter chọn đầu của hàng",
    ru: "Что записано в логит; стрелки ведут к предыдущей или следующей строке, Enter выбирает её голову",
  },
  writer: { en: "written by", vi: "phần ghi", ru: "что записало" },
  aboutWriter: {
    en: "Head 3.1 is head 1 of layer 3, MLP 3 the MLP of layer 3",
    vi: "Đầu 3.1 là đầu 1 của lớp 3, MLP 3 là MLP của lớp 3",
    ru: "Голова 3.1 — голова 1 слоя 3, MLP 3 — MLP слоя 3",
  },
  direct: { en: "straight into the logit", vi: "ghi thẳng vào logit", ru: "напрямую в логит" },
  aboutDirect: {
    en: "How much of the logit it wrote, through the final norm, which is frozen",
    vi: "Nó đã ghi bao nhiêu vào logit, qua phép chuẩn hóa cuối được giữ cố định",
    ru: "Сколько оно внесло в логит через замороженную последнюю нормализацию",
  },
  effect: { en: "change without it", vi: "thay đổi khi thiếu nó", ru: "изменение без неё" },
  aboutEffect: {
    en: "The logit of a pass in which this head is off, less the logit of this pass: exact",
    vi: "Logit của lượt chạy khi tắt đầu này, trừ logit của lượt này: chính xác",
    ru: "Логит прохода, в котором эта голова отключена, минус логит этого прохода: точно",
  },
  sums: {
    en: "The terms sum to the logit {logit}, with the final norm frozen.",
    vi: "Các phần cộng lại thành logit {logit}, với phép chuẩn hóa cuối được giữ cố định.",
    ru: "Слагаемые дают логит {logit} при замороженной последней нормализации.",
  },
  sumsDifference: {
    en: "The terms sum to the difference of the logits, {logit}, with the final norm frozen.",
    vi: "Các phần cộng lại thành hiệu của hai logit, {logit}, với phép chuẩn hóa cuối được giữ cố định.",
    ru: "Слагаемые дают разность логитов {logit} при замороженной последней нормализации.",
  },
  capped: {
    en: "The terms sum to {sum}, with the final norm frozen; the model’s soft cap makes {logit} of it.",
    vi: "Các phần cộng lại thành {sum}, với phép chuẩn hóa cuối được giữ cố định; giới hạn mềm của mô hình biến nó thành {logit}.",
    ru: "Слагаемые дают {sum} при замороженной последней нормализации; мягкий предел модели делает из этого {logit}.",
  },
  off: {
    en: "Each head is switched off by itself: it gives out zero.",
    vi: "Từng đầu được tắt riêng: nó đưa ra số 0.",
    ru: "Каждая голова отключается отдельно: она выдаёт ноль.",
  },
  offButFirst: {
    en: "Each head is switched off by itself: it gives out zero, except at the first token, which is left alone.",
    vi: "Từng đầu được tắt riêng: nó đưa ra số 0, trừ ở token đầu tiên, vốn được giữ nguyên.",
    ru: "Каждая голова отключается отдельно: она выдаёт ноль везде, кроме первого токена, который остаётся как есть.",
  },
  trying: {
    en: "Switching heads off: {done} of {of} …",
    vi: "Đang tắt các đầu: {done} trong {of} …",
    ru: "Отключение голов: {done} из {of} …",
  },
  logit: { en: "the logit", vi: "logit", ru: "логит" },
  difference: { en: "the difference", vi: "hiệu logit", ru: "разность логитов" },
  small: {
    en: "Head {head} writes {part} straight into {what}, yet without it {what} changes by only {effect}: later parts of the model make up for it (a backup effect).",
    vi: "Đầu {head} ghi thẳng {part} vào {what}, nhưng khi thiếu nó {what} chỉ thay đổi {effect}: các phần phía sau của mô hình bù lại (hiệu ứng dự phòng).",
    ru: "Голова {head} напрямую вносит {part}, но без неё {what} меняется лишь на {effect}: это возмещают следующие части модели (эффект подстраховки).",
  },
  higher: {
    en: "Head {head} writes {part} straight into {what}, yet without it {what} is not lower but {size} higher: later parts of the model more than make up for it (a backup effect).",
    vi: "Đầu {head} ghi thẳng {part} vào {what}, nhưng khi thiếu nó {what} không giảm mà tăng {size}: các phần phía sau của mô hình bù lại quá mức (hiệu ứng dự phòng).",
    ru: "Голова {head} напрямую вносит {part}, но без неё {what} не уменьшается, а растёт на {size}: следующие части модели возмещают это с избытком (эффект подстраховки).",
  },
  lower: {
    en: "Head {head} writes {part} straight into {what}, yet without it {what} is not higher but {size} lower: later parts of the model more than make up for it (a backup effect).",
    vi: "Đầu {head} ghi thẳng {part} vào {what}, nhưng khi thiếu nó {what} không tăng mà giảm {size}: các phần phía sau của mô hình bù lại quá mức (hiệu ứng dự phòng).",
    ru: "Голова {head} напрямую вносит {part}, но без неё {what} не растёт, а уменьшается на {size}: следующие части модели возмещают это с избытком (эффект подстраховки).",
  },
  note: {
    en: "Of all heads, head {head} writes most into {what}: {part}.",
    vi: "Trong mọi đầu, đầu {head} ghi nhiều nhất vào {what}: {part}.",
    ru: "Из всех голов больше всего в {what} вносит голова {head}: {part}.",
  },
  noteWithout: {
    en: "Of all heads, head {head} writes most into {what}: {part}. Without it {what} changes by {effect}.",
    vi: "Trong mọi đầu, đầu {head} ghi nhiều nhất vào {what}: {part}. Khi thiếu nó {what} thay đổi {effect}.",
    ru: "Из всех голов больше всего в {what} вносит голова {head}: {part}. Без неё {what} меняется на {effect}.",
  },
  notEdited: {
    en: "This is of the pass without the edits.",
    vi: "Đây là lượt chạy không có chỉnh sửa.",
    ru: "Это проход без правок.",
  },
  compare: { en: "Compared with", vi: "So với", ru: "По сравнению с" },
  nothing: { en: "no other token", vi: "không token nào khác", ru: "ни с каким" },
} satisfies Record<string, Text | Help>;

/** What wrote: the numbers are those of its layer, and of its head. */
export const TERMS = {
  head: { en: "head {layer}.{head}", vi: "đầu {layer}.{head}", ru: "голова {layer}.{head}" },
  embeddings: { en: "embeddings", vi: "vectơ nhúng", ru: "эмбеддинги" },
  attentionBias: {
    en: "attention bias {layer}",
    vi: "độ lệch chú ý {layer}",
    ru: "смещение внимания {layer}",
  },
  layer: { en: "layer {layer}", vi: "lớp {layer}", ru: "слой {layer}" },
  bias: { en: "bias", vi: "độ lệch", ru: "смещение" },
  ofKind: { en: "{term} ({kind})", vi: "{term} ({kind})", ru: "{term} ({kind})" },
  others: { en: { one: "{n} other", other: "{n} others" }, vi: "{n} phần khác", ru: "ещё {n}" },
} satisfies Record<string, Text>;

export const SCORE = {
  why: {
    en: "Why head {head} attends from {query} to {key}",
    vi: "Vì sao đầu {head} từ {query} chú ý tới {key}",
    ru: "Почему голова {head} смотрит с {query} на {key}",
  },
  whyThere: {
    en: "Why a head attends there",
    vi: "Vì sao một đầu chú ý tới đó",
    ru: "Почему голова туда смотрит",
  },
  select: {
    en: "Select a query token, a key token and a head to see what makes the head attend there.",
    vi: "Chọn một token truy vấn, một token khóa và một đầu để xem điều gì khiến đầu đó chú ý tới đó.",
    ru: "Выберите токен-запрос, токен-ключ и голову, чтобы увидеть, из-за чего голова туда смотрит.",
  },
  querySide: {
    en: "Written at the query {token}",
    vi: "Được ghi tại truy vấn {token}",
    ru: "Записано на запросе {token}",
  },
  keySide: {
    en: "Written at the key {token}",
    vi: "Được ghi tại khóa {token}",
    ru: "Записано на ключе {token}",
  },
  pairs: {
    en: "Strongest pairs: at the query × at the key",
    vi: "Các cặp mạnh nhất: tại truy vấn × tại khóa",
    ru: "Самые сильные пары: на запросе × на ключе",
  },
  pair: { en: "{query} × {key}", vi: "{query} × {key}", ru: "{query} × {key}" },
  sums: {
    en: "Each side, and all pairs, sum to the score {score}, which is q·k {dot} × scale {scale}. The norm before the attention is frozen.",
    vi: "Mỗi bên, và mọi cặp, cộng lại thành điểm {score}, tức q·k {dot} × hệ số {scale}. Phép chuẩn hóa trước chú ý được giữ cố định.",
    ru: "Каждая сторона и все пары в сумме дают оценку {score}, то есть q·k {dot} × множитель {scale}. Нормализация перед вниманием заморожена.",
  },
  weight: {
    en: "The softmax over all keys makes it the weight {weight} of these two tokens.",
    vi: "Softmax trên mọi khóa biến nó thành trọng số {weight} của hai token này.",
    ru: "Softmax по всем ключам превращает её в вес {weight} этих двух токенов.",
  },
  entered: {
    en: "A soft cap or a bias makes {entered} of it, and the softmax over all keys the weight {weight} of these two tokens.",
    vi: "Giới hạn mềm hoặc độ lệch biến nó thành {entered}, rồi softmax trên mọi khóa biến thành trọng số {weight} của hai token này.",
    ru: "Мягкий предел или смещение делает из неё {entered}, а softmax по всем ключам — вес {weight} этих двух токенов.",
  },
  hidden: {
    en: "The mask hides this key from the query, so the weight is 0.",
    vi: "Mặt nạ che khóa này khỏi truy vấn, nên trọng số là 0.",
    ru: "Маска скрывает этот ключ от запроса, поэтому вес равен 0.",
  },
} satisfies Record<string, Text>;

/** What the list of shortcuts says. */
export const ATTRIBUTION_KEYS = {
  where: { en: "On the attribution", vi: "Trên bảng đóng góp", ru: "В таблице вкладов" },
  otherTerm: {
    en: "go to the previous or next row",
    vi: "đi tới hàng trước hoặc sau",
    ru: "перейти к предыдущей или следующей строке",
  },
  endTerm: {
    en: "go to the first or last row",
    vi: "đi tới hàng đầu tiên hoặc cuối cùng",
    ru: "перейти к первой или последней строке",
  },
  openTerm: {
    en: "select the head of the row",
    vi: "chọn đầu của hàng",
    ru: "выбрать голову этой строки",
  },
} satisfies Record<string, Text>;
