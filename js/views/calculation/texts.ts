/** What the calculation view says. */

import type { Help, Text } from "../../language/say";
import type { WhyMissing } from "../../trace/calculation";

export const CALCULATION = {
  name: { en: "Calculation", vi: "Phép tính", ru: "Вычисление" },
  needs: {
    en: "the steps of the calculation (export with the calculation shown)",
    vi: "các bước của phép tính (hãy xuất khi khung nhìn phép tính đang hiện)",
    ru: "шаги вычисления (экспортируйте, когда показано вычисление)",
  },
  title: { en: "Calculation", vi: "Phép tính", ru: "Вычисление" },
  help: {
    short: {
      en: "Every step of one head, from its input to its output: which two matrices make the next one.",
      vi: "Mọi bước của một đầu chú ý, từ đầu vào đến đầu ra: hai ma trận nào tạo ra ma trận tiếp theo.",
      ru: "Все шаги одной головы от входа до выхода: какие две матрицы дают следующую.",
    },
    more: {
      en: "Above stand all steps, from left to right: queries, keys and values are made of the input, queries and keys meet in the scores, the softmax makes weights of them, and these mix the values. Click a step, or go through them with the arrow keys. Below is the chosen step: the matrices that it is made of, and the result. The row of the selected token is outlined in every step; the up and down keys select another one. One number of the result is explained in the line below: its row and its column are outlined in the matrices that make it. Point at another number, or go there with the arrow keys. Every signed matrix has a colour scale of its own, written below it: blue below 0, orange above; weights have the scale of all views. Where a matrix has more numbers than the screen has pixels, a pixel shows the one farthest from 0; the numbers in words are exact.",
      vi: "Phía trên là mọi bước, từ trái sang phải: truy vấn, khóa và giá trị được tạo từ đầu vào, truy vấn và khóa gặp nhau ở các điểm, softmax biến điểm thành trọng số, và trọng số trộn các giá trị. Nhấp vào một bước, hoặc đi qua các bước bằng phím mũi tên. Phía dưới là bước đang chọn: các ma trận tạo ra nó, và kết quả. Hàng của token đang chọn được viền ở mọi bước; phím lên và xuống chọn token khác. Một số của kết quả được giải thích ở dòng bên dưới: hàng và cột tạo ra nó được viền trong các ma trận. Hãy trỏ vào một số khác, hoặc tới đó bằng phím mũi tên. Mỗi ma trận có dấu có thang màu riêng, ghi bên dưới nó: xanh là dưới 0, cam là trên 0; trọng số dùng thang của mọi khung nhìn. Khi một ma trận có nhiều số hơn số điểm ảnh, mỗi điểm ảnh cho thấy số xa 0 nhất; các số ghi bằng lời là chính xác.",
      ru: "Сверху — все шаги слева направо: запросы, ключи и значения получаются из входа, запросы и ключи встречаются в оценках, softmax делает из них веса, а веса смешивают значения. Щёлкните по шагу или переходите стрелками. Ниже — выбранный шаг: матрицы, из которых он сделан, и результат. Строка выбранного токена обведена на каждом шаге; стрелки вверх и вниз выбирают другой. Одно число результата объяснено в строке ниже: его строка и столбец обведены в исходных матрицах. Наведите указатель на другое число или перейдите к нему стрелками. У каждой матрицы со знаком своя цветовая шкала, она написана под ней: синий — ниже 0, оранжевый — выше; у весов шкала всех панелей. Где чисел больше, чем пикселей, пиксель показывает самое далёкое от 0; числа словами точны.",
    },
  },
  overview: {
    en: "Steps of the calculation; left and right keys go through them, up and down select another token",
    vi: "Các bước của phép tính; phím trái, phải chuyển bước, phím lên, xuống chọn token khác",
    ru: "Шаги вычисления; влево и вправо — между шагами, вверх и вниз — другой токен",
  },
  plot: {
    en: "{step}: {rows} × {columns}; arrow keys go to another number, Enter selects its tokens",
    vi: "{step}: {rows} × {columns}; phím mũi tên tới số khác, Enter chọn các token của nó",
    ru: "{step}: {rows} × {columns}; стрелки — к другому числу, Enter выбирает его токены",
  },
  step: {
    en: "Step {place} of {count}",
    vi: "Bước {place} trong {count}",
    ru: "Шаг {place} из {count}",
  },
  previous: { en: "previous step", vi: "bước trước", ru: "предыдущий шаг" },
  next: { en: "next step", vi: "bước sau", ru: "следующий шаг" },
  rotates: { en: "rotate", vi: "xoay", ru: "поворот" },
  norms: { en: "norm", vi: "chuẩn hóa", ru: "норма" },
  masks: { en: "mask", vi: "che", ru: "маска" },
  sums: { en: "+ other heads", vi: "+ đầu khác", ru: "+ другие" },
  edits: { en: "edit", vi: "chỉnh sửa", ru: "правка" },
  ofToken: { en: "row of {token}", vi: "hàng của {token}", ru: "строка {token}" },
  ownScale: {
    en: "each matrix on its own scale, written below it",
    vi: "mỗi ma trận có thang riêng, ghi bên dưới nó",
    ru: "у каждой матрицы своя шкала, написана под ней",
  },
  masked: { en: "masked", vi: "bị che", ru: "скрыто маской" },
  weight: { en: "attention weight", vi: "trọng số chú ý", ru: "вес внимания" },
  pooled: {
    en: "A pixel shows the number farthest from 0 of up to {down} × {across}.",
    vi: "Mỗi điểm ảnh đại diện cho {down} × {across} số hoặc ít hơn: số xa 0 nhất.",
    ru: "Пиксель — самое далёкое от 0 из чисел: до {down} × {across}.",
  },
  terms: { en: "sum of {n} products", vi: "tổng của {n} tích", ru: "сумма произведений: {n}" },
  andMore: { en: "{n} more: {sum}", vi: "{n} số hạng nữa: {sum}", ru: "ещё {n}: {sum}" },
  largest: { en: "largest terms first", vi: "số hạng lớn trước", ru: "сначала самые большие" },
  hiddenHere: {
    en: "the mask hides this key from this query",
    vi: "mặt nạ che khóa này khỏi truy vấn này",
    ru: "маска скрывает этот ключ от этого запроса",
  },
  seenHere: {
    en: "not masked: it stays as it is",
    vi: "không bị che: giữ nguyên",
    ru: "не скрыто: остаётся как есть",
  },
  turnedBy: {
    en: "dimensions i = {i} and j = {j} are turned by θ = position {position} × {frequency} = {angle} rad: cos θ = {cos}, sin θ = {sin}",
    vi: "chiều i = {i} và j = {j} được xoay góc θ = vị trí {position} × {frequency} = {angle} rad: cos θ = {cos}, sin θ = {sin}",
    ru: "измерения i = {i} и j = {j} повёрнуты на θ = позиция {position} × {frequency} = {angle} рад: cos θ = {cos}, sin θ = {sin}",
  },
  notTurned: {
    en: "this dimension is not turned: it stays as it is",
    vi: "chiều này không được xoay: giữ nguyên",
    ru: "это измерение не поворачивается: остаётся как есть",
  },
  own: { en: "this head {own}", vi: "đầu này {own}", ru: "эта голова {own}" },
  others: {
    en: "other heads and bias {others}",
    vi: "các đầu khác và độ lệch {others}",
    ru: "другие головы и смещение {others}",
  },
  before: { en: "before: {value}", vi: "trước: {value}", ru: "до: {value}" },
  given: { en: "as it comes in", vi: "như khi đi vào", ru: "как пришло" },
  unknown: {
    en: "what it is made of is not known here",
    vi: "ở đây không biết nó được tạo từ gì",
    ru: "из чего получено, здесь неизвестно",
  },
  toSink: {
    en: "to the sink: {share}",
    vi: "vào điểm chìm: {share}",
    ru: "в сток: {share}",
  },
  exact: {
    en: "Exact: the model’s own numbers.",
    vi: "Chính xác: đúng các số của mô hình.",
    ru: "Точно: собственные числа модели.",
  },
  exactArrays: {
    en: "Exact: computed from the arrays that were given.",
    vi: "Chính xác: tính từ các mảng đã cho.",
    ru: "Точно: вычислено по данным массивам.",
  },
  again: {
    en: "Computed again in float32 from what the model rounded.",
    vi: "Tính lại ở float32 từ những gì mô hình đã làm tròn.",
    ru: "Вычислено заново в float32 из округлённого моделью.",
  },
  of: {
    en: "Layer {layer}, head {head}, row of {token}",
    vi: "Lớp {layer}, đầu {head}, hàng của {token}",
    ru: "Слой {layer}, голова {head}, строка {token}",
  },
  noHead: {
    en: "No head is selected. Choose one above the views, or click one in the grid.",
    vi: "Chưa chọn đầu chú ý nào. Hãy chọn ở phía trên các khung nhìn, hoặc nhấp vào lưới.",
    ru: "Голова не выбрана. Выберите её над панелями или щёлкните в сетке.",
  },
  told: {
    en: "{place}: {name}. {formula}. {does}",
    vi: "{place}: {name}. {formula}. {does}",
    ru: "{place}: {name}. {formula}. {does}",
  },
} satisfies Record<string, Text | Help>;

/** Names of the axes, by how many there are. */
export const AXES = {
  token: { en: { one: "token", other: "tokens" }, vi: "token", ru: "токенов" },
  query: { en: { one: "query", other: "queries" }, vi: "truy vấn", ru: "запросов" },
  key: { en: { one: "key", other: "keys" }, vi: "khóa", ru: "ключей" },
  hidden: { en: "hidden", vi: "chiều ẩn", ru: "скрытых" },
  dim: { en: "dims", vi: "chiều", ru: "измерений" },
  one: { en: "row", vi: "hàng", ru: "строка" },
} satisfies Record<string, Text>;

/** Why the steps begin late, or end early, and what to do. */
export const BEFORE: Readonly<Record<WhyMissing, Text>> = {
  no_model: {
    en: "The steps begin at queries, keys and values: the weights that make them are not kept. Capture with keep_weights=True, or show the model itself.",
    vi: "Các bước bắt đầu từ truy vấn, khóa và giá trị: trọng số tạo ra chúng không được giữ lại. Hãy dùng capture với keep_weights=True, hoặc hiện chính mô hình.",
    ru: "Шаги начинаются с запросов, ключей и значений: веса, из которых они получены, не сохранены. Используйте capture с keep_weights=True или покажите саму модель.",
  },
  edited: {
    en: "The steps begin at queries, keys and values: with edits, what comes before is not kept. Show the pass before the edits to see it.",
    vi: "Các bước bắt đầu từ truy vấn, khóa và giá trị: khi có chỉnh sửa, phần trước đó không được giữ. Hãy hiện lượt chạy trước khi sửa để xem.",
    ru: "Шаги начинаются с запросов, ключей и значений: при правках более раннее не хранится. Покажите проход до правок.",
  },
  windows: {
    en: "The steps begin at queries, keys and values: a text that is read in windows keeps no weights.",
    vi: "Các bước bắt đầu từ truy vấn, khóa và giá trị: văn bản đọc theo cửa sổ không giữ trọng số.",
    ru: "Шаги начинаются с запросов, ключей и значений: при чтении окнами веса не хранятся.",
  },
  not_found: {
    en: "The steps begin at queries, keys and values: this model does not make them by one matrix each.",
    vi: "Các bước bắt đầu từ truy vấn, khóa và giá trị: mô hình này không tạo mỗi thứ bằng một ma trận.",
    ru: "Шаги начинаются с запросов, ключей и значений: эта модель получает их не одной матрицей.",
  },
  no_values: {
    en: "The steps end at the weights: values were not given.",
    vi: "Các bước kết thúc ở trọng số: không có giá trị được cung cấp.",
    ru: "Шаги заканчиваются на весах: значения не переданы.",
  },
  maps: {
    en: "Only the weights of this attention are known, not the queries and keys that make them. Capture the model, or give from_arrays queries and keys.",
    vi: "Chỉ biết trọng số của phép chú ý này, không biết truy vấn và khóa tạo ra chúng. Hãy dùng capture với mô hình, hoặc đưa truy vấn và khóa cho from_arrays.",
    ru: "Известны только веса этого внимания, но не запросы и ключи. Захватите модель или передайте запросы и ключи в from_arrays.",
  },
  of_arrays: {
    en: "The steps begin at queries, keys and values, as they were given. from_arrays(x=…, w_q=…, w_k=…, w_v=…) shows how they are made.",
    vi: "Các bước bắt đầu từ truy vấn, khóa và giá trị đã cho. from_arrays(x=…, w_q=…, w_k=…, w_v=…) cho thấy chúng được tạo ra thế nào.",
    ru: "Шаги начинаются с данных запросов, ключей и значений. from_arrays(x=…, w_q=…, w_k=…, w_v=…) покажет, как они получены.",
  },
};

/** Why they end early. Weights that are not kept are named where the steps begin; what arrays lack
 * at their end was not given on purpose. */
export const AFTER: Readonly<Partial<Record<WhyMissing, Text>>> = {
  not_found: {
    en: "The steps end at the head’s output: this model does not write it by one matrix.",
    vi: "Các bước kết thúc ở đầu ra của đầu chú ý: mô hình này không ghi nó bằng một ma trận.",
    ru: "Шаги заканчиваются на выходе головы: эта модель записывает его не одной матрицей.",
  },
  no_values: BEFORE.no_values,
  maps: BEFORE.maps,
};

/** What the list of shortcuts says. */
export const CALCULATION_KEYS = {
  where: { en: "In the calculation", vi: "Trong phép tính", ru: "В вычислении" },
  otherStep: {
    en: "on the steps: go to the previous or next one",
    vi: "trên các bước: tới bước trước hoặc sau",
    ru: "на шагах: к предыдущему или следующему",
  },
  endStep: {
    en: "on the steps: go to the first or last one",
    vi: "trên các bước: tới bước đầu tiên hoặc cuối cùng",
    ru: "на шагах: к первому или последнему",
  },
  followToken: {
    en: "on the steps: select the previous or next token",
    vi: "trên các bước: chọn token trước hoặc sau",
    ru: "на шагах: выбрать предыдущий или следующий токен",
  },
  otherNumber: {
    en: "on the result: go to another number",
    vi: "trên kết quả: tới số khác",
    ru: "на результате: к другому числу",
  },
  selects: {
    en: "on the result: select the tokens of the number",
    vi: "trên kết quả: chọn các token của số đó",
    ru: "на результате: выбрать токены этого числа",
  },
} satisfies Record<string, Text>;
