/** What the predictions say. */

import type { Help, Text } from "../../language/say";

export const PREDICTED = {
  name: { en: "Predictions", vi: "Dự đoán", ru: "Предсказания" },
  title: { en: "Predictions", vi: "Dự đoán của mô hình", ru: "Предсказания модели" },
  help: {
    short: {
      en: "What the model predicts at each token, and how likely the token is that is really there.",
      vi: "Mô hình dự đoán gì ở mỗi token, và token thật trong văn bản có khả năng đến đâu.",
      ru: "Что модель предсказывает на каждом токене и насколько вероятен тот, что стоит в тексте.",
    },
    more: {
      en: "A causal model predicts the next token; a masked language model the token itself, which it can see unless it is masked; a classifier a class. The probabilities are exactly those of the model’s own output, over its whole vocabulary. Rank 1 is the most likely token. Click a row to select its token in every view and to see the ten most likely predictions; the token that is in the text is bold among them. You can replace the selected word or, where the model has a mask, mask it: the model then reads the text again. In an encoder-decoder this can be a word of the text or of the target, which the decoder reads.",
      vi: "Mô hình nhân quả dự đoán token kế tiếp; mô hình ngôn ngữ che token dự đoán chính token đó, vốn nó nhìn thấy trừ khi bị che; mô hình phân loại dự đoán một lớp phân loại. Xác suất đúng bằng đầu ra của mô hình, tính trên toàn bộ từ vựng. Hạng 1 là token có khả năng nhất. Nhấp vào một hàng để chọn token đó ở mọi khung nhìn và xem mười dự đoán có khả năng nhất; token có trong văn bản được in đậm. Bạn có thể thay từ đang chọn hoặc che nó đi nếu mô hình có token che: mô hình sẽ đọc lại văn bản. Ở mô hình có bộ mã hóa và bộ giải mã, đó có thể là từ của văn bản hoặc của văn bản đích mà bộ giải mã đọc.",
      ru: "Каузальная модель предсказывает следующий токен; маскированная языковая модель — сам токен, который она видит, если он не замаскирован; классификатор — класс. Вероятности в точности те, что даёт сама модель, по всему её словарю. Ранг 1 у самого вероятного токена. Щелчок по строке выбирает её токен во всех панелях и показывает десять самых вероятных предсказаний; токен из текста среди них выделен жирным. Выбранное слово можно заменить, а если у модели есть маска, то и замаскировать: тогда модель читает текст заново. У модели с энкодером и декодером это может быть слово текста или целевого текста, который читает декодер.",
    },
  },
  table: {
    en: "Predictions at each token; arrow keys select the previous or next token",
    vi: "Dự đoán ở mỗi token; phím mũi tên chọn token trước hoặc sau",
    ru: "Предсказания на каждом токене; стрелки выбирают предыдущий или следующий",
  },
  token: { en: "token", vi: "token", ru: "токен" },
  prediction: { en: "prediction", vi: "dự đoán", ru: "предсказание" },
  aboutNext: {
    en: "The most likely next token",
    vi: "Token kế tiếp có khả năng nhất",
    ru: "Самый вероятный следующий токен",
  },
  aboutHere: {
    en: "The most likely token here",
    vi: "Token có khả năng nhất ở đây",
    ru: "Самый вероятный токен на этом месте",
  },
  class: { en: "class", vi: "lớp phân loại", ru: "класс" },
  probability: { en: "probability", vi: "xác suất", ru: "вероятность" },
  aboutProbability: {
    en: "Probability of this prediction, from the model’s own output",
    vi: "Xác suất của dự đoán này, theo đầu ra của chính mô hình",
    ru: "Вероятность этого предсказания по выходу самой модели",
  },
  actual: { en: "in the text", vi: "trong văn bản", ru: "в тексте" },
  aboutActualNext: {
    en: "Probability of the next token that is in the text",
    vi: "Xác suất của token kế tiếp có trong văn bản",
    ru: "Вероятность следующего токена, который стоит в тексте",
  },
  aboutActual: {
    en: "Probability of the token that is in the text",
    vi: "Xác suất của token có trong văn bản",
    ru: "Вероятность токена, который стоит в тексте",
  },
  rank: { en: "rank", vi: "hạng", ru: "ранг" },
  aboutRank: {
    en: "Rank of the token that is in the text: 1 is the most likely",
    vi: "Hạng của token có trong văn bản: 1 là khả dĩ nhất",
    ru: "Ранг токена, который стоит в тексте: 1 у самого вероятного",
  },
  noteAfter: {
    en: "After {token} the model predicts {best}, with probability {p}.",
    vi: "Sau {token}, mô hình dự đoán {best} với xác suất {p}.",
    ru: "После {token} модель предсказывает {best} с вероятностью {p}.",
  },
  noteAt: {
    en: "At {token} the model predicts {best}, with probability {p}.",
    vi: "Tại {token}, mô hình dự đoán {best} với xác suất {p}.",
    ru: "На {token} модель предсказывает {best} с вероятностью {p}.",
  },
  noteClass: {
    en: "The model predicts {best}, with probability {p}.",
    vi: "Mô hình dự đoán {best} với xác suất {p}.",
    ru: "Модель предсказывает {best} с вероятностью {p}.",
  },
  noteRight: {
    en: "The text’s own token is the most likely one at {n} of {of} positions.",
    vi: "Token của văn bản là token khả dĩ nhất ở {n} trong {of} vị trí.",
    ru: "Токен текста самый вероятный на {n} позициях из {of}.",
  },
  change: { en: "change", vi: "thay đổi", ru: "изменение" },
  aboutChange: {
    en: "Probability after the edits minus the probability before them",
    vi: "Xác suất sau khi sửa trừ đi xác suất trước đó",
    ru: "Вероятность после правок минус вероятность до них",
    compared: {
      en: "Probability in {other} minus the probability in {one}",
      vi: "Xác suất ở {other} trừ đi xác suất ở {one}",
      ru: "Вероятность в {other} минус вероятность в {one}",
    },
  },
  noteBars: {
    en: "Upper bar: before the edits. Lower bar: after them, for the same prediction.",
    vi: "Thanh trên: trước khi sửa. Thanh dưới: sau khi sửa, cho cùng dự đoán đó.",
    ru: "Верхняя полоса — до правок, нижняя — после них, для того же предсказания.",
    compared: {
      en: "Upper bar: {one}. Lower bar: {other}, for the same prediction.",
      vi: "Thanh trên: {one}. Thanh dưới: {other}, cho cùng dự đoán đó.",
      ru: "Верхняя полоса — {one}, нижняя — {other}, для того же предсказания.",
    },
  },
  noteChanged: {
    en: "{best} at {token}: {p} → {kept}.",
    vi: "{best} tại {token}: {p} → {kept}.",
    ru: "{best} на {token}: {p} → {kept}.",
  },
  lens: {
    en: "By layer (logit lens)",
    vi: "Theo từng lớp (logit lens)",
    ru: "По слоям (logit lens)",
  },
  lensAbout: {
    en: "Bars: probability of {answer} if the layer’s hidden state went straight to the model’s output. Line: its rank, 1 at the top, on a logarithmic scale down to {rank}.",
    vi: "Cột: xác suất của {answer} nếu trạng thái ẩn của lớp đi thẳng tới đầu ra của mô hình. Đường: hạng của nó, hạng 1 ở trên cùng, theo thang logarit xuống tới {rank}.",
    ru: "Столбики: вероятность {answer}, если бы скрытое состояние слоя шло прямо на выход модели. Линия: его ранг, 1 наверху, в логарифмической шкале до {rank}.",
  },
  lensBoth: {
    en: "Dashed: before the edits. Filled, and the solid line: after them.",
    vi: "Nét đứt: trước khi sửa. Tô đặc và đường liền: sau khi sửa.",
    ru: "Пунктир — до правок; заливка и сплошная линия — после них.",
    compared: {
      en: "Dashed: {one}. Filled, and the solid line: {other}.",
      vi: "Nét đứt: {one}. Tô đặc và đường liền: {other}.",
      ru: "Пунктир — {one}; заливка и сплошная линия — {other}.",
    },
  },
  lensChanged: {
    en: "{answer} in the last layer: {before} → {after}.",
    vi: "{answer} ở lớp cuối: {before} → {after}.",
    ru: "{answer} в последнем слое: {before} → {after}.",
  },
  lensFrom: {
    en: "{answer} is the most likely token from layer {layer} on.",
    vi: "{answer} là token có khả năng nhất từ lớp {layer} trở đi.",
    ru: "{answer} — самый вероятный токен начиная со слоя {layer}.",
  },
  lensLayer: {
    en: "Layer {layer}: {answer} has probability {p} and rank {rank}; most likely: {best}",
    vi: "Lớp {layer}: {answer} có xác suất {p} và hạng {rank}; khả dĩ nhất: {best}",
    ru: "Слой {layer}: вероятность {answer} — {p}, ранг {rank}; самый вероятный: {best}",
  },
  lensLayerChanged: {
    en: "Layer {layer}: {answer} has probability {p} → {pAfter} and rank {rank} → {rankAfter}; most likely: {best} → {bestAfter}",
    vi: "Lớp {layer}: {answer} có xác suất {p} → {pAfter} và hạng {rank} → {rankAfter}; khả dĩ nhất: {best} → {bestAfter}",
    ru: "Слой {layer}: вероятность {answer} — {p} → {pAfter}, ранг {rank} → {rankAfter}; самый вероятный: {best} → {bestAfter}",
  },
  lensSelect: {
    en: "Select a token to see its prediction layer by layer.",
    vi: "Chọn một token để xem dự đoán ở đó qua từng lớp.",
    ru: "Выберите токен, чтобы увидеть его предсказание по слоям.",
  },
  progress: {
    en: "Asking the model: {done} of {of} positions …",
    vi: "Đang hỏi mô hình: {done} trong {of} vị trí …",
    ru: "Запрос к модели: позиций {done} из {of} …",
  },
  take: {
    en: "Put {text} there and run the model again",
    vi: "Đặt {text} vào đó và chạy lại mô hình",
    ru: "Поставить туда {text} и запустить модель заново",
  },
  mask: { en: "Mask it", vi: "Che từ này", ru: "Замаскировать" },
  otherWord: { en: "another word", vi: "từ khác", ru: "другое слово" },
  replace: { en: "Replace", vi: "Thay", ru: "Заменить" },
  targetFixed: {
    en: "The decoder of this model reads the text itself. Replace the word in the text.",
    vi: "Bộ giải mã của mô hình này đọc chính văn bản. Hãy thay từ đó trong văn bản.",
    ru: "Декодер этой модели читает сам текст. Замените слово в тексте.",
  },
  undo: { en: "Undo", vi: "Hoàn tác", ru: "Отменить" },
} satisfies Record<string, Text | Help>;

/** What the list of shortcuts says. */
export const PREDICTED_KEYS = {
  where: { en: "On the predictions", vi: "Trên bảng dự đoán", ru: "В предсказаниях" },
  otherPredicted: {
    en: "select the previous or next token",
    vi: "chọn token trước hoặc sau",
    ru: "выбрать предыдущий или следующий токен",
  },
  endPredicted: {
    en: "select the first or last token",
    vi: "chọn token đầu tiên hoặc cuối cùng",
    ru: "выбрать первый или последний токен",
  },
  openPredicted: {
    en: "deselect the token, or select it again",
    vi: "bỏ chọn token, hoặc chọn lại",
    ru: "снять выбор токена или выбрать его снова",
  },
} satisfies Record<string, Text>;
