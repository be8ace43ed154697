/** What the grid view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";
import { SUMMARY_NAMES } from "../../language/texts/summaries";

export const GRID = {
  name: { en: "Grid", vi: "Lưới", ru: "Сетка" },
  needs: {
    en: "summaries of heads (export it while the grid is shown)",
    vi: "tóm tắt của các đầu chú ý (hãy xuất khi khung lưới đang hiện)",
    ru: "сводки по головам (экспортируйте, когда показана сетка)",
  },
  title: { en: "Grid of heads", vi: "Lưới các đầu chú ý", ru: "Сетка голов" },
  help: {
    en: "Every head of the model as a small picture of its attention on this text: a row for each layer, a column for each head. In a matrix queries go down and keys across; in lines queries stand left and keys right. Up to 32 tokens each cell is one weight; of longer texts it is the largest of the weights it stands for, so that thin diagonals and columns stay in sight. Click a head to show it, Ctrl-click for several of a layer, double-click or Enter to open its lines. A summary colours and ranks the heads: entropy (how spread the attention is, in nats), distance (mean |query − key| in tokens), and the mean share that goes to the previous, the next, the same or the first token, to special tokens, or to no token at all (sink). A striking head need not matter to the output: high attention is not importance.",
    vi: "Mỗi đầu chú ý của mô hình là một hình nhỏ vẽ chú ý của nó trên văn bản này: mỗi hàng là một lớp, mỗi cột là một đầu. Trong ma trận, truy vấn đi từ trên xuống, khóa từ trái sang; trong hình đường, truy vấn ở bên trái, khóa ở bên phải. Đến 32 token, mỗi ô là một trọng số; với văn bản dài hơn, ô là trọng số lớn nhất trong vùng nó đại diện, để các đường chéo và cột mảnh vẫn còn thấy. Nhấp vào một đầu để xem, Ctrl-nhấp để chọn nhiều đầu trong một lớp, nhấp đúp hoặc Enter để mở các đường của nó. Chỉ số tóm tắt tô màu và xếp hạng các đầu: độ phân tán (entropy của chú ý, tính bằng nat), khoảng cách (trung bình |truy vấn − khóa| tính theo token), và phần chú ý trung bình dành cho token liền trước, liền sau, chính nó, token đầu tiên, token đặc biệt, hoặc không dành cho token nào (điểm chìm). Một đầu nổi bật chưa chắc quan trọng đối với kết quả: chú ý cao không có nghĩa là quan trọng.",
    ru: "Каждая голова модели — маленькая картинка её внимания на этом тексте: строка на слой, столбец на голову. В матрице запросы идут сверху вниз, ключи — слева направо; на линиях запросы стоят слева, ключи — справа. До 32 токенов каждая клетка — один вес; в длинных текстах это наибольший из весов, которые она представляет, чтобы тонкие диагонали и столбцы оставались видны. Щёлкните голову, чтобы показать её; щелчок с Ctrl выбирает несколько голов слоя, двойной щелчок или Enter открывает её линии. Сводка раскрашивает и ранжирует головы: энтропия (насколько внимание рассеяно, в натах), расстояние (среднее |запрос − ключ| в токенах) и средняя доля внимания, которая достаётся предыдущему, следующему, тому же или первому токену, специальным токенам или никакому токену (сток). Заметная голова не обязательно важна для результата: высокое внимание — ещё не важность.",
  },
  layer: { en: "layer", vi: "lớp", ru: "слой" },
  head: { en: "head", vi: "đầu", ru: "голова" },
  place: {
    en: "layer {layer}, head {head}",
    vi: "lớp {layer}, đầu {head}",
    ru: "слой {layer}, голова {head}",
  },
  selected: { en: "selected", vi: "đang chọn", ru: "выбрана" },
  picture: { en: "Picture", vi: "Hình", ru: "Картинка" },
  zoomIn: { en: "Larger pictures", vi: "Hình lớn hơn", ru: "Картинки крупнее" },
  zoomOut: { en: "Smaller pictures", vi: "Hình nhỏ hơn", ru: "Картинки мельче" },
  fit: { en: "fit", vi: "vừa khung", ru: "вместить" },
  fitTitle: {
    en: "Pictures as large as fit the panel",
    vi: "Hình lớn vừa khung",
    ru: "Картинки по размеру панели",
  },
  zoom: { en: "Size of the pictures", vi: "Cỡ hình", ru: "Размер картинок" },
  weight: { en: "weight", vi: "trọng số", ru: "вес" },
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
    en: "Heads by layer. Arrow keys walk through them, Space selects, Ctrl+Space adds, Enter opens the lines",
    vi: "Các đầu theo lớp. Phím mũi tên để di chuyển, Space để chọn, Ctrl+Space để chọn thêm, Enter để mở các đường",
    ru: "Головы по слоям. Стрелки перемещают, Пробел выбирает, Ctrl+Пробел добавляет, Enter открывает линии",
  },
  count: {
    en: { one: "{n} head", other: "{n} heads" },
    vi: { other: "{n} đầu" },
    ru: { one: "{n} голова", few: "{n} головы", many: "{n} голов", other: "{n} головы" },
  },
  inLayers: {
    en: { one: "in {n} layer", other: "in {n} layers" },
    vi: { other: "trong {n} lớp" },
    ru: { one: "в {n} слое", few: "в {n} слоях", many: "в {n} слоях", other: "в {n} слоя" },
  },
  byRank: {
    en: "by {summary}, largest first, each named layer·head",
    vi: "theo {summary}, lớn nhất trước, tên mỗi đầu là lớp·đầu",
    ru: "по сводке «{summary}», начиная с наибольшей; подпись: слой·голова",
  },
  how: {
    en: "Click a head to show it, double-click to open its lines.",
    vi: "Nhấp vào một đầu để xem, nhấp đúp để mở các đường của nó.",
    ru: "Щёлкните голову, чтобы показать её; двойной щелчок открывает её линии.",
  },
  pooled: {
    en: "A picture's cell stands for up to {rows} × {columns} weights: the largest is drawn.",
    vi: "Mỗi ô trong hình đại diện cho tối đa {rows} × {columns} trọng số: trọng số lớn nhất được vẽ.",
    ru: "Клетка картинки объединяет до {rows} × {columns} весов: показан наибольший.",
  },
  sampled: {
    en: "Made from {sample} of {n} queries, evenly spaced.",
    vi: "Tính từ {sample} trong {n} truy vấn, cách đều nhau.",
    ru: {
      one: "По {sample} из {n} запроса, взятым равномерно.",
      few: "По {sample} из {n} запросов, взятым равномерно.",
      many: "По {sample} из {n} запросов, взятым равномерно.",
      other: "По {sample} из {n} запроса, взятым равномерно.",
    },
  },
  inWords: {
    en: "Words are counted as tokens.",
    vi: "Mỗi từ được tính như một token.",
    ru: "Слова считаются как токены.",
  },
  reading: {
    en: "Reading the heads: {n} to go …",
    vi: "Đang đọc các đầu: còn {n} …",
    ru: "Чтение голов: осталось {n} …",
  },
} satisfies Record<string, Text>;

export const GRID_PICTURES = {
  matrix: { en: "matrix", vi: "ma trận", ru: "матрица" },
  lines: { en: "lines", vi: "đường", ru: "линии" },
} satisfies Record<string, Text>;

export const GRID_KINDS = {
  encoder: {
    en: "Encoder: self-attention",
    vi: "Bộ mã hóa: tự chú ý",
    ru: "Кодировщик: самовнимание",
  },
  decoder: {
    en: "Decoder: self-attention",
    vi: "Bộ giải mã: tự chú ý",
    ru: "Декодировщик: самовнимание",
  },
  cross: {
    en: "Cross-attention: decoder to encoder",
    vi: "Chú ý chéo: bộ giải mã tới bộ mã hóa",
    ru: "Перекрёстное внимание: декодировщик к кодировщику",
  },
} satisfies Record<string, Text>;

export const GRID_OPTIONS: OptionTexts<"grid"> = {
  summary: { label: { en: "Summary", vi: "Tóm tắt", ru: "Сводка" }, values: SUMMARY_NAMES },
  sort_heads: {
    label: { en: "rank", vi: "xếp hạng", ru: "ранжировать" },
    title: {
      en: "All heads by this summary, largest first",
      vi: "Mọi đầu theo chỉ số này, lớn nhất trước",
      ru: "Все головы по этой сводке, начиная с наибольшей",
    },
  },
};

export const GRID_UNITS = {
  entropy: { en: "{value} nats", vi: "{value} nat", ru: "{value} нат" },
  distance: { en: "{value} tokens", vi: "{value} token", ru: "{value} ток." },
} satisfies Record<string, Text>;

/** What the list of shortcuts says. */
export const GRID_KEYS = {
  where: { en: "On the grid of heads", vi: "Trên lưới các đầu chú ý", ru: "На сетке голов" },
  chooseHead: {
    en: "show this head alone; with Shift add it or take it away",
    vi: "chỉ hiện đầu này; thêm Shift để thêm hoặc bớt",
    ru: "показать только эту голову; с Shift — добавить или убрать",
  },
  openHead: {
    en: "show this head in the lines",
    vi: "hiện đầu này trong các đường nối",
    ru: "показать эту голову линиями",
  },
  endHeadOfAll: {
    en: "to the first or last of all heads",
    vi: "tới đầu chú ý đầu tiên hoặc cuối cùng của mô hình",
    ru: "к первой или последней из всех голов",
  },
} satisfies Record<string, Text>;
