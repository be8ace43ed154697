/** What the steps of a calculation are called, and what each does. */

import type { Text } from "../../language/say";
import type { StepName } from "../../trace/calculation";

const VALUES_BIAS = { en: "bias", vi: "độ lệch", ru: "смещение" };
const SCALED_BY = {
  en: "Every number is multiplied by one number of the model.",
  vi: "Mọi số đều được nhân với một số của mô hình.",
  ru: "Все числа умножаются на одно число модели.",
};
const NORMED = {
  en: "Each row is divided by its own size (a norm), so that no vector is much longer than another.",
  vi: "Mỗi hàng được chia cho độ lớn của chính nó (chuẩn hóa), để không vectơ nào dài hơn hẳn vectơ khác.",
  ru: "Каждая строка делится на свою величину (нормировка), чтобы векторы не слишком различались по длине.",
};
const ROTATED = {
  en: "Each pair of numbers is turned by an angle that grows with the position (rotary embedding): the product of two vectors then depends on how far apart their tokens are.",
  vi: "Mỗi cặp số được xoay một góc tăng theo vị trí (mã hóa vị trí quay, rotary): tích của hai vectơ khi đó phụ thuộc vào khoảng cách giữa hai token.",
  ru: "Каждая пара чисел поворачивается на угол, который растёт с позицией (RoPE): произведение двух векторов тогда зависит от расстояния между токенами.",
};

/** `name` is short enough for the overview; `does` says what is computed, and why. */
export const STEP_TEXTS: Readonly<Record<StepName, { readonly name: Text; readonly does: Text }>> =
  {
    hidden: {
      name: { en: "hidden", vi: "ẩn", ru: "скрытое" },
      does: {
        en: "The hidden states that enter the layer: a row for each token, made by the layers before.",
        vi: "Các trạng thái ẩn đi vào lớp: mỗi token một hàng, do các lớp trước tạo ra.",
        ru: "Скрытые состояния на входе слоя: строка на каждый токен, их сделали предыдущие слои.",
      },
    },
    input: {
      name: { en: "input", vi: "đầu vào", ru: "вход" },
      does: {
        en: "What the head is given: a vector for each token. All queries, keys and values are made of it.",
        vi: "Thứ mà đầu chú ý nhận được: mỗi token một vectơ. Mọi truy vấn, khóa và giá trị đều được tạo từ đây.",
        ru: "Что получает голова: вектор на каждый токен. Из него получаются все запросы, ключи и значения.",
      },
    },
    w_q: {
      name: { en: "W_Q", vi: "W_Q", ru: "W_Q" },
      does: {
        en: "What the model learned: it turns an input into a query.",
        vi: "Thứ mô hình đã học: nó biến một đầu vào thành truy vấn.",
        ru: "Выучено моделью: превращает вход в запрос.",
      },
    },
    b_q: { name: { en: "b_Q", vi: "b_Q", ru: "b_Q" }, does: VALUES_BIAS },
    q: {
      name: { en: "queries", vi: "truy vấn", ru: "запросы" },
      does: {
        en: "What each token looks for: its input times the query weights, which the model learned.",
        vi: "Điều mỗi token tìm kiếm: đầu vào của nó nhân với trọng số truy vấn mà mô hình đã học.",
        ru: "Что ищет каждый токен: его вход, умноженный на веса запросов, которые модель выучила.",
      },
    },
    q_normed: {
      name: { en: "normed", vi: "chuẩn hóa", ru: "норма" },
      does: NORMED,
    },
    q_scaled: { name: { en: "scaled", vi: "nhân", ru: "масштаб" }, does: SCALED_BY },
    q_rotated: { name: { en: "rotated", vi: "đã xoay", ru: "поворот" }, does: ROTATED },
    key_input: {
      name: { en: "key input", vi: "vào khóa", ru: "вход ключей" },
      does: {
        en: "What keys are made of: vectors of another text, or of another place in the model, than those of the queries.",
        vi: "Thứ tạo ra các khóa: vectơ của văn bản khác, hay từ nơi khác trong mô hình, so với truy vấn.",
        ru: "Из чего получаются ключи: векторы другого текста или другого места модели, чем у запросов.",
      },
    },
    w_k: {
      name: { en: "W_K", vi: "W_K", ru: "W_K" },
      does: {
        en: "What the model learned: it turns an input into a key.",
        vi: "Thứ mô hình đã học: nó biến một đầu vào thành khóa.",
        ru: "Выучено моделью: превращает вход в ключ.",
      },
    },
    b_k: { name: { en: "b_K", vi: "b_K", ru: "b_K" }, does: VALUES_BIAS },
    k: {
      name: { en: "keys", vi: "khóa", ru: "ключи" },
      does: {
        en: "What each token offers to be found by: its input times the key weights.",
        vi: "Điều mỗi token đưa ra để được tìm thấy: đầu vào của nó nhân với trọng số khóa.",
        ru: "По чему можно найти каждый токен: его вход, умноженный на веса ключей.",
      },
    },
    k_normed: { name: { en: "normed", vi: "chuẩn hóa", ru: "норма" }, does: NORMED },
    k_scaled: { name: { en: "scaled", vi: "nhân", ru: "масштаб" }, does: SCALED_BY },
    k_rotated: { name: { en: "rotated", vi: "đã xoay", ru: "поворот" }, does: ROTATED },
    value_input: {
      name: { en: "value input", vi: "vào giá trị", ru: "вход знач." },
      does: {
        en: "What values are made of: other vectors than those of the keys.",
        vi: "Thứ tạo ra các giá trị: các vectơ khác với của khóa.",
        ru: "Из чего получаются значения: другие векторы, чем у ключей.",
      },
    },
    w_v: {
      name: { en: "W_V", vi: "W_V", ru: "W_V" },
      does: {
        en: "What the model learned: it turns an input into a value.",
        vi: "Thứ mô hình đã học: nó biến một đầu vào thành giá trị.",
        ru: "Выучено моделью: превращает вход в значение.",
      },
    },
    b_v: { name: { en: "b_V", vi: "b_V", ru: "b_V" }, does: VALUES_BIAS },
    v: {
      name: { en: "values", vi: "giá trị", ru: "значения" },
      does: {
        en: "What each token hands on to those that attend to it: its input times the value weights.",
        vi: "Điều mỗi token chuyển cho các token chú ý tới nó: đầu vào của nó nhân với trọng số giá trị.",
        ru: "Что токен передаёт тем, кто на него смотрит: его вход, умноженный на веса значений.",
      },
    },
    v_normed: { name: { en: "normed", vi: "chuẩn hóa", ru: "норма" }, does: NORMED },
    v_scaled: { name: { en: "scaled", vi: "nhân", ru: "масштаб" }, does: SCALED_BY },
    scores: {
      name: { en: "scores", vi: "điểm", ru: "оценки" },
      does: {
        en: "How well each query fits each key: their product, number by number, summed. A row for each query, a column for each key.",
        vi: "Mỗi truy vấn hợp với mỗi khóa đến đâu: tích từng số của chúng, rồi cộng lại. Mỗi truy vấn một hàng, mỗi khóa một cột.",
        ru: "Насколько каждый запрос подходит каждому ключу: сумма попарных произведений чисел. Строка — запрос, столбец — ключ.",
      },
    },
    scaled: {
      name: { en: "scaled", vi: "nhân tỉ lệ", ru: "масштаб" },
      does: {
        en: "Every score is multiplied by one number, mostly 1/√(dimensions), so that long vectors do not make the softmax too sharp.",
        vi: "Mọi điểm được nhân với một số, thường là 1/√(số chiều), để vectơ dài không làm softmax quá nhọn.",
        ru: "Каждая оценка умножается на одно число, обычно 1/√(размерность), чтобы softmax не был слишком резким.",
      },
    },
    bias: {
      name: { en: "bias", vi: "độ lệch", ru: "смещение" },
      does: {
        en: "A number for each query and key, mostly by how far apart they are.",
        vi: "Một số cho mỗi cặp truy vấn và khóa, thường theo khoảng cách giữa chúng.",
        ru: "Число для каждой пары запроса и ключа, обычно по расстоянию между ними.",
      },
    },
    masked: {
      name: { en: "masked", vi: "che", ru: "маска" },
      does: {
        en: "What a query may not see becomes −∞, and its weight 0. Hatched cells are masked.",
        vi: "Những gì một truy vấn không được thấy trở thành −∞, và trọng số của chúng là 0. Ô gạch chéo là ô bị che.",
        ru: "То, чего запрос не должен видеть, становится −∞, и вес его 0. Заштрихованные клетки скрыты маской.",
      },
    },
    sink: {
      name: { en: "sink", vi: "điểm chìm", ru: "сток" },
      does: {
        en: "One more number in the softmax of each query: it takes weight and gives no value.",
        vi: "Thêm một số trong softmax của mỗi truy vấn: nó nhận trọng số mà không đưa ra giá trị.",
        ru: "Ещё одно число в softmax каждого запроса: забирает вес и не даёт значения.",
      },
    },
    weights: {
      name: { en: "weights", vi: "trọng số", ru: "веса" },
      does: {
        en: "The attention: the softmax turns each row into shares that sum to 1. The larger the number, the larger its share.",
        vi: "Chú ý: softmax biến mỗi hàng thành các phần có tổng bằng 1. Số càng lớn thì phần càng lớn.",
        ru: "Внимание: softmax превращает каждую строку в доли с суммой 1. Чем больше число, тем больше доля.",
      },
    },
    sunk: {
      name: { en: "to the sink", vi: "vào điểm chìm", ru: "в сток" },
      does: {
        en: "The share of each row that goes to the sink, and so to no key.",
        vi: "Phần của mỗi hàng đi vào điểm chìm, nên không tới khóa nào.",
        ru: "Доля каждой строки, которая уходит в сток, то есть ни одному ключу.",
      },
    },
    output: {
      name: { en: "output", vi: "đầu ra", ru: "выход" },
      does: {
        en: "What the head gives out for each query: the values of all keys, mixed by the weights of its row.",
        vi: "Đầu ra của đầu chú ý cho mỗi truy vấn: các giá trị của mọi khóa, trộn theo trọng số trong hàng của nó.",
        ru: "Что голова выдаёт для каждого запроса: значения всех ключей, смешанные по весам его строки.",
      },
    },
    edited: {
      name: { en: "edited", vi: "đã sửa", ru: "правка" },
      does: {
        en: "What the head gave out in this pass, behind the edits: the model went on with these numbers.",
        vi: "Đầu ra thực tế của đầu chú ý trong lượt chạy này, sau khi chỉnh sửa: mô hình tiếp tục với các số này.",
        ru: "Что голова выдала в этом проходе после правок: дальше модель считала с этими числами.",
      },
    },
    w_o: {
      name: { en: "W_O", vi: "W_O", ru: "W_O" },
      does: {
        en: "The head’s rows of the output projection: back to the size of the hidden state.",
        vi: "Các hàng của đầu chú ý này trong phép chiếu đầu ra: trở về kích thước của trạng thái ẩn.",
        ru: "Строки этой головы в выходной проекции: обратно к размеру скрытого состояния.",
      },
    },
    written: {
      name: { en: "written", vi: "ghi vào", ru: "запись" },
      does: {
        en: "What this head adds to the hidden state: its output times its rows of the output projection.",
        vi: "Phần mà đầu chú ý này cộng vào trạng thái ẩn: đầu ra của nó nhân với các hàng của nó trong phép chiếu đầu ra.",
        ru: "Что эта голова добавляет к скрытому состоянию: её выход, умноженный на её строки выходной проекции.",
      },
    },
    b_o: { name: { en: "b_O", vi: "b_O", ru: "b_O" }, does: VALUES_BIAS },
    block: {
      name: { en: "block", vi: "cả khối", ru: "блок" },
      does: {
        en: "All heads together: what each wrote is added up. This is what the attention block of the layer gives out.",
        vi: "Mọi đầu chú ý gộp lại: những gì mỗi đầu ghi được cộng với nhau. Đây là đầu ra của khối chú ý trong lớp.",
        ru: "Все головы вместе: записанное ими складывается. Это и выдаёт блок внимания слоя.",
      },
    },
  };

/** Of a head that an edit changes, the mixture is not yet what it gives out. */
const MIXED: Text = {
  en: "The values of all keys, mixed by the weights of each row: what the head would give out without the edits of its output.",
  vi: "Các giá trị của mọi khóa, trộn theo trọng số trong từng hàng: đầu ra của đầu chú ý nếu đầu ra không bị sửa.",
  ru: "Значения всех ключей, смешанные по весам строк: что голова выдала бы без правок её выхода.",
};

/** With a sink the keys do not get all of a row. */
const BESIDE_SINK: Text = {
  en: "The attention: the softmax turns each row and its sink into shares that sum to 1. What the sink takes goes to no key.",
  vi: "Chú ý: softmax biến mỗi hàng cùng điểm chìm của nó thành các phần có tổng bằng 1. Phần của điểm chìm không tới khóa nào.",
  ru: "Внимание: softmax превращает каждую строку вместе со стоком в доли с суммой 1. Доля стока не достаётся ни одному ключу.",
};

/** Beside the mask, which may hide nothing. */
const WITH_BIAS: Text = {
  en: "The bias is added to each score. What a query may not see becomes −∞, and its weight 0: hatched cells.",
  vi: "Độ lệch được cộng vào mỗi điểm. Những gì một truy vấn không được thấy trở thành −∞, trọng số 0: ô gạch chéo.",
  ru: "К каждой оценке прибавляется смещение. То, чего запрос не должен видеть, становится −∞, вес его 0: заштриховано.",
};

/** Where their weights are not known, nor what became of them before the product. */
const AS_THEY_ENTER: Readonly<Partial<Record<StepName, Text>>> = {
  q: {
    en: "What each token looks for: its query, as it enters the product with the keys.",
    vi: "Điều mỗi token tìm kiếm: truy vấn của nó, đúng như khi được nhân với các khóa.",
    ru: "Что ищет каждый токен: его запрос в том виде, в каком он умножается на ключи.",
  },
  k: {
    en: "What each token offers to be found by: its key, as it enters the product with the queries.",
    vi: "Điều mỗi token đưa ra để được tìm thấy: khóa của nó, đúng như khi được nhân với các truy vấn.",
    ru: "По чему можно найти каждый токен: его ключ в том виде, в каком он умножается на запросы.",
  },
  v: {
    en: "What each token hands on to those that attend to it: its value, as the weights mix it.",
    vi: "Điều mỗi token chuyển cho các token chú ý tới nó: giá trị của nó, đúng như khi được trộn theo trọng số.",
    ru: "Что токен передаёт тем, кто на него смотрит: его значение в том виде, в каком его смешивают веса.",
  },
};

/** What a step does, among the steps that there are. */
export function doesOf(name: StepName, steps: readonly { readonly name: StepName }[]): Text {
  const has = (other: StepName) => steps.some((step) => step.name === other);
  const entering = AS_THEY_ENTER[name];
  if (entering && !has(`w_${name}` as StepName)) return entering;
  if (name === "output" && has("edited")) return MIXED;
  if (name === "masked" && has("bias")) return WITH_BIAS;
  return name === "weights" && has("sink") ? BESIDE_SINK : STEP_TEXTS[name].does;
}
