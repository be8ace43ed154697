/** What the plane of layers and tokens says. */

import type { Text } from "../../language/say";

export const PLANE = {
  title: {
    en: "By layer, at all tokens (logit lens)",
    vi: "Theo từng lớp, ở mọi token (logit lens)",
    ru: "По слоям, на всех токенах (logit lens)",
  },
  grid: {
    en: "Logit lens: a row for each of {layers} layers, the last on top; a column for each of {tokens} tokens; arrow keys move, Enter selects",
    vi: "Logit lens: mỗi hàng là một trong {layers} lớp, lớp cuối ở trên cùng; mỗi cột là một trong {tokens} token; phím mũi tên để di chuyển, Enter để chọn",
    ru: "Logit lens: строка — один из {layers} слоёв, последний сверху; столбец — один из {tokens} токенов; стрелки перемещают, Enter выбирает",
  },
  about: {
    en: "In each cell: the most likely next token if the layer’s hidden state went straight to the model’s output. The top row is the model’s own prediction. Early layers may mean little.",
    vi: "Trong mỗi ô: token kế tiếp có khả năng nhất nếu trạng thái ẩn của lớp đi thẳng tới đầu ra của mô hình. Hàng trên cùng là dự đoán của chính mô hình. Các lớp đầu có thể không nói lên nhiều.",
    ru: "В клетке — самый вероятный следующий токен, если бы скрытое состояние слоя шло прямо на выход модели. Верхняя строка — предсказание самой модели. Первые слои могут мало что значить.",
  },
  aboutHere: {
    en: "In each cell: the most likely token here if the layer’s hidden state went straight to the model’s output. The top row is the model’s own prediction. Early layers may mean little.",
    vi: "Trong mỗi ô: token có khả năng nhất ở đây nếu trạng thái ẩn của lớp đi thẳng tới đầu ra của mô hình. Hàng trên cùng là dự đoán của chính mô hình. Các lớp đầu có thể không nói lên nhiều.",
    ru: "В клетке — самый вероятный токен на этом месте, если бы скрытое состояние слоя шло прямо на выход модели. Верхняя строка — предсказание самой модели. Первые слои могут мало что значить.",
  },
  narrow: {
    en: "The cells are too narrow for words: point at one, or go there with arrow keys.",
    vi: "Các ô quá hẹp để ghi từ: hãy trỏ vào một ô, hoặc di chuyển tới đó bằng phím mũi tên.",
    ru: "Клетки слишком узкие для слов: наведите указатель на одну или перейдите к ней стрелками.",
  },
  bold: {
    en: "Bold: what the model predicts in the end.",
    vi: "In đậm: dự đoán cuối cùng của mô hình.",
    ru: "Жирным — итоговое предсказание модели.",
  },
  boldAfter: {
    en: "Bold: what the model predicts without the edits.",
    vi: "In đậm: dự đoán của mô hình khi không sửa.",
    ru: "Жирным — предсказание модели без правок.",
    compared: {
      en: "Bold: what {one} predicts.",
      vi: "In đậm: dự đoán của {one}.",
      ru: "Жирным — предсказание {one}.",
    },
  },
  difference: {
    en: "The words are those after the edits; the colour is how much the probability of the model’s prediction without edits changed.",
    vi: "Các từ là của lượt chạy sau khi sửa; màu cho biết xác suất của dự đoán khi không sửa đã thay đổi bao nhiêu.",
    ru: "Слова — после правок; цвет — насколько изменилась вероятность предсказания модели без правок.",
    compared: {
      en: "The words are those of {other}; the colour is how much the probability of what {one} predicts differs.",
      vi: "Các từ là của {other}; màu cho biết xác suất của dự đoán của {one} khác bao nhiêu.",
      ru: "Слова — {other}; цвет — насколько отличается вероятность предсказания {one}.",
    },
  },
  probability: {
    en: "probability of the token in the cell",
    vi: "xác suất của token trong ô",
    ru: "вероятность токена в клетке",
  },
  change: {
    en: "change of the prediction’s probability",
    vi: "thay đổi xác suất của dự đoán",
    ru: "изменение вероятности предсказания",
  },
  layer: { en: "layer", vi: "lớp", ru: "слой" },
  place: {
    en: "{token}, layer {layer}",
    vi: "{token}, lớp {layer}",
    ru: "{token}, слой {layer}",
  },
  best: {
    en: "most likely: {best}, probability {p}",
    vi: "khả dĩ nhất: {best}, xác suất {p}",
    ru: "самый вероятный: {best}, вероятность {p}",
  },
  answer: {
    en: "in the end the model predicts {answer}: here probability {p}, rank {rank}",
    vi: "cuối cùng mô hình dự đoán {answer}: ở đây xác suất {p}, hạng {rank}",
    ru: "в итоге модель предсказывает {answer}: здесь вероятность {p}, ранг {rank}",
  },
  isAnswer: {
    en: "it is what the model predicts in the end",
    vi: "đó là dự đoán cuối cùng của mô hình",
    ru: "это и есть итоговое предсказание модели",
  },
  answerAfter: {
    en: "without edits the model predicts {answer}: here, with them, probability {p}, rank {rank}",
    vi: "khi không sửa, mô hình dự đoán {answer}: ở đây, khi có sửa, xác suất {p}, hạng {rank}",
    ru: "без правок модель предсказывает {answer}: здесь, с правками, вероятность {p}, ранг {rank}",
  },
  answerChanged: {
    en: "without edits the model predicts {answer}: here probability {before} → {p}, rank {rankBefore} → {rank}",
    vi: "khi không sửa, mô hình dự đoán {answer}: ở đây xác suất {before} → {p}, hạng {rankBefore} → {rank}",
    ru: "без правок модель предсказывает {answer}: здесь вероятность {before} → {p}, ранг {rankBefore} → {rank}",
    compared: {
      en: "{one} predicts {answer}: here probability {before} → {p}, rank {rankBefore} → {rank}",
      vi: "{one} dự đoán {answer}: ở đây xác suất {before} → {p}, hạng {rankBefore} → {rank}",
      ru: "{one} предсказывает {answer}: здесь вероятность {before} → {p}, ранг {rankBefore} → {rank}",
    },
  },
  selected: { en: "selected", vi: "đã chọn", ru: "выбрано" },
  unread: {
    en: "not read yet",
    vi: "chưa đọc",
    ru: "ещё не прочитано",
  },
  begins: {
    en: "Reading the layers …",
    vi: "Đang đọc các lớp …",
    ru: "Чтение слоёв …",
  },
  running: {
    en: "Reading the layers: {done} of {of} …",
    vi: "Đang đọc các lớp: {done} trong {of} …",
    ru: "Чтение слоёв: {done} из {of} …",
  },
  stopped: {
    en: "Stopped: {done} of {of} layers are read.",
    vi: "Đã dừng: đọc được {done} trong {of} lớp.",
    ru: "Остановлено: прочитано слоёв {done} из {of}.",
  },
  partial: {
    en: "{done} of {of} layers were read; the others need a kernel.",
    vi: "Đã đọc {done} trong {of} lớp; các lớp còn lại cần kernel.",
    ru: "Прочитано слоёв {done} из {of}; для остальных нужно ядро.",
  },
  done: {
    en: "All {of} layers are read, at {n} tokens.",
    vi: "Đã đọc cả {of} lớp, ở {n} token.",
    ru: "Прочитаны все слои ({of}), токенов: {n}.",
  },
  lastOnly: {
    en: "Only the last {n} of {all} tokens are shown, as this takes several times as long as a pass.",
    vi: "Chỉ hiện {n} token cuối trong {all} token, vì việc này lâu gấp nhiều lần một lượt chạy.",
    ru: "Показаны только последние токены: {n} из {all}, так как это в несколько раз дольше одного прохода.",
  },
  readAll: {
    en: "Read all {all} tokens",
    vi: "Đọc cả {all} token",
    ru: "Прочитать все токены ({all})",
  },
  stop: { en: "Stop", vi: "Dừng", ru: "Остановить" },
  again: { en: "Read all layers", vi: "Đọc mọi lớp", ru: "Прочитать все слои" },
} satisfies Record<string, Text>;

/** What the list of shortcuts says. */
export const PLANE_KEYS = {
  movePlane: {
    en: "on the logit lens: go to the next cell",
    vi: "trên logit lens: tới ô bên cạnh",
    ru: "на logit lens: перейти к соседней клетке",
  },
  enterPlane: {
    en: "on the logit lens: select the token and the layer",
    vi: "trên logit lens: chọn token và lớp",
    ru: "на logit lens: выбрать токен и слой",
  },
} satisfies Record<string, Text>;
