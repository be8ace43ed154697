/** What the view of an atlas says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Help, Text } from "../../language/say";
import { LABEL_NAMES } from "../../language/texts/labels";
import type { ViewTexts } from "../../panel/view";

export const ATLAS_VIEW = {
  name: { en: "Atlas", vi: "Bản đồ các đầu", ru: "Атлас" },
  title: {
    en: "Atlas of heads over a corpus",
    vi: "Bản đồ các đầu chú ý trên ngữ liệu",
    ru: "Атлас голов по корпусу",
  },
  help: {
    short: {
      en: "What every head does over many texts, not in this one alone, with examples to open.",
      vi: "Mỗi đầu làm gì trên nhiều văn bản, không chỉ trong văn bản này, kèm ví dụ có thể mở.",
      ru: "Что делает каждая голова на многих текстах, а не только на этом, с примерами.",
    },
    more: {
      en: "The plane has a cell for each head, coloured by a summary; the scatter has a dot for each, placed by two. A click on either selects the head in every view. The card below shows each summary of this head as a line among those of all heads, and examples: the edges with the highest weights of the corpus, then some from every tenth of the weights. In an example the query has a frame, the key a line below, and the shades are what the query gives to each token. A click on an example makes the model read its text and selects this head and query in every view.",
      vi: "Mặt phẳng có một ô cho mỗi đầu, tô màu theo một chỉ số; biểu đồ điểm có một chấm cho mỗi đầu, đặt theo hai chỉ số. Nhấp vào ô hoặc chấm để chọn đầu đó ở mọi khung nhìn. Thẻ bên dưới cho thấy từng chỉ số của đầu này bằng một vạch giữa chỉ số của mọi đầu, cùng các ví dụ: những cạnh có trọng số cao nhất của ngữ liệu, rồi vài cạnh từ mỗi phần mười của các trọng số. Trong ví dụ, truy vấn có viền, khóa có gạch dưới, còn độ đậm là phần truy vấn dành cho từng token. Nhấp vào một ví dụ để mô hình đọc văn bản đó và chọn đầu cùng truy vấn này ở mọi khung nhìn.",
      ru: "На плоскости у каждой головы своя клетка, её цвет — показатель; на диаграмме у каждой точка, её место — два показателя. Щелчок выбирает голову во всех панелях. Карточка ниже показывает каждый показатель этой головы чертой среди показателей всех голов, а также примеры: связи с наибольшими весами во всём корпусе, затем по нескольку из каждой десятой части весов. В примере запрос обведён рамкой, ключ подчёркнут, а насыщенность — то, что запрос отдаёт каждому токену. По щелчку на примере модель читает его текст, а во всех панелях выбираются эта голова и этот запрос.",
    },
  },
  colour: { en: "Colour", vi: "Màu", ru: "Цвет" },
  across: { en: "Scatter: across", vi: "Biểu đồ: trục ngang", ru: "Точки: по горизонтали" },
  up: { en: "Up", vi: "Trục dọc", ru: "По вертикали" },
  query: { en: "query", vi: "truy vấn", ru: "запрос" },
  key: { en: "key", vi: "khóa", ru: "ключ" },
  layer: { en: "layer", vi: "lớp", ru: "слой" },
  head: { en: "head", vi: "đầu", ru: "голова" },
  place: { en: "place", vi: "thứ hạng", ru: "место" },
  plane: {
    en: "Heads by layer, coloured by {summary}; arrow keys move from head to head, Enter selects",
    vi: "Các đầu theo lớp, tô màu theo {summary}; phím mũi tên đi từ đầu này sang đầu khác, Enter để chọn",
    ru: "Головы по слоям, цвет — {summary}; стрелки ведут от головы к голове, Enter выбирает",
  },
  scatter: {
    en: "Heads by {across} and {up}; arrow keys move from head to head, Enter selects",
    vi: "Các đầu theo {across} và {up}; phím mũi tên đi từ đầu này sang đầu khác, Enter để chọn",
    ru: "Головы по показателям «{across}» и «{up}»; стрелки ведут от головы к голове, Enter выбирает",
  },
  summaries: {
    en: "Summaries of this head among all heads",
    vi: "Chỉ số của đầu này so với mọi đầu",
    ru: "Показатели этой головы среди всех голов",
  },
  colourBy: {
    en: "Colour the plane by this",
    vi: "Tô màu mặt phẳng theo chỉ số này",
    ru: "Окрасить плоскость по этому показателю",
  },
  spread: {
    en: "All heads, from {low} to {high}; heights are square roots of counts",
    vi: "Mọi đầu, từ {low} đến {high}; chiều cao là căn bậc hai của số lượng",
    ru: "Все головы, от {low} до {high}; высота — корень из количества",
  },
  rank: { en: "{place} of {of}", vi: "hạng {place}/{of}", ru: "{place} из {of}" },
  noNumber: { en: "not known", vi: "không rõ", ru: "неизвестно" },
  noHead: {
    en: "The atlas has no head that is shown",
    vi: "Bản đồ không có đầu đang hiện",
    ru: "Показанной головы в атласе нет",
  },
  strongest: { en: "Highest weights", vi: "Trọng số cao nhất", ru: "Наибольшие веса" },
  tenths: {
    en: "From each tenth of the weights, the lowest first",
    vi: "Từ mỗi phần mười của các trọng số, thấp nhất trước",
    ru: "Из каждой десятой части весов, начиная с наименьшей",
  },
  attends: {
    en: "{query} → {key}",
    vi: "{query} → {key}",
    ru: "{query} → {key}",
  },
  weight: {
    en: "{query} attends to {key} with weight {weight}",
    vi: "{query} chú ý tới {key} với trọng số {weight}",
    ru: "{query} смотрит на {key} с весом {weight}",
  },
  text: { en: "text {number}", vi: "văn bản {number}", ru: "текст {number}" },
  ofRow: {
    en: "{weight} of the query’s attention",
    vi: "{weight} sự chú ý của truy vấn",
    ru: "{weight} внимания запроса",
  },
  exampleWeight: { en: "weight in examples", vi: "trọng số trong ví dụ", ru: "вес в примерах" },
  open: {
    en: "Read this text in every view",
    vi: "Đọc văn bản này ở mọi khung nhìn",
    ru: "Прочитать этот текст во всех панелях",
  },
  opened: {
    en: "Text {number} of the corpus is shown.",
    vi: "Đang hiện văn bản {number} của ngữ liệu.",
    ru: "Показан текст {number} из корпуса.",
  },
  otherwise: {
    en: "The model read this text otherwise than the scan did: {count} tokens, not {of}. So the query of the example is not selected.",
    vi: "Mô hình đọc văn bản này khác với lúc quét: {count} token, không phải {of}. Vì vậy truy vấn của ví dụ không được chọn.",
    ru: "Модель прочитала этот текст иначе, чем при сканировании: токенов {count}, а не {of}. Поэтому запрос примера не выбран.",
  },
  noModel: {
    en: "There is no model here to read the texts of the examples.",
    vi: "Ở đây không có mô hình để đọc văn bản của các ví dụ.",
    ru: "Здесь нет модели, чтобы прочитать тексты примеров.",
  },
  noExamples: {
    en: "There are no examples of this head here.",
    vi: "Ở đây không có ví dụ nào cho đầu này.",
    ru: "Примеров этой головы здесь нет.",
  },
  none: {
    en: "No atlas was given. Scan some texts in Python: AttentionWidget(model, text, atlas=scan(model, texts)).",
    vi: "Chưa có bản đồ nào được đưa vào. Hãy quét vài văn bản trong Python: AttentionWidget(model, text, atlas=scan(model, texts)).",
    ru: "Атлас не передан. Просканируйте тексты в Python: AttentionWidget(model, text, atlas=scan(model, texts)).",
  },
  noneOfKind: {
    en: "The atlas has no heads of this attention.",
    vi: "Bản đồ không có đầu nào của loại chú ý này.",
    ru: "Голов с таким видом внимания в атласе нет.",
  },
  count: {
    en: { one: "{n} head", other: "{n} heads" },
    vi: { other: "{n} đầu" },
    ru: { one: "{n} голова", few: "{n} головы", other: "{n} голов" },
  },
  labelled: {
    en: "{n} of {of} heads called “{name}”",
    vi: "{n}/{of} đầu mang nhãn “{name}”",
    ru: "Головы с меткой «{name}»: {n} из {of}",
  },
  texts: {
    en: { one: "{n} text", other: "{n} texts" },
    vi: "{n} văn bản",
    ru: { one: "{n} тексту", few: "{n} текстам", other: "{n} текстам" },
  },
  tokens: {
    en: { one: "{n} token", other: "{n} tokens" },
    vi: "{n} token",
    ru: { one: "{n} токен", few: "{n} токена", other: "{n} токенов" },
  },
  over: {
    en: "over {texts} ({tokens}).",
    vi: "trên {texts} ({tokens}).",
    ru: "по {texts} ({tokens}).",
  },
  unplaced: {
    en: {
      one: "{n} head has no place in the scatter: one of its two numbers is not known.",
      other: "{n} heads have no place in the scatter: one of their two numbers is not known.",
    },
    vi: "{n} đầu không có chỗ trong biểu đồ điểm: một trong hai chỉ số không rõ.",
    ru: {
      one: "{n} голове нет места на диаграмме: одно из двух чисел неизвестно.",
      few: "{n} головам нет места на диаграмме: одно из двух чисел неизвестно.",
      other: "{n} головам нет места на диаграмме: одно из двух чисел неизвестно.",
    },
  },
  exact: {
    en: "Exact: means over all queries of the corpus; the weights of examples are the model’s own.",
    vi: "Chính xác: trung bình trên mọi truy vấn của ngữ liệu; trọng số của ví dụ là của chính mô hình.",
    ru: "Точно: средние по всем запросам корпуса; веса примеров принадлежат самой модели.",
  },
} satisfies Record<string, Text | Help>;

/** Where the atlas is shown alone. */
export const ATLAS_ALONE = {
  name: ATLAS_VIEW.name,
  title: ATLAS_VIEW.title,
  help: {
    short: {
      en: "What every head of a model does over many texts, with examples, without the model.",
      vi: "Mỗi đầu của một mô hình làm gì trên nhiều văn bản, kèm ví dụ, không cần mô hình.",
      ru: "Что делает каждая голова модели на многих текстах, с примерами, без самой модели.",
    },
    more: {
      en: "The plane has a cell for each head, coloured by a summary; the scatter has a dot for each, placed by two. A click on either shows that head on the card below: each of its summaries as a line among those of all heads, and examples: the edges with the highest weights of the corpus, then some from every tenth of the weights. In an example the query has a frame, the key a line below, and the shades are what the query gives to each token.",
      vi: "Mặt phẳng có một ô cho mỗi đầu, tô màu theo một chỉ số; biểu đồ điểm có một chấm cho mỗi đầu, đặt theo hai chỉ số. Nhấp vào ô hoặc chấm để xem đầu đó trên thẻ bên dưới: từng chỉ số của nó bằng một vạch giữa chỉ số của mọi đầu, cùng các ví dụ: những cạnh có trọng số cao nhất của ngữ liệu, rồi vài cạnh từ mỗi phần mười của các trọng số. Trong ví dụ, truy vấn có viền, khóa có gạch dưới, còn độ đậm là phần truy vấn dành cho từng token.",
      ru: "На плоскости у каждой головы своя клетка, её цвет — показатель; на диаграмме у каждой точка, её место — два показателя. Щелчок открывает голову на карточке ниже: каждый её показатель — чертой среди показателей всех голов, а также примеры: связи с наибольшими весами во всём корпусе, затем по нескольку из каждой десятой части весов. В примере запрос обведён рамкой, ключ подчёркнут, а насыщенность — то, что запрос отдаёт каждому токену.",
    },
  },
} satisfies ViewTexts;

export const ATLAS_OPTIONS: OptionTexts<"atlas"> = {
  atlas_sort: {
    label: { en: "sorted", vi: "sắp xếp", ru: "по порядку" },
    title: {
      en: "Put the heads of each layer in order, the largest first",
      vi: "Xếp các đầu của mỗi lớp theo thứ tự, lớn nhất trước",
      ru: "Расставить головы каждого слоя по порядку, наибольшие сначала",
    },
  },
  atlas_label: {
    label: { en: "Label", vi: "Nhãn", ru: "Метка" },
    values: { all: { en: "all heads", vi: "mọi đầu", ru: "все головы" }, ...LABEL_NAMES },
  },
};

/** What the list of shortcuts says. */
export const ATLAS_KEYS = {
  where: {
    en: "On the pictures of the atlas",
    vi: "Trên các hình của bản đồ",
    ru: "На рисунках атласа",
  },
  atlasHead: {
    en: "go to the next head in this direction",
    vi: "tới đầu kế tiếp theo hướng này",
    ru: "к следующей голове в эту сторону",
  },
  atlasEnd: {
    en: "go to the first or last head",
    vi: "tới đầu chú ý ở đầu hoặc cuối",
    ru: "к первой или последней голове",
  },
  atlasSelect: {
    en: "select this head in every view",
    vi: "chọn đầu này ở mọi khung nhìn",
    ru: "выбрать эту голову во всех панелях",
  },
  planeZoom: {
    en: "zoom the plane in or out",
    vi: "phóng to hoặc thu nhỏ mặt phẳng",
    ru: "увеличить или уменьшить плоскость",
  },
  planeFit: { en: "show the whole plane", vi: "hiện cả mặt phẳng", ru: "показать всю плоскость" },
} satisfies Record<string, Text>;
