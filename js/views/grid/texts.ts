/** What the grid view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Help, Text } from "../../language/say";
import { HEADS } from "../../language/texts/heads";
import { KIND_TITLES } from "../../language/texts/kinds";
import { LABEL_LIST } from "../../language/texts/labels";
import { SUMMARIES, SUMMARY_NAMES } from "../../language/texts/summaries";

export const GRID = {
  largest: { en: "largest", vi: "lớn nhất", ru: "наибольшее" },
  sameInRow: {
    en: "The measure is of whole layers: all heads of a layer have the same picture.",
    vi: "Thước đo này là của cả lớp: mọi đầu của một lớp có cùng một hình.",
    ru: "Мера относится ко всему слою: у всех голов слоя одна и та же миниатюра.",
  },
  name: { en: "Grid", vi: "Lưới", ru: "Сетка" },
  needs: SUMMARIES,
  title: { en: "Grid of heads", vi: "Lưới các đầu chú ý", ru: "Сетка голов" },
  help: {
    short: {
      en: "Every head of the model as a small picture of its attention on this text: one row per layer, one column per head.",
      vi: "Mỗi đầu chú ý của mô hình là một hình nhỏ vẽ chú ý của nó trên văn bản này: mỗi hàng là một lớp, mỗi cột là một đầu.",
      ru: "Каждая голова модели — миниатюра её внимания на этом тексте: строка на слой, столбец на голову.",
    },
    more: {
      en: "In matrix pictures, queries run down and keys across; in line pictures, queries are on the left and keys on the right. For up to 32 tokens each cell is one weight; for longer texts it is the largest of the weights it covers, so that thin diagonals and columns stay visible. Click a head to show it, Ctrl-click to select several, of other layers too, double-click or press Enter to go to its lines, also where they were not shown. A summary colours the heads and can rank them: entropy (how spread out the attention is, in nats), distance (mean |query − key| in tokens or words) and its variance, or the mean share of attention that goes to the previous, next, same or first token, to repeats of the token or what followed them (induction), to its word, to delimiters or special tokens, or to no token at all (sink). Where such a share is high a head is labelled with it, in tiny pictures by a letter; the list of labels shows the heads of one alone. A striking head need not matter to the output: high attention is not importance. The summary “effect” tells: it runs the model without each head and shows how far its prediction changes, exactly.",
      vi: "Trong hình ma trận, truy vấn đi từ trên xuống, khóa từ trái sang; trong hình đường, truy vấn ở bên trái, khóa ở bên phải. Đến 32 token, mỗi ô là một trọng số; với văn bản dài hơn, ô là trọng số lớn nhất trong vùng nó đại diện, để vẫn thấy được các đường chéo và cột mảnh. Nhấp vào một đầu để xem, Ctrl + nhấp để chọn nhiều đầu, kể cả ở các lớp khác, nhấp đúp hoặc nhấn Enter để tới các đường của nó, kể cả khi chúng chưa hiện. Chỉ số tóm tắt tô màu các đầu và có thể xếp hạng chúng: entropy (chú ý phân tán đến đâu, tính bằng nat), khoảng cách (trung bình |truy vấn − khóa| tính theo token hoặc từ) và phương sai của nó, hoặc phần chú ý trung bình dành cho token liền trước, liền sau, chính nó, token đầu tiên, cho lần lặp lại của token hay token đứng sau lần đó (quy nạp), cho cùng từ, dấu câu, token đặc biệt, hoặc không dành cho token nào (điểm chìm). Khi một phần như vậy cao, đầu được gắn nhãn theo nó, ở hình rất nhỏ thì bằng một chữ cái; danh sách nhãn cho phép chỉ hiện các đầu mang một nhãn. Một đầu nổi bật chưa chắc quan trọng đối với đầu ra: chú ý cao không có nghĩa là quan trọng. Chỉ số “tác động” cho biết điều đó: nó chạy mô hình khi bỏ từng đầu và cho thấy chính xác dự đoán thay đổi bao nhiêu.",
      ru: "На миниатюре матрицы запросы идут сверху вниз, ключи — слева направо; на миниатюре линий запросы слева, ключи справа. До 32 токенов каждая клетка — один вес; в длинных текстах это наибольший из весов, которые она объединяет, чтобы тонкие диагонали и столбцы оставались видны. Щёлкните голову, чтобы показать её; Ctrl + щелчок выбирает несколько голов, в том числе из разных слоёв, двойной щелчок или Enter ведёт к её линиям, даже если они не были показаны. Показатель раскрашивает головы и может ранжировать их: энтропия (насколько рассеяно внимание, в натах), расстояние (среднее |запрос − ключ| в токенах или словах) и его дисперсия или средняя доля внимания, которая достаётся предыдущему, следующему, тому же или первому токену, повторам токена или тому, что шло за ними (индукция), его слову, знакам препинания, специальным токенам или никакому токену (сток). Если такая доля велика, голова получает метку, на крошечных миниатюрах — букву; список меток оставляет головы одной из них. Заметная голова не обязательно важна для результата: высокое внимание — ещё не важность. Её покажет «влияние»: модель запускается без каждой головы, и видно, насколько именно меняется её предсказание.",
    },
  },
  ofMeasure: {
    en: "Every head of the model as a small picture of {measure}: one row per layer, one column per head.",
    vi: "Mỗi đầu chú ý của mô hình là một hình nhỏ vẽ {measure}: mỗi hàng là một lớp, mỗi cột là một đầu.",
    ru: "Каждая голова модели — миниатюра меры {measure}: по строке на слой, по столбцу на голову.",
  },
  layer: { en: "layer", vi: "lớp", ru: "слой" },
  head: { en: "head", vi: "đầu", ru: "голова" },
  place: {
    en: "layer {layer}, head {head}",
    vi: "lớp {layer}, đầu {head}",
    ru: "слой {layer}, голова {head}",
  },
  selected: { en: "selected", vi: "đang chọn", ru: "выбрана" },
  picture: { en: "Picture", vi: "Hình", ru: "Миниатюра" },
  zoomIn: { en: "Larger pictures", vi: "Hình lớn hơn", ru: "Миниатюры крупнее" },
  zoomOut: { en: "Smaller pictures", vi: "Hình nhỏ hơn", ru: "Миниатюры мельче" },
  fit: { en: "fit", vi: "vừa khung", ru: "целиком" },
  fitTitle: {
    en: "Fit the pictures to the panel",
    vi: "Vừa hình với khung nhìn",
    ru: "Подогнать миниатюры под размер панели",
  },
  zoom: { en: "Size of the pictures", vi: "Cỡ hình", ru: "Размер миниатюр" },
  missing: {
    en: { "=1": "layer {layers}: {why}", other: "layers {layers}: {why}" },
    vi: "lớp {layers}: {why}",
    ru: { "=1": "слой {layers}: {why}", other: "слои {layers}: {why}" },
  },
  noAttention: {
    en: "no attention of this kind",
    vi: "không có loại chú ý này",
    ru: "нет внимания этого вида",
  },
  notHeld: {
    en: "not included in this export",
    vi: "không có trong bản xuất này",
    ru: "не включено в этот экспорт",
  },
  grid: {
    en: "Heads by layer. Arrow keys move, Space selects, Ctrl+Space adds, Enter opens the lines",
    vi: "Các đầu theo lớp. Phím mũi tên để di chuyển, Dấu cách để chọn, Ctrl + Dấu cách để chọn thêm, Enter để mở các đường",
    ru: "Головы по слоям. Стрелки — переход, Пробел выбирает, Ctrl + Пробел добавляет, Enter открывает линии",
  },
  count: HEADS.count,
  inLayers: {
    en: { one: "in {n} layer", other: "in {n} layers" },
    vi: { other: "trong {n} lớp" },
    ru: { one: "в {n} слое", few: "в {n} слоях", other: "в {n} слоях" },
  },
  byRank: {
    en: "by {summary}, largest first, labelled layer·head",
    vi: "theo {summary}, từ lớn đến nhỏ, tên mỗi đầu là lớp·đầu",
    ru: "по показателю «{summary}», по убыванию; подпись: слой·голова",
  },
  byLayer: {
    en: "in the order of layers, labelled layer·head",
    vi: "theo thứ tự lớp, tên mỗi đầu là lớp·đầu",
    ru: "по порядку слоёв; подпись: слой·голова",
  },
  labelled: {
    en: "{n} of {of} heads called “{name}”,",
    vi: "{n}/{of} đầu chú ý mang nhãn “{name}”,",
    ru: "Головы с меткой «{name}»: {n} из {of},",
  },
  unknown: {
    en: "This text does not tell: it has too few tokens of this sort.",
    vi: "Văn bản này không cho biết: nó có quá ít token loại này.",
    ru: "По этому тексту не узнать: таких токенов в нём слишком мало.",
  },
  pooled: {
    en: "Each cell of a picture covers up to {rows} × {columns} weights and shows the largest.",
    vi: "Mỗi ô trong hình gộp đến {rows} × {columns} trọng số và hiện trọng số lớn nhất.",
    ru: "Клетка миниатюры объединяет до {rows} × {columns} весов и показывает наибольший.",
  },
  pooledChange: {
    en: "Each cell of a picture covers up to {rows} × {columns} weights and shows the largest change.",
    vi: "Mỗi ô trong hình gộp đến {rows} × {columns} trọng số và hiện thay đổi lớn nhất.",
    ru: "Клетка миниатюры объединяет до {rows} × {columns} весов и показывает наибольшее изменение.",
  },
  sampled: {
    en: "Computed from {sample} of {n} queries, evenly spaced.",
    vi: "Tính từ {sample} trong số {n} truy vấn, cách đều nhau.",
    ru: {
      one: "По {sample} из {n} запроса, взятым через равные промежутки.",
      few: "По {sample} из {n} запросов, взятым через равные промежутки.",
      other: "По {sample} из {n} запросов, взятым через равные промежутки.",
    },
  },
  reading: {
    en: "Loading the heads: {n} left …",
    vi: "Đang tải các đầu: còn {n} …",
    ru: "Загрузка голов: осталось {n} …",
  },
} satisfies Record<string, Text | Help>;

export const GRID_PICTURES = {
  matrix: { en: "matrix", vi: "ma trận", ru: "матрица" },
  lines: { en: "lines", vi: "đường", ru: "линии" },
} satisfies Record<string, Text>;

export const GRID_KINDS = KIND_TITLES;

export const GRID_OPTIONS: OptionTexts<"grid"> = {
  summary: { label: { en: "Summary", vi: "Tóm tắt", ru: "Показатель" }, values: SUMMARY_NAMES },
  effect_of: {
    label: { en: "Effect on", vi: "Tác động lên", ru: "Влияние на" },
    values: {
      logit: {
        en: "the logit of a prediction",
        vi: "logit của một dự đoán",
        ru: "логит предсказания",
      },
      difference: {
        en: "the difference of two logits",
        vi: "hiệu số hai logit",
        ru: "разность двух логитов",
      },
      loss: {
        en: "the loss of the text",
        vi: "mất mát của văn bản",
        ru: "потери на тексте",
      },
    },
  },
  head_label: LABEL_LIST,
  sort_heads: {
    label: { en: "rank", vi: "xếp hạng", ru: "ранжировать" },
    title: {
      en: "Rank all heads by this summary, largest first",
      vi: "Xếp hạng mọi đầu theo chỉ số này, từ lớn đến nhỏ",
      ru: "Упорядочить все головы по этому показателю, по убыванию",
    },
  },
};

export const GRID_CANDIDATES = {
  token: { en: "of", vi: "của token", ru: "токена" },
  other: { en: "less that of", vi: "trừ logit của", ru: "минус логит" },
} satisfies Record<string, Text>;

export const GRID_UNITS = {
  entropy: { en: "{value} nats", vi: "{value} nat", ru: "{value} нат" },
  distance: { en: "{value} tokens", vi: "{value} token", ru: "{value} ток." },
  variance: { en: "{value} tokens²", vi: "{value} token²", ru: "{value} ток.²" },
  varianceInPassages: { en: "{value} passages²", vi: "{value} đoạn²", ru: "{value} отр.²" },
  varianceInWords: { en: "{value} words²", vi: "{value} từ²", ru: "{value} сл.²" },
  distanceInPassages: { en: "{value} passages", vi: "{value} đoạn", ru: "{value} отр." },
  distanceInWords: { en: "{value} words", vi: "{value} từ", ru: "{value} сл." },
} satisfies Record<string, Text>;

/** What the list of shortcuts says. */
export const GRID_KEYS = {
  where: { en: "On the grid of heads", vi: "Trên lưới các đầu chú ý", ru: "На сетке голов" },
  chooseHead: {
    en: "show only this head; with Shift, add or remove it",
    vi: "chỉ hiện đầu này; giữ Shift để thêm hoặc bớt",
    ru: "показать только эту голову; с Shift — добавить или убрать",
  },
  openHead: {
    en: "show this head as lines",
    vi: "hiện đầu này trong các đường nối",
    ru: "показать линии этой головы",
  },
  endHeadOfAll: {
    en: "go to the first or last head of the model",
    vi: "tới đầu chú ý đầu tiên hoặc cuối cùng của mô hình",
    ru: "к первой или последней голове модели",
  },
} satisfies Record<string, Text>;
