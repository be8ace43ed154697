/** What the neuron view says. */

import type { Text } from "../../language/say";

export const NEURON = {
  name: { en: "Neurons", vi: "Nơ-ron", ru: "Нейроны" },
  needs: {
    en: "queries and keys (export it while the neuron view is shown)",
    vi: "truy vấn và khóa (hãy xuất khi khung nơ-ron đang hiện)",
    ru: "запросы и ключи (экспортируйте, когда показан вид нейронов)",
  },
  title: { en: "Neurons", vi: "Nơ-ron", ru: "Нейроны" },
  help: {
    en: "How one head comes by its attention for one query token: the query vector q, the key vector k of every token, their element-wise product q × k, its scaled sum q · k, and the softmax of it over all keys. Vectors are as the model used them, after rotary embedding where it has one. The softmax column is the attention that the lines show. Click a row to select its key; arrow keys change the query. A softmax is taken over tokens, so tokens are shown here even where words are chosen: a bracket joins the pieces of a word, and Σ is what they get together. A large product or weight tells how the head computes, not that a token matters to the output.",
    vi: "Cách một đầu chú ý tính trọng số cho một token truy vấn: vectơ truy vấn q, vectơ khóa k của mọi token, tích từng phần tử q × k, tổng có tỉ lệ q · k, và softmax của nó trên mọi khóa. Các vectơ đúng như mô hình đã dùng, sau phép nhúng quay nếu có. Cột softmax chính là chú ý mà các đường thể hiện. Nhấp vào một hàng để chọn khóa của nó; phím mũi tên đổi truy vấn. Softmax tính trên token, nên ở đây luôn hiện token dù đang chọn từ: dấu ngoặc nối các mảnh của một từ, và Σ là tổng chúng nhận được. Tích hay trọng số lớn cho biết đầu chú ý tính ra sao, không có nghĩa là token quan trọng đối với kết quả.",
    ru: "Как одна голова получает своё внимание для одного токена-запроса: вектор запроса q, вектор ключа k каждого токена, их поэлементное произведение q × k, его масштабированная сумма q · k и softmax от неё по всем ключам. Векторы такие, какими их использовала модель, после ротационного кодирования, если оно есть. Столбец softmax — это внимание, которое показывают линии. Щелчок по строке выбирает её ключ; стрелки меняют запрос. Softmax берётся по токенам, поэтому здесь показаны токены, даже если выбраны слова: скобка соединяет части слова, а Σ — сколько они получают вместе. Большое произведение или большой вес говорит о том, как считает голова, а не о том, что токен важен для результата.",
  },
  piece: { en: "piece", vi: "mảnh", ru: "часть" },
  pieceShown: {
    en: "Piece of the word shown here",
    vi: "Mảnh của từ hiện ở đây",
    ru: "Показанная часть слова",
  },
  scroller: {
    en: "Keys of the query token; arrow keys change the query token",
    vi: "Các khóa của token truy vấn; phím mũi tên đổi token truy vấn",
    ru: "Ключи токена-запроса; стрелки меняют токен-запрос",
  },
  query: { en: "query q", vi: "truy vấn q", ru: "запрос q" },
  token: { en: "token", vi: "token", ru: "токен" },
  key: { en: "key k", vi: "khóa k", ru: "ключ k" },
  logit: { en: "logit", vi: "logit", ru: "логит" },
  masked: { en: "masked", vi: "bị che", ru: "скрыт" },
  dimension: {
    en: "head dimension {dim}",
    vi: "số chiều của đầu: {dim}",
    ru: "размерность головы: {dim}",
  },
  scale: {
    en: "{name}: blue below 0, orange above",
    vi: "{name}: xanh dưới 0, cam trên 0",
    ru: "{name}: синий — меньше 0, оранжевый — больше",
  },
  noHead: {
    en: "No head is selected.",
    vi: "Chưa chọn đầu chú ý nào.",
    ru: "Голова не выбрана.",
  },
  sum: {
    en: "Query {token}, layer {layer}, head {head}: softmax sums to {sum}",
    vi: "Truy vấn {token}, lớp {layer}, đầu {head}: tổng softmax là {sum}",
    ru: "Запрос {token}, слой {layer}, голова {head}: сумма softmax {sum}",
  },
  sink: {
    en: "the other {weight} goes to the sink",
    vi: "phần còn lại {weight} đi vào điểm chìm (sink)",
    ru: "остальные {weight} уходят в сток (sink)",
  },
  changed: {
    en: "logit: after the model's soft cap or bias",
    vi: "logit: sau giới hạn mềm hoặc độ lệch của mô hình",
    ru: "логит: после мягкого ограничения или смещения модели",
  },
  unselected: {
    en: "(no token selected: the first of the text)",
    vi: "(chưa chọn token: lấy token đầu của văn bản)",
    ru: "(токен не выбран: показан первый в тексте)",
  },
  pieceOf: {
    en: "Piece {place} of {count} of its word: a word's attention elsewhere is the mean over its pieces.",
    vi: "Mảnh {place} trong {count} mảnh của từ: ở các khung khác, chú ý của một từ là trung bình trên các mảnh.",
    ru: "Часть {place} из {count}: в других видах внимание слова — среднее по его частям.",
  },
  specials: {
    en: "Special tokens are shown here, as the softmax is taken over them too.",
    vi: "Các token đặc biệt vẫn hiện ở đây vì softmax tính trên cả chúng.",
    ru: "Специальные токены здесь показаны: softmax берётся и по ним.",
  },
  weightsOnly: {
    en: "The queries and keys of this attention are not known: only its weights were handed over.",
    vi: "Không biết truy vấn và khóa của phép chú ý này: chỉ có các trọng số được đưa vào.",
    ru: "Запросы и ключи этого внимания неизвестны: переданы только его веса.",
  },
  nan: {
    en: {
      one: "{n} of the {of} weights of this query is NaN.",
      other: "{n} of the {of} weights of this query are NaN.",
    },
    vi: "{n} trong {of} trọng số của truy vấn này là NaN.",
    ru: {
      one: "{n} из {of} весов этого запроса — NaN.",
      few: "{n} из {of} весов этого запроса — NaN.",
      many: "{n} из {of} весов этого запроса — NaN.",
      other: "{n} из {of} весов этого запроса — NaN.",
    },
  },
  of: {
    en: "{name} of {token} = {value}",
    vi: "{name} của {token} = {value}",
    ru: "{name} для {token} = {value}",
  },
  wordSum: {
    en: "Σ softmax of the word = {value}",
    vi: "Σ softmax của từ = {value}",
    ru: "Σ softmax слова = {value}",
  },
} satisfies Record<string, Text>;
