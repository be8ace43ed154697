/** What the view of passages says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Help, Text } from "../../language/say";

export const PASSAGES = {
  name: { en: "Passages", vi: "Các đoạn", ru: "Отрывки" },
  title: { en: "Passages of the text", vi: "Các đoạn của văn bản", ru: "Отрывки текста" },
  help: {
    short: {
      en: "How much attention each passage gets, and what the answer loses without it.",
      vi: "Mỗi đoạn nhận bao nhiêu chú ý, và câu trả lời mất gì khi thiếu đoạn đó.",
      ru: "Сколько внимания получает каждый отрывок и что теряет без него ответ.",
    },
    more: {
      en: "A share is the attention to all tokens of a passage, of the tokens at which the answer was predicted or of the selected token, averaged over heads. The coloured cells show it for each layer and head; click a cell to select the head, click a passage to see its cells. Where another measure is chosen, the shares are of that: of the sum over all keys. Attention only shows where heads look. What the answer depends on is found by leaving a passage out: no token may attend to any token of it, in any layer and head, and the model runs again. That is exact, and may name another passage.",
      vi: "Tỉ lệ là chú ý tới mọi token của một đoạn, của những token mà tại đó câu trả lời được dự đoán hoặc của token được chọn, lấy trung bình trên các đầu. Các ô màu cho biết tỉ lệ ở từng lớp và từng đầu; nhấp vào một ô để chọn đầu đó, nhấp vào một đoạn để xem các ô của nó. Khi chọn một độ đo khác, tỉ lệ được tính theo độ đo ấy: trên tổng của mọi khóa. Chú ý chỉ cho biết các đầu chú ý tới đâu. Muốn biết câu trả lời dựa vào gì thì phải bỏ một đoạn ra: không token nào được chú ý tới bất kỳ token nào của đoạn đó, ở mọi lớp và mọi đầu, rồi mô hình chạy lại. Kết quả ấy là chính xác, và có thể chỉ ra một đoạn khác.",
      ru: "Доля — это внимание ко всем токенам отрывка со стороны токенов, на которых предсказан ответ, или выбранного токена, среднее по головам. Цветные клетки показывают её для каждого слоя и головы; щелчок по клетке выбирает голову, щелчок по отрывку показывает его клетки. Если выбрана другая мера, доли считаются по ней: от суммы по всем ключам. Внимание говорит лишь, куда смотрят головы. От чего зависит ответ, узнают, убирая отрывок: ни один токен не может смотреть ни на один его токен ни в одном слое и ни в одной голове, и модель запускается снова. Это точно и может указать на другой отрывок.",
    },
  },
  ofMeasure: {
    en: "What share of {measure} each passage has, and what the answer loses without it.",
    vi: "Mỗi đoạn có bao nhiêu phần của {measure}, và câu trả lời mất gì khi thiếu đoạn đó.",
    ru: "Какая доля меры {measure} у каждого отрывка и что теряет без него ответ.",
  },
  needs: {
    en: "receiver heads",
    vi: "các đầu tiếp nhận",
    ru: "головы-приёмники",
  },
  none: {
    en: 'This text has no passages. Name some in Python: AttentionWidget(model, text, passages=…), with characters by name, or "sentences".',
    vi: 'Văn bản này chưa có đoạn nào. Hãy đặt tên cho các đoạn trong Python: AttentionWidget(model, text, passages=…), theo vị trí ký tự, hoặc "sentences".',
    ru: 'В этом тексте нет отрывков. Задайте их в Python: AttentionWidget(model, text, passages=…), символы по именам или "sentences".',
  },
  otherText: {
    en: "The passages are of the encoder's text: choose encoder or cross-attention.",
    vi: "Các đoạn thuộc văn bản của bộ mã hóa: hãy chọn chú ý bộ mã hóa hoặc chú ý chéo.",
    ru: "Отрывки — из текста энкодера: выберите внимание энкодера или перекрёстное.",
  },
  select: {
    en: "Select a token whose attention is to be shown by passage.",
    vi: "Chọn một token để xem chú ý của nó theo đoạn.",
    ru: "Выберите токен, чьё внимание показать по отрывкам.",
  },
  ofToken: {
    en: "{token} (token {index})",
    vi: "{token} (token {index})",
    ru: "{token} (токен {index})",
  },
  ofAnswer: {
    en: {
      one: "the {n} token where the answer was predicted",
      other: "the {n} tokens where the answer was predicted",
    },
    vi: "{n} token mà tại đó câu trả lời được dự đoán",
    ru: {
      one: "{n} токена, на котором предсказан ответ",
      few: "{n} токенов, на которых предсказан ответ",
      other: "{n} токенов, на которых предсказан ответ",
    },
  },
  ofOutside: {
    en: { one: "the {n} token outside the passages", other: "the {n} tokens outside the passages" },
    vi: "{n} token nằm ngoài các đoạn",
    ru: {
      one: "{n} токена вне отрывков",
      few: "{n} токенов вне отрывков",
      other: "{n} токенов вне отрывков",
    },
  },
  note: {
    en: "Attention of {who}, mean over all layers and heads: most goes to {name}, {share}.",
    vi: "Chú ý của {who}, trung bình trên mọi lớp và mọi đầu: nhiều nhất tới {name}, {share}.",
    ru: "Внимание {who}, среднее по всем слоям и головам: больше всего получает {name}, {share}.",
  },
  noteOf: {
    en: "Shares by {measure} for {who}, mean over all layers and heads: the largest is that of {name}, {share}.",
    vi: "Tỉ lệ theo {measure} của {who}, trung bình trên mọi lớp và mọi đầu: lớn nhất là của {name}, {share}.",
    ru: "Доли по мере {measure} для {who}, среднее по всем слоям и головам: наибольшая — {name}, {share}.",
  },
  noShares: {
    en: "The numbers of {measure} may lie below 0 here, so passages have no shares of them: attention is shown.",
    vi: "Các số của {measure} ở đây có thể nhỏ hơn 0 nên các đoạn không có tỉ lệ: phần này hiện chú ý.",
    ru: "Числа меры {measure} здесь бывают ниже 0, долей у них нет: показано внимание.",
  },
  passage: { en: "Passage", vi: "Đoạn", ru: "Отрывок" },
  all: { en: "all heads", vi: "mọi đầu", ru: "все головы" },
  allTitle: {
    en: "Share of attention, mean over all layers and heads",
    vi: "Tỉ lệ chú ý, trung bình trên mọi lớp và mọi đầu",
    ru: "Доля внимания, среднее по всем слоям и головам",
  },
  allTitleOf: {
    en: "Share by {measure}, mean over all layers and heads",
    vi: "Tỉ lệ theo {measure}, trung bình trên mọi lớp và mọi đầu",
    ru: "Доля по мере {measure}, среднее по всем слоям и головам",
  },
  shown: { en: "shown heads", vi: "đầu đang hiện", ru: "показанные" },
  shownTitle: {
    en: "Share of attention, mean over the heads that are shown",
    vi: "Tỉ lệ chú ý, trung bình trên các đầu đang hiện",
    ru: "Доля внимания, среднее по показанным головам",
  },
  shownTitleOf: {
    en: "Share by {measure}, mean over what is shown",
    vi: "Tỉ lệ theo {measure}, trung bình trên những gì đang hiện",
    ru: "Доля по мере {measure}, среднее по показанному",
  },
  rest: { en: "outside passages", vi: "ngoài các đoạn", ru: "вне отрывков" },
  table: {
    en: "Passages with their shares; a button shows the cells of a passage",
    vi: "Các đoạn cùng tỉ lệ; nhấp vào tên một đoạn để xem các ô của nó",
    ru: "Отрывки и их доли; кнопка показывает клетки отрывка",
  },
  pick: {
    en: "{name}: show its share by layer and head",
    vi: "{name}: xem tỉ lệ theo lớp và đầu",
    ru: "{name}: показать долю по слоям и головам",
  },
  mapOf: {
    en: "Share of {name} by layer and head, by {measure}",
    vi: "Tỉ lệ của {name} theo lớp và đầu, tính theo {measure}",
    ru: "Доля: {name}, по слоям и головам, мера {measure}",
  },
  legend: { en: "share of attention", vi: "tỉ lệ chú ý", ru: "доля внимания" },
  legendOf: {
    en: "share by {measure}",
    vi: "tỉ lệ theo {measure}",
    ru: "доля по мере {measure}",
  },
  map: {
    en: "Share of {name} by layer and head",
    vi: "Tỉ lệ của {name} theo lớp và đầu",
    ru: "Доля: {name}, по слоям и головам",
  },
  cell: {
    en: "layer {layer}, head {head}: {share}",
    vi: "lớp {layer}, đầu {head}: {share}",
    ru: "слой {layer}, голова {head}: {share}",
  },
  cellOfLayer: {
    en: "layer {layer}: {share}",
    vi: "lớp {layer}: {share}",
    ru: "слой {layer}: {share}",
  },
  strongest: {
    en: "Heads with the largest share",
    vi: "Các đầu có tỉ lệ lớn nhất",
    ru: "Головы с наибольшей долей",
  },
  layers: { en: "layer", vi: "lớp", ru: "слой" },
  heads: { en: "head", vi: "đầu", ru: "голова" },
  receivers: { en: "Receiver heads", vi: "Các đầu tiếp nhận", ru: "Головы-приёмники" },
  aboutReceivers: {
    en: "Attention of later passages lies here on few of the earlier ones. The number is the kurtosis of what passages get (Bogdan et al. 2025); in one text it is a hint.",
    vi: "Ở các đầu này, chú ý của những đoạn sau dồn vào một vài đoạn trước. Con số là độ nhọn của phần mà các đoạn nhận được (Bogdan và cộng sự 2025); với một văn bản, đó chỉ là gợi ý.",
    ru: "Здесь внимание более поздних отрывков приходится на немногие из ранних. Число — эксцесс того, что получают отрывки (Bogdan и др., 2025); по одному тексту это лишь намёк.",
  },
} satisfies Record<string, Text | Help>;

/** Of leaving passages out. */
export const LEFT_OUT = {
  column: { en: "left out", vi: "bỏ ra", ru: "без него" },
  columnTitle: {
    en: "What leaving the passage out changes: no token may attend to it. Exact.",
    vi: "Điều thay đổi khi bỏ đoạn này ra: không token nào được chú ý tới nó. Chính xác.",
    ru: "Что меняется без отрывка: ни один токен не может на него смотреть. Точно.",
  },
  start: {
    en: "Leave each passage out",
    vi: "Bỏ lần lượt từng đoạn",
    ru: "Убрать отрывки по одному",
  },
  goOn: { en: "Go on", vi: "Tiếp tục", ru: "Продолжить" },
  stop: { en: "Stop", vi: "Dừng", ru: "Остановить" },
  startTitle: {
    en: "Runs the model once for each passage",
    vi: "Chạy mô hình một lần cho mỗi đoạn",
    ru: "Запускает модель по разу на каждый отрывок",
  },
  first: {
    en: "first with all passages …",
    vi: "trước tiên với đủ các đoạn …",
    ru: "сначала со всеми отрывками …",
  },
  progress: {
    en: "{done} of {n} passages left out …",
    vi: "đã bỏ {done} trong số {n} đoạn …",
    ru: "убрано {done} из {n} …",
  },
  needsModel: {
    en: "Leaving passages out needs the model; here is a trace or a saved page.",
    vi: "Muốn bỏ đoạn ra thì cần có mô hình; ở đây chỉ có một bản ghi hoặc trang đã lưu.",
    ru: "Чтобы убирать отрывки, нужна модель; здесь трассировка или сохранённая страница.",
  },
  inAnswer: {
    en: "the answer is in it",
    vi: "câu trả lời nằm trong đó",
    ru: "ответ в нём самом",
  },
  before: {
    en: "With all passages: {what} {before} {unit}.",
    vi: "Khi có đủ các đoạn: {what} là {before} {unit}.",
    ru: "Со всеми отрывками: {what} — {before} {unit}.",
  },
  ofText: {
    en: {
      one: "log-probability of the answer ({n} token)",
      other: "log-probability of the answer ({n} tokens)",
    },
    vi: "log xác suất của câu trả lời ({n} token)",
    ru: {
      one: "логарифм вероятности ответа ({n} токен)",
      few: "логарифм вероятности ответа ({n} токена)",
      other: "логарифм вероятности ответа ({n} токенов)",
    },
  },
  afterToken: {
    en: "log-probability of {label} after {token}",
    vi: "log xác suất của {label} sau {token}",
    ru: "логарифм вероятности {label} после {token}",
  },
  atToken: {
    en: "log-probability of {label} at {token}",
    vi: "log xác suất của {label} tại {token}",
    ru: "логарифм вероятности {label} на месте {token}",
  },
  ofClass: {
    en: "log-probability of {label}",
    vi: "log xác suất của {label}",
    ru: "логарифм вероятности {label}",
  },
  ofStates: {
    en: "turn of the final states outside the passages",
    vi: "độ xoay của các trạng thái cuối ngoài các đoạn",
    ru: "поворот последних состояний вне отрывков",
  },
  nats: { en: "nats", vi: "nat", ru: "нат" },
  cosine: { en: "(1 − cosine)", vi: "(1 − cosin)", ru: "(1 − косинус)" },
  attention: { en: "Attention", vi: "Chú ý", ru: "Внимание" },
  measure: { en: "The measure {measure}", vi: "Độ đo {measure}", ru: "Мера {measure}" },
  agree: {
    en: "{what} and leaving out agree: of the passages left out, {first} gets the largest share ({share}), and without it the answer loses most ({loss} {unit}).",
    vi: "{what} và việc bỏ đoạn khớp nhau: trong các đoạn đã bỏ ra, {first} có tỉ lệ lớn nhất ({share}), và thiếu đoạn đó câu trả lời mất nhiều nhất ({loss} {unit}).",
    ru: "{what} и проверка без отрывков согласны: среди убранных отрывков {first} получает наибольшую долю ({share}), и без него ответ теряет больше всего ({loss} {unit}).",
  },
  disagree: {
    en: "{what} and leaving out disagree: of the passages left out, {first} gets the largest share ({share}), but the answer loses most without {other} ({loss} {unit}).",
    vi: "{what} và việc bỏ đoạn không khớp nhau: trong các đoạn đã bỏ ra, {first} có tỉ lệ lớn nhất ({share}), nhưng câu trả lời mất nhiều nhất khi thiếu {other} ({loss} {unit}).",
    ru: "{what} и проверка без отрывков расходятся: среди убранных отрывков {first} получает наибольшую долю ({share}), но больше всего ответ теряет без {other} ({loss} {unit}).",
  },
  none: {
    en: "None of the passages left out matters: without any one of them the answer changes by less than {threshold} {unit} (at most {most}). {first} gets the largest share ({share}).",
    vi: "Không đoạn nào đã bỏ ra là quan trọng: thiếu riêng đoạn nào thì câu trả lời cũng chỉ đổi chưa tới {threshold} {unit} (nhiều nhất {most}). {first} có tỉ lệ lớn nhất ({share}).",
    ru: "Ни один из убранных отрывков не важен: без любого из них ответ меняется меньше чем на {threshold} {unit} (самое большее на {most}). Наибольшая доля — {first} ({share}).",
  },
  hinders: {
    en: "The answer needs none of the passages left out: without any one of them it loses less than {threshold} {unit}. Without {other} it even gains {most}.",
    vi: "Câu trả lời không cần đoạn nào trong các đoạn đã bỏ ra: thiếu riêng đoạn nào thì cũng chỉ mất chưa tới {threshold} {unit}. Thiếu {other}, nó còn được thêm {most}.",
    ru: "Ответу не нужен ни один из убранных отрывков: без любого из них он теряет меньше чем {threshold} {unit}. Без {other} он даже выигрывает {most}.",
  },
} satisfies Record<string, Text>;

export const PASSAGES_OPTIONS: OptionTexts<"passages"> = {
  share_of: {
    label: { en: "Attention of", vi: "Chú ý của", ru: "Внимание" },
    values: {
      answer: { en: "the answer", vi: "câu trả lời", ru: "ответа" },
      token: { en: "the selected token", vi: "token được chọn", ru: "выбранного токена" },
    },
  },
};
