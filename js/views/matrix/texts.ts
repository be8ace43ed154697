/** What the matrix view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Help, Text } from "../../language/say";
import { HEADS } from "../../language/texts/heads";

export const MATRIX_OPTIONS: OptionTexts<"matrix"> = {
  normalise_rows: {
    label: { en: "relative to row", vi: "theo từng hàng", ru: "по строкам" },
    title: {
      en: "Divide each row by its largest weight",
      vi: "Chia mỗi hàng cho trọng số lớn nhất của nó",
      ru: "Делить каждую строку на её наибольший вес",
    },
  },
};

export const MATRIX = {
  name: { en: "Matrix", vi: "Ma trận", ru: "Матрица" },
  title: { en: "Attention matrix", vi: "Ma trận chú ý", ru: "Матрица внимания" },
  help: {
    short: {
      en: "Each row is a query token, each column a key token, and each cell the weight with which the query attends to the key.",
      vi: "Mỗi hàng là một token truy vấn, mỗi cột là một token khóa, mỗi ô là trọng số mà truy vấn chú ý tới khóa.",
      ru: "Каждая строка — токен-запрос, каждый столбец — токен-ключ, каждая клетка — вес, с которым запрос смотрит на ключ.",
    },
    more: {
      en: "The bars below show what each key receives, averaged over the queries; bars on the right show what a row sums to, where that is not 1. Click a cell to select both tokens in every view, or a label to select only that token; click again to deselect. Zoom with Ctrl and the wheel, a pinch or a double click; drag to move. Where cells are smaller than a pixel, each pixel shows the largest of its weights. A weight of exactly 0 has its own colour: a mask leaves it. High attention does not mean that a token matters to the output.",
      vi: "Các thanh bên dưới cho biết mỗi khóa nhận được bao nhiêu, lấy trung bình trên các truy vấn; các thanh bên phải cho biết tổng của hàng khi tổng đó khác 1. Nhấp vào một ô để chọn cả hai token ở mọi khung nhìn, hoặc vào một nhãn để chỉ chọn token đó; nhấp lần nữa để bỏ chọn. Phóng to bằng Ctrl và con lăn, chụm hai ngón hoặc nhấp đúp; kéo để di chuyển. Khi ô nhỏ hơn một điểm ảnh, mỗi điểm ảnh hiện trọng số lớn nhất trong đó. Trọng số đúng bằng 0 có màu riêng: đó là do mặt nạ. Chú ý cao không có nghĩa là token quan trọng đối với đầu ra.",
      ru: "Полосы внизу показывают, сколько внимания получает каждый ключ в среднем по запросам; полосы справа — сумму строки, если она не равна 1. Щёлкните клетку, чтобы выбрать оба токена во всех панелях, или подпись, чтобы выбрать только этот токен; щёлкните ещё раз, чтобы снять выбор. Масштаб — Ctrl и колесо, щипок или двойной щелчок; сдвиг — перетаскиванием. Если клетки меньше пикселя, каждый пиксель показывает наибольший из своих весов. У веса ровно 0 свой цвет: его оставляет маска. Высокое внимание не означает, что токен важен для результата.",
    },
  },
  ofMeasure: {
    en: "Each row is a query token, each column a key token, and each cell their {measure}.",
    vi: "Mỗi hàng là một token truy vấn, mỗi cột là một token khóa, mỗi ô là {measure} của chúng.",
    ru: "Каждая строка — токен-запрос, каждый столбец — токен-ключ, каждая клетка — мера {measure}.",
  },
  plot: {
    en: "Attention matrix, {queries} queries by {keys} keys. Arrow keys move between cells, Enter selects, plus and minus zoom, 0 shows everything, Escape clears the selection.",
    vi: "Ma trận chú ý, {queries} truy vấn × {keys} khóa. Phím mũi tên đi qua các ô, Enter chọn, dấu cộng và trừ phóng to thu nhỏ, 0 hiện tất cả, Escape bỏ chọn.",
    ru: "Матрица внимания, запросов: {queries}, ключей: {keys}. Стрелки — переход между клетками, Enter выбирает, плюс и минус меняют масштаб, 0 показывает всё, Escape снимает выбор.",
  },
  head: { en: "Head {head}", vi: "Đầu {head}", ru: "Голова {head}" },
  noHead: HEADS.none,
  zoomIn: { en: "Zoom in", vi: "Phóng to", ru: "Увеличить" },
  zoomOut: { en: "Zoom out", vi: "Thu nhỏ", ru: "Уменьшить" },
  fit: { en: "fit", vi: "vừa khung", ru: "целиком" },
  fitTitle: { en: "Show everything", vi: "Hiện tất cả", ru: "Показать всё" },
  share: {
    en: "share of the row’s largest weight",
    vi: "tỉ lệ so với trọng số lớn nhất của hàng",
    ru: "доля от наибольшего веса строки",
  },
  shareOfChange: {
    en: "after − before, as a share of the row’s largest change",
    vi: "sau − trước, theo tỉ lệ so với thay đổi lớn nhất của hàng",
    ru: "после − до, доля от наибольшего изменения строки",
    compared: {
      en: "{other} − {one}, as a share of the row’s largest difference",
      vi: "{other} − {one}, theo tỉ lệ so với khác biệt lớn nhất của hàng",
      ru: "{other} − {one}, доля от наибольшего различия строки",
    },
  },
  mostAreSmall: {
    en: "Among so many tokens most weights are small.",
    vi: "Với nhiều token như vậy, phần lớn trọng số đều nhỏ.",
    ru: "При стольких токенах большинство весов малы.",
  },
  showLog: {
    en: "Colour by the logarithm",
    vi: "Tô màu theo logarit",
    ru: "Цвет по логарифму",
  },
  zero: {
    en: "exactly 0, as when masked",
    vi: "đúng bằng 0, như khi bị che",
    ru: "ровно 0, как под маской",
  },
  nan: { en: "NaN", vi: "NaN", ru: "NaN" },
  of: HEADS.ofLayer,
  ofEach: {
    en: "layer {layer}, {heads}, on one colour scale",
    vi: "lớp {layer}, {heads}, cùng một thang màu",
    ru: "слой {layer}, {heads}, с общей цветовой шкалой",
  },
  ofPairs: {
    en: "{heads}, on one colour scale",
    vi: "{heads}, cùng một thang màu",
    ru: "{heads}, с общей цветовой шкалой",
  },
  range: {
    en: "weights from {least} to {most}",
    vi: "trọng số từ {least} đến {most}",
    ru: "веса от {least} до {most}",
  },
  sumsToOne: {
    en: "each row sums to 1",
    vi: "mỗi hàng có tổng bằng 1",
    ru: "сумма каждой строки равна 1",
  },
  sums: {
    en: "rows sum to {least}–{most}",
    vi: "tổng các hàng từ {least} đến {most}",
    ru: "суммы строк от {least} до {most}",
  },
  toSink: {
    en: "the rest goes to the sink",
    vi: "phần còn lại dành cho điểm chìm (sink)",
    ru: "остальное уходит в сток (sink)",
  },
  toHidden: {
    en: "the rest goes to the hidden special tokens",
    vi: "phần còn lại dành cho các token đặc biệt đang ẩn",
    ru: "остальное достаётся скрытым специальным токенам",
  },
  pooled: {
    en: "each pixel is the largest of {n} × {n} weights",
    vi: "mỗi điểm ảnh là trọng số lớn nhất trong {n} × {n}",
    ru: "каждый пиксель — наибольший из {n} × {n} весов",
  },
  pixel: {
    en: "largest of {n} × {n} weights in this pixel: {value}",
    vi: "lớn nhất trong {n} × {n} trọng số của điểm ảnh này: {value}",
    ru: "наибольший из {n} × {n} весов в этом пикселе: {value}",
  },
  attends: {
    en: "{query} attends to {key} with weight {weight}",
    vi: "{query} chú ý tới {key} với trọng số {weight}",
    ru: "{query} смотрит на {key} с весом {weight}",
  },
  relative: {
    en: "{share} of the row’s largest weight",
    vi: "bằng {share} trọng số lớn nhất của hàng",
    ru: "{share} от наибольшего веса строки",
  },
  exactlyZero: {
    en: "exactly 0",
    vi: "đúng bằng 0",
    ru: "ровно 0",
  },
  changes: {
    en: "{query} → {key}: {change}",
    vi: "{query} → {key}: {change}",
    ru: "{query} → {key}: {change}",
  },
  relativeChange: {
    en: "{share} of the row’s largest change",
    vi: "bằng {share} thay đổi lớn nhất của hàng",
    ru: "{share} от наибольшего изменения строки",
  },
  pixelChange: {
    en: "farthest from 0 of {n} × {n} changes in this pixel: {value}",
    vi: "xa 0 nhất trong {n} × {n} thay đổi của điểm ảnh này: {value}",
    ru: "самое далёкое от 0 из {n} × {n} изменений в этом пикселе: {value}",
  },
  pooledChange: {
    en: "each pixel is the one of {n} × {n} changes that is farthest from 0",
    vi: "mỗi điểm ảnh là thay đổi xa 0 nhất trong {n} × {n}",
    ru: "каждый пиксель — самое далёкое от 0 из {n} × {n} изменений",
  },
  receivesMore: {
    en: "what {key} receives changes by {mean} on average",
    vi: "phần {key} nhận được thay đổi trung bình {mean}",
    ru: "то, что получает {key}, меняется в среднем на {mean}",
  },
  gives: {
    en: "the row of {query} sums to {sum}",
    vi: "hàng của {query} có tổng {sum}",
    ru: "сумма строки {query}: {sum}",
  },
  receives: {
    en: "{key} receives {mean} on average",
    vi: "{key} nhận trung bình {mean}",
    ru: "{key} получает в среднем {mean}",
  },
  query: { en: "query", vi: "truy vấn", ru: "запрос" },
  key: { en: "key", vi: "khóa", ru: "ключ" },
  received: { en: "received", vi: "nhận được", ru: "получено" },
  sum: { en: "row sum", vi: "tổng hàng", ru: "сумма" },
  sight: {
    en: "queries {firstQuery}–{lastQuery} of {queries}, keys {firstKey}–{lastKey} of {keys}",
    vi: "truy vấn {firstQuery}–{lastQuery} trong {queries}, khóa {firstKey}–{lastKey} trong {keys}",
    ru: "запросы {firstQuery}–{lastQuery} из {queries}, ключи {firstKey}–{lastKey} из {keys}",
  },
  lost: {
    en: {
      one: "{n} attention weight is NaN; heads: {heads}.",
      other: "{n} attention weights are NaN; heads: {heads}.",
    },
    vi: "{n} trọng số chú ý là NaN; các đầu: {heads}.",
    ru: {
      one: "{n} вес внимания равен NaN; головы: {heads}.",
      few: "{n} веса внимания равны NaN; головы: {heads}.",
      other: "{n} весов внимания равны NaN; головы: {heads}.",
    },
  },
} satisfies Record<string, Text | Help>;

/** What the list of shortcuts says. */
export const MATRIX_KEYS = {
  where: { en: "On the matrix", vi: "Trên ma trận", ru: "На матрице" },
  selectCell: {
    en: "select the query and the key of this cell",
    vi: "chọn truy vấn và khóa của ô này",
    ru: "выбрать запрос и ключ этой клетки",
  },
  otherMap: {
    en: "go to the matrix of the previous or next head",
    vi: "tới ma trận của đầu chú ý trước hoặc sau",
    ru: "к матрице предыдущей или следующей головы",
  },
} satisfies Record<string, Text>;
