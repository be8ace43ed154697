/** What the neuron view says. */

import type { Text } from "../language";

export const NEURON = {
  title: { en: "Neurons", vi: "Nơ-ron", ru: "Нейроны" },
  help: {
    en: "How one head comes by its attention for one query token: the query vector q, the key vector k of every token, their element-wise product q × k, its scaled sum q · k, and the softmax of it over all keys. Vectors are as the model used them, after rotary embedding where it has one. The softmax column is the attention that the lines show. A softmax is taken over tokens, so tokens are shown here even where words are chosen.",
    vi: "Cách một đầu chú ý tính trọng số cho một token truy vấn: vectơ truy vấn q, vectơ khóa k của mọi token, tích từng phần tử q × k, tổng có tỉ lệ q · k, và softmax của nó trên mọi khóa. Các vectơ đúng như mô hình đã dùng, sau phép nhúng quay nếu có. Cột softmax chính là chú ý mà các đường thể hiện. Softmax tính trên token, nên ở đây luôn hiện token dù đang chọn từ.",
    ru: "Как одна голова получает своё внимание для одного токена-запроса: вектор запроса q, вектор ключа k каждого токена, их поэлементное произведение q × k, его масштабированная сумма q · k и softmax от неё по всем ключам. Векторы такие, какими их использовала модель, после ротационного кодирования, если оно есть. Столбец softmax — это внимание, которое показывают линии. Softmax берётся по токенам, поэтому здесь показаны токены, даже если выбраны слова.",
  },
} satisfies Record<string, Text>;
