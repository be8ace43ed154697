/** What the text box says. */

import type { Text } from "../../language/say";
import type { ReadOnly } from "../../trace/contract";

export const TEXT_BOX = {
  text: { en: "Text", vi: "Văn bản", ru: "Текст" },
  pair: { en: "Second text", vi: "Văn bản thứ hai", ru: "Второй текст" },
  run: { en: "Run", vi: "Chạy", ru: "Запустить" },
  running: { en: "Running …", vi: "Đang chạy …", ru: "Выполняется …" },
  waiting: { en: "Waiting …", vi: "Đang chờ …", ru: "Ожидание …" },
  tooLong: {
    en: "This text has {tokens} tokens; the model reads up to {limit}.",
    vi: "Văn bản này có {tokens} token; mô hình chỉ đọc được {limit} token.",
    ru: "Токенов в этом тексте: {tokens}; модель читает не больше {limit}.",
  },
  shorten: {
    en: { one: "Shorten to {n} token", other: "Shorten to {n} tokens" },
    vi: "Rút ngắn còn {n} token",
    ru: {
      one: "Сократить до {n} токена",
      few: "Сократить до {n} токенов",
      other: "Сократить до {n} токенов",
    },
  },
  page: {
    en: "To run another text, open it in a notebook: this page has no kernel.",
    vi: "Để chạy văn bản khác, hãy mở trong notebook: trang này không có kernel.",
    ru: "Чтобы запустить другой текст, откройте его в блокноте: у этой страницы нет ядра.",
  },
  gone: {
    en: "To run another text, re-run the cell.",
    vi: "Để chạy văn bản khác, hãy chạy lại ô.",
    ru: "Чтобы запустить другой текст, выполните ячейку ещё раз.",
  },
} satisfies Record<string, Text>;

/** Why no other text can be read; Python's words for it stand in protocol/description.py. */
export const READ_ONLY: Record<ReadOnly, Text> = {
  comparison: {
    en: "Two passes are compared here; for other texts make another comparison.",
    vi: "Ở đây hai lượt chạy được so sánh; muốn dùng văn bản khác, hãy tạo phép so sánh khác.",
    ru: "Здесь сравниваются два прохода; для других текстов создайте другое сравнение.",
  },
  atlas: {
    en: "An atlas holds texts and numbers, and no model. To open an example in the other views, give the model in Python: atlas.show(model).",
    vi: "Bản đồ chỉ chứa văn bản và số liệu, không có mô hình. Để mở một ví dụ ở các khung nhìn khác, hãy đưa mô hình vào trong Python: atlas.show(model).",
    ru: "В атласе есть тексты и числа, но нет модели. Чтобы открыть пример в других панелях, передайте модель в Python: atlas.show(model).",
  },
  trace: {
    en: "This widget was made from a trace: there is no model to run another text.",
    vi: "Tiện ích này được tạo từ một bản ghi (trace): không có mô hình để chạy văn bản khác.",
    ru: "Этот виджет создан из трассировки: модели, чтобы запустить другой текст, здесь нет.",
  },
  chat: {
    en: "The model was given a chat. To run another one, call widget.run(…) in Python.",
    vi: "Mô hình đã nhận một cuộc trò chuyện. Để chạy cuộc trò chuyện khác, hãy gọi widget.run(…) trong Python.",
    ru: "Модель получила чат. Чтобы запустить другой, вызовите widget.run(…) в Python.",
  },
  no_text: {
    en: "The input of the model is not a text. To run another input, call widget.run(…) in Python.",
    vi: "Đầu vào của mô hình không phải là văn bản. Để chạy đầu vào khác, hãy gọi widget.run(…) trong Python.",
    ru: "Вход модели — не текст. Чтобы запустить её на других данных, вызовите widget.run(…) в Python.",
  },
  page: {
    en: "This page was saved from a notebook: there is no model to run another text.",
    vi: "Trang này được lưu từ notebook: không có mô hình để chạy văn bản khác.",
    ru: "Эта страница сохранена из блокнота: модели, чтобы запустить другой текст, здесь нет.",
  },
};
