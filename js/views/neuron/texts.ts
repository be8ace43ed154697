/** What the neuron view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Help, Text } from "../../language/say";
import { HEADS } from "../../language/texts/heads";

export const NEURON = {
  name: { en: "Neurons", vi: "Nơ-ron", ru: "Нейроны" },
  needs: {
    en: "queries, keys and values (export with the neuron view shown)",
    vi: "truy vấn, khóa và giá trị (hãy xuất khi khung nhìn nơ-ron đang hiện)",
    ru: "запросы, ключи и значения (экспортируйте, когда показаны нейроны)",
  },
  title: { en: "Neurons", vi: "Nơ-ron", ru: "Нейроны" },
  help: {
    short: {
      en: "How one head computes the attention of one query token, from left to right: the vectors, their product and the softmax.",
      vi: "Cách một đầu chú ý tính chú ý của một token truy vấn, từ trái sang phải: các vectơ, tích của chúng và softmax.",
      ru: "Как одна голова вычисляет внимание одного токена-запроса, слева направо: векторы, их произведение и softmax.",
    },
    more: {
      en: "In each row: the query vector q and the key vector k of the token, their element-wise product q × k, its scaled sum q · k, and the softmax of that over all keys. The vectors are those that the model used, after rotary embedding if it has one. The softmax column is the attention that the lines show. “values →” goes on to what the head gives out: the value vector v of each key, softmax × v, and their sum, which the output projection takes. Cells with enough room show their numbers; else point at them. Click a row to select its key; arrow keys change the query. The model computes with tokens: when words are chosen, a bracket joins the pieces of a word, q, k and softmax are those of its pieces, and the last column has the weight of the whole word, as in every view. A large product or weight shows how the head computes, not that a token matters to the output.",
      vi: "Trong mỗi hàng: vectơ truy vấn q và vectơ khóa k của token, tích từng phần tử q × k, tổng đã nhân hệ số tỉ lệ q · k, và softmax của tổng đó trên mọi khóa. Các vectơ đúng như mô hình đã dùng, sau phép nhúng vị trí quay (rotary) nếu có. Cột softmax chính là chú ý mà các đường nối thể hiện. “giá trị →” cho xem tiếp đầu ra của đầu chú ý: vectơ giá trị v của mỗi khóa, softmax × v, và tổng của chúng, được đưa vào phép chiếu đầu ra. Ô đủ rộng thì hiện số; nếu không, hãy trỏ vào ô. Nhấp vào một hàng để chọn khóa của nó; phím mũi tên đổi truy vấn. Mô hình tính trên token: khi chọn xem theo từ, dấu ngoặc nối các mảnh của một từ, q, k và softmax là của từng mảnh, còn cột cuối là trọng số của cả từ, như ở mọi khung nhìn. Tích hay trọng số lớn cho biết đầu chú ý tính ra sao, không có nghĩa là token quan trọng đối với đầu ra.",
      ru: "В каждой строке: вектор запроса q и вектор ключа k токена, их поэлементное произведение q × k, его масштабированная сумма q · k и softmax от неё по всем ключам. Векторы — те, что использовала модель, после ротационного кодирования (RoPE), если оно есть. Столбец softmax — это внимание, которое показывают линии. «значения →» показывает, что выдаёт голова: вектор значения v каждого ключа, softmax × v и их сумму, которую берёт выходная проекция. В ячейках, где хватает места, стоят числа; иначе наведите указатель. Щелчок по строке выбирает её ключ; стрелки меняют запрос. Модель считает по токенам: если выбраны слова, скобка соединяет части слова, q, k и softmax относятся к частям, а в последнем столбце — вес целого слова, как во всех панелях. Большое произведение или большой вес говорит о том, как считает голова, а не о том, что токен важен для результата.",
    },
  },
  valuesShort: {
    en: "What one head gives out for one query token, from left to right: values, softmax × values and their sum.",
    vi: "Một đầu chú ý cho ra gì với một token truy vấn, từ trái sang phải: giá trị, softmax × giá trị và tổng của chúng.",
    ru: "Что выдаёт одна голова для токена-запроса, слева направо: значения, softmax × значения и их сумма.",
  },
  piece: { en: "piece", vi: "mảnh", ru: "часть" },
  pieceShown: {
    en: "Piece of the word shown here",
    vi: "Mảnh của từ đang hiện",
    ru: "Показанная часть слова",
  },
  scroller: {
    en: "Keys of the query token; arrow keys change the query",
    vi: "Các khóa của token truy vấn; phím mũi tên đổi token truy vấn",
    ru: "Ключи токена-запроса; стрелки меняют токен-запрос",
  },
  query: { en: "query q", vi: "truy vấn q", ru: "запрос q" },
  token: { en: "token", vi: "token", ru: "токен" },
  key: { en: "key k", vi: "khóa k", ru: "ключ k" },
  value: { en: "value v", vi: "giá trị v", ru: "значение v" },
  output: { en: "output", vi: "đầu ra", ru: "выход" },
  outputName: {
    en: "output Σ softmax × v",
    vi: "đầu ra Σ softmax × v",
    ru: "выход Σ softmax × v",
  },
  toValues: { en: "values →", vi: "giá trị →", ru: "значения →" },
  toValuesTitle: {
    en: "Go on to what the head gives out: values, softmax × values and their sum",
    vi: "Xem tiếp đầu ra của đầu chú ý: giá trị, softmax × giá trị và tổng của chúng",
    ru: "Дальше: что выдаёт голова — значения, softmax × значения и их сумма",
  },
  toScores: { en: "← q · k", vi: "← q · k", ru: "← q · k" },
  toScoresTitle: {
    en: "Back to how queries and keys make the softmax",
    vi: "Quay lại cách truy vấn và khóa tạo ra softmax",
    ru: "Назад: как запросы и ключи дают softmax",
  },
  outputIs: {
    en: "What the head gives out is the sum of softmax × v over all keys, before the output projection.",
    vi: "Đầu ra của đầu chú ý là tổng của softmax × v trên mọi khóa, trước phép chiếu đầu ra.",
    ru: "Выход головы — сумма softmax × v по всем ключам, до выходной проекции.",
  },
  noValues: {
    en: "The values of this attention are not known: they were not given.",
    vi: "Không biết các giá trị của phép chú ý này: chúng không được cung cấp.",
    ru: "Значения этого внимания неизвестны: они не переданы.",
  },
  changedAfter: {
    en: "An edit changes what this head gives out; the sum here is from before it.",
    vi: "Một chỉnh sửa thay đổi đầu ra của đầu chú ý này; tổng ở đây là trước chỉnh sửa đó.",
    ru: "Правка меняет выход этой головы; здесь сумма до неё.",
  },
  score: { en: "q · k · scale", vi: "q · k · tỉ lệ", ru: "q · k · масштаб" },
  word: { en: "word", vi: "từ", ru: "слово" },
  wordTitle: {
    en: "Weight of the whole word, as in every view: its pieces together, mean over the pieces of the query",
    vi: "Trọng số của cả từ, như ở mọi khung nhìn: tổng các mảnh của nó, trung bình trên các mảnh của truy vấn",
    ru: "Вес целого слова, как во всех панелях: сумма по его частям, среднее по частям запроса",
  },
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
  noHead: HEADS.none,
  sum: {
    en: "Query {token}, layer {layer}, head {head}: softmax sums to {sum}",
    vi: "Truy vấn {token}, lớp {layer}, đầu {head}: tổng softmax là {sum}",
    ru: "Запрос {token}, слой {layer}, голова {head}: сумма softmax {sum}",
  },
  sink: {
    en: "the other {weight} goes to the sink",
    vi: "phần còn lại {weight} dành cho điểm chìm (sink)",
    ru: "остальные {weight} уходят в сток (sink)",
  },
  changed: {
    en: "logit: after the model's soft cap or bias",
    vi: "logit: sau khi mô hình giới hạn mềm (soft cap) hoặc cộng độ lệch (bias)",
    ru: "логит: после мягкого ограничения (soft cap) или смещения модели",
  },
  unselected: {
    en: "(no token selected: the first one is shown)",
    vi: "(chưa chọn token: đang hiện token đầu tiên)",
    ru: "(токен не выбран: показан первый)",
  },
  pieceOf: {
    en: "Piece {place} of {count} of the word; the weights of words are the mean over its pieces.",
    vi: "Mảnh {place} trong số {count} mảnh của từ; trọng số của từ là trung bình trên các mảnh.",
    ru: "Часть слова {place} из {count}; веса слов — среднее по его частям.",
  },
  specials: {
    en: "Special tokens are shown here because the softmax includes them.",
    vi: "Các token đặc biệt vẫn hiện ở đây vì softmax tính cả chúng.",
    ru: "Специальные токены здесь показаны, потому что softmax учитывает и их.",
  },
  weightsOnly: {
    en: "The queries and keys of this attention are not known: only the weights were given.",
    vi: "Không biết truy vấn và khóa của phép chú ý này: chỉ có các trọng số.",
    ru: "Запросы и ключи этого внимания неизвестны: переданы только его веса.",
  },
  nan: {
    en: {
      one: "{n} of the {of} weights of this query is NaN.",
      other: "{n} of the {of} weights of this query are NaN.",
    },
    vi: "{n} trong {of} trọng số của truy vấn này là NaN.",
    ru: {
      one: "{n} из {of} весов этого запроса равен NaN.",
      few: "{n} из {of} весов этого запроса равны NaN.",
      other: "{n} из {of} весов этого запроса равны NaN.",
    },
  },
  of: {
    en: "{name} of {token} = {value}",
    vi: "{name} của {token} = {value}",
    ru: "{name} для {token} = {value}",
  },
  wordWeight: {
    en: "weight of the word = {value}",
    vi: "trọng số của từ = {value}",
    ru: "вес слова = {value}",
  },
} satisfies Record<string, Text | Help>;

export const NEURON_OPTIONS: OptionTexts<"neuron"> = {
  neuron_step: {
    label: { en: "Step", vi: "Bước", ru: "Шаг" },
    values: {
      scores: { en: "q · k to softmax", vi: "q · k đến softmax", ru: "от q · k к softmax" },
      values: { en: "softmax to output", vi: "softmax đến đầu ra", ru: "от softmax к выходу" },
    },
  },
};
