/** What is said of the measures that can stand in the place of attention. */

import type { Weights } from "../../trace/options";
import type { Text } from "../say";

interface MeasureTexts {
  readonly name: Text;
  /** One sentence; in English that of MEASURES in Python. */
  readonly meaning: Text;
  /** When it is known to say nothing or to mislead. */
  readonly silent: Text;
}

export const MEASURE_TEXTS: Readonly<Record<Weights, MeasureTexts>> = {
  attention: {
    name: { en: "attention", vi: "chú ý", ru: "внимание" },
    meaning: {
      en: "How the head shares its attention among the keys.",
      vi: "Đầu chú ý chia phần chú ý của nó cho các khóa như thế nào.",
      ru: "Как голова делит своё внимание между ключами.",
    },
    silent: {
      en: "A key that gets attention may give nothing: its value may be near zero.",
      vi: "Một khóa được chú ý có thể không cho gì: giá trị của nó có thể gần bằng 0.",
      ru: "Ключ, на который смотрят, может ничего не дать: его значение может быть близко к нулю.",
    },
  },
  value_weighted: {
    name: {
      en: "weighted by value",
      vi: "nhân với giá trị",
      ru: "с учётом значений",
    },
    meaning: {
      en: "Attention times how long the key's value vector is.",
      vi: "Chú ý nhân với độ dài vectơ giá trị của khóa.",
      ru: "Внимание, умноженное на длину вектора значений ключа.",
    },
    silent: {
      en: "What the output projection makes of the value does not count.",
      vi: "Không tính tới việc phép chiếu đầu ra biến đổi giá trị ra sao.",
      ru: "Не учитывается, что выходная проекция делает со значением.",
    },
  },
  norm: {
    name: { en: "norm of what is written", vi: "chuẩn của phần được ghi", ru: "норма записанного" },
    meaning: {
      en: "How long the vector is that the head takes from the key and writes.",
      vi: "Vectơ mà đầu chú ý lấy từ khóa và ghi ra dài bao nhiêu.",
      ru: "Какова длина вектора, который голова берёт у ключа и записывает.",
    },
    silent: {
      en: "Vectors of several heads or keys may cancel each other.",
      vi: "Vectơ của nhiều đầu hoặc nhiều khóa có thể triệt tiêu lẫn nhau.",
      ru: "Векторы нескольких голов или ключей могут гасить друг друга.",
    },
  },
  norm_residual: {
    name: {
      en: "norm with the residual",
      vi: "chuẩn kèm phần dư",
      ru: "норма с остаточной связью",
    },
    meaning: {
      en: "How long the vector is that the key gives to the block's output, with the residual connection, which is the token itself.",
      vi: "Vectơ mà khóa đóng góp vào đầu ra của khối dài bao nhiêu, kèm kết nối phần dư, tức là chính token đó.",
      ru: "Какова длина вектора, который ключ даёт выходу блока, вместе с остаточной связью, то есть самим токеном.",
    },
    silent: {
      en: "The residual is most of it in nearly all layers, so the diagonal is.",
      vi: "Ở hầu hết các lớp phần dư chiếm phần lớn, nên đường chéo cũng vậy.",
      ru: "Почти во всех слоях остаточная связь — бо́льшая часть, поэтому и диагональ тоже.",
    },
  },
  rollout: {
    name: {
      en: "rollout",
      vi: "truy ngược qua các lớp (rollout)",
      ru: "развёртка по слоям (rollout)",
    },
    meaning: {
      en: "Attention followed back through all layers to the tokens of the text.",
      vi: "Chú ý được lần ngược qua mọi lớp về tới các token của văn bản.",
      ru: "Внимание, прослеженное назад через все слои до токенов текста.",
    },
    silent: {
      en: "In a causal model with an attention sink it says nothing: on eight prompts its rank correlation with the effect of removing a token is -0.08.",
      vi: "Ở mô hình nhân quả có điểm chìm (sink), nó không nói lên điều gì: trên tám câu nhắc, tương quan hạng với ảnh hưởng của việc bỏ một token là -0.08.",
      ru: "В каузальной модели со стоком (sink) он ничего не говорит: на восьми запросах его ранговая корреляция с действием удаления токена равна -0.08.",
    },
  },
  alti: {
    name: {
      en: "ALTI",
      vi: "đóng góp qua các lớp (ALTI)",
      ru: "вклады по слоям (ALTI)",
    },
    meaning: {
      en: "How near each key's vector brings the block's output, followed back through all layers to the tokens of the text.",
      vi: "Vectơ của mỗi khóa đưa tới gần đầu ra của khối bao nhiêu, được lần ngược qua mọi lớp về tới các token của văn bản.",
      ru: "Насколько вектор каждого ключа приближает к выходу блока, прослежено назад через все слои до токенов текста.",
    },
    silent: {
      en: "What the MLPs do is left out.",
      vi: "Không tính tới phần của các MLP.",
      ru: "Не учитывается, что делают слои MLP.",
    },
  },
  gradient_attention: {
    name: {
      en: "gradient × attention",
      vi: "gradient × chú ý",
      ru: "градиент × внимание",
    },
    meaning: {
      en: "Attention times how much a little more of it would raise the chosen logit.",
      vi: "Chú ý nhân với mức tăng của logit được chọn khi chú ý tăng thêm một chút.",
      ru: "Внимание, умноженное на то, насколько выбранный логит вырос бы, будь его чуть больше.",
    },
    silent: {
      en: "Of heads whose effect saturates even its sign may be wrong.",
      vi: "Với những đầu mà ảnh hưởng đã bão hòa, ngay cả dấu của nó cũng có thể sai.",
      ru: "У голов, чьё действие насыщается, может быть неверным даже знак.",
    },
  },
  chefer: {
    name: { en: "relevance (Chefer)", vi: "độ liên quan (Chefer)", ru: "релевантность (Chefer)" },
    meaning: {
      en: "Attention that raises the chosen logit, followed back to the tokens of the text.",
      vi: "Phần chú ý làm tăng logit được chọn, được lần ngược về tới các token của văn bản.",
      ru: "Внимание, которое поднимает выбранный логит, прослеженное назад до токенов текста.",
    },
    silent: {
      en: "What lowers the logit is left out.",
      vi: "Không tính tới những gì làm giảm logit.",
      ru: "Не учитывается то, что снижает логит.",
    },
  },
};

export const MEASURE = {
  label: { en: "weights", vi: "trọng số", ru: "веса" },
  title: {
    en: "What lines, matrix, grid and text show of a query and a key",
    vi: "Các đường chú ý, ma trận, lưới và văn bản hiện gì giữa một truy vấn và một khóa",
    ru: "Что линии, матрица, сетка и текст показывают между запросом и ключом",
  },
  exact: { en: "exact", vi: "chính xác", ru: "точно" },
  estimate: { en: "an estimate", vi: "ước lượng", ru: "оценка" },
  named: { en: "{name} {formula}", vi: "{name} {formula}", ru: "{name} {formula}" },
  told: {
    en: "{name}, {exact}. {meaning} {silent}",
    vi: "{name}, {exact}. {meaning} {silent}",
    ru: "{name}, {exact}. {meaning} {silent}",
  },
  wholeLayer: { en: "the whole layer", vi: "cả lớp", ru: "весь слой" },
  ofLayers: {
    en: "It is of a whole layer: the choice of heads has no part in it.",
    vi: "Đây là của cả lớp: việc chọn đầu chú ý không ảnh hưởng.",
    ru: "Это относится ко всему слою: выбор голов ни на что не влияет.",
  },
  ofLogit: {
    en: "Of the logit of {label} after {token}.",
    vi: "Về logit của {label} sau {token}.",
    ru: "Для логита {label} после {token}.",
  },
  ofDifference: {
    en: "Of the logit of {label} less that of {other}, after {token}.",
    vi: "Về logit của {label} trừ logit của {other}, sau {token}.",
    ru: "Для логита {label} минус логит {other}, после {token}.",
  },
  back: { en: "show attention", vi: "hiện chú ý", ru: "показать внимание" },
  pending: { en: "computing …", vi: "đang tính …", ru: "вычисляется …" },
  needsModel: {
    en: "{name} takes the model, which is not here",
    vi: "{name} cần mô hình, mà ở đây không có",
    ru: "Для «{name}» нужна модель, которой здесь нет",
  },
  notHere: {
    en: "This page carries no values of {name}",
    vi: "Trang này không chứa số liệu của {name}",
    ru: "В этой странице нет чисел: {name}",
  },
  notCompared: {
    en: "{name} is not shown where two passes are compared",
    vi: "{name} không được hiện khi so sánh hai lượt chạy",
    ru: "{name} — не при сравнении двух проходов",
  },
  notOfWindows: {
    en: "{name} is of a text read in one pass, not in windows",
    vi: "{name} chỉ có khi văn bản được đọc trong một lượt, không chia cửa sổ",
    ru: "{name} — для текста, прочитанного за один проход, без окон",
  },
  notOfEdits: {
    en: "{name} is of the pass without edits",
    vi: "{name} là của lượt chạy chưa chỉnh sửa",
    ru: "{name} — для прохода без правок",
  },
  largest: {
    en: "{name}, one scale for all heads of the layer",
    vi: "{name}, một thang cho mọi đầu của lớp",
    ru: "{name}, одна шкала для всех голов слоя",
  },
  largestOfEach: {
    en: "{name}, each layer to its largest",
    vi: "{name}, mỗi lớp tới giá trị lớn nhất của nó",
    ru: "{name}, каждый слой до своего наибольшего",
  },
  pair: {
    en: "{query} → {key}: {weight} ({name})",
    vi: "{query} → {key}: {weight} ({name})",
    ru: "{query} → {key}: {weight} ({name})",
  },
  share: {
    en: "{share} % of the sum of {name}",
    vi: "{share} % tổng {name}",
    ru: "{share} % суммы: {name}",
  },
  range: {
    en: "{name} from {least} to {most}",
    vi: "{name} từ {least} đến {most}",
    ru: "{name} от {least} до {most}",
  },
  unknownAfterEdits: {
    en: "“{name}” is known of the pass before the edits alone. Show that pass, or attention.",
    vi: "“{name}” chỉ được biết cho lượt chạy trước khi chỉnh sửa. Hãy hiện lượt đó, hoặc hiện chú ý.",
    ru: "«{name}» известно только для прохода до правок. Покажите этот проход или внимание.",
  },
  pale: {
    en: "pale: the scale goes to {top}, as other heads of the layer need",
    vi: "màu nhạt: thang kéo dài đến {top} vì các đầu khác trong lớp cần",
    ru: "бледно: шкала идёт до {top}, как нужно другим головам слоя",
  },
  from: {
    en: "{name} from {query}: layer {layer}, {heads}",
    vi: "{name} từ {query}: lớp {layer}, {heads}",
    ru: "{name} от {query}: слой {layer}, {heads}",
  },
  received: {
    en: "{name} received, mean over the queries: layer {layer}, {heads}",
    vi: "{name} nhận được, trung bình trên các truy vấn: lớp {layer}, {heads}",
    ru: "{name}: получено в среднем по запросам; слой {layer}, {heads}",
  },
  summariesOf: {
    en: "Numbers of the attention:",
    vi: "Các số của chú ý:",
    ru: "Числа внимания:",
  },
  noThreshold: {
    en: "Weights are no shares here: top-p alone says which lines are drawn",
    vi: "Ở đây trọng số không phải là tỉ lệ: chỉ top-p quyết định đường nào được vẽ",
    ru: "Здесь веса — не доли: какие линии видны, решает только top-p",
  },
} satisfies Record<string, Text>;
