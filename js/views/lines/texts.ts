/** What the lines view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Help, Text } from "../../language/say";
import { DESCRIPTIONS } from "../../language/texts/descriptions";
import { HEADS, RECEIVES } from "../../language/texts/heads";

export const LINES_OPTIONS: OptionTexts<"lines"> = {
  top_p: {
    label: { en: "top-p", vi: "top-p", ru: "top-p" },
    title: {
      en: "Lines are drawn for the strongest keys of each query, up to this share of its attention",
      vi: "Vẽ các khóa mạnh nhất của mỗi truy vấn, cho tới tỉ lệ này trong chú ý của nó",
      ru: "Рисуются самые сильные ключи каждого запроса, пока не наберётся эта доля его внимания",
    },
  },
  threshold: {
    label: { en: "weight ≥", vi: "trọng số ≥", ru: "вес ≥" },
    title: {
      en: "Weaker lines are hidden",
      vi: "Ẩn các đường yếu hơn",
      ru: "Более слабые линии скрыты",
    },
  },
  segments: {
    label: { en: "sentence pair", vi: "cặp câu", ru: "пара предложений" },
    values: {
      all: { en: "all", vi: "tất cả", ru: "все" },
      a_a: { en: "A → A", vi: "A → A", ru: "A → A" },
      a_b: { en: "A → B", vi: "A → B", ru: "A → B" },
      b_a: { en: "B → A", vi: "B → A", ru: "B → A" },
      b_b: { en: "B → B", vi: "B → B", ru: "B → B" },
    },
  },
  direction: {
    label: { en: "direction", vi: "hướng", ru: "направление" },
    values: {
      vertical: { en: "vertical", vi: "dọc", ru: "вертикально" },
      horizontal: { en: "horizontal", vi: "ngang", ru: "горизонтально" },
    },
  },
};

export const LINES = {
  name: { en: "Lines", vi: "Đường nối", ru: "Линии" },
  title: { en: "Attention lines", vi: "Các đường chú ý", ru: "Линии внимания" },
  help: {
    short: {
      en: "A line joins a query token to a key token that it attends to: the colour shows the head, width and opacity the weight.",
      vi: "Mỗi đường nối một token truy vấn với một token khóa mà nó chú ý tới: màu cho biết đầu chú ý, độ rộng và độ đậm cho biết trọng số.",
      ru: "Линия соединяет токен-запрос с токеном-ключом, на который он смотрит: цвет обозначает голову, ширина и непрозрачность — вес.",
    },
    more: {
      en: "The lines of the selected token stand before the hairlines of the others; of several heads overlaid, the strongest lines stand out. For each query the strongest keys are drawn, up to a share top-p of its attention. Hover a query to see what it attends to, or a key to see what attends to it, with the weights; click to select it, and click again to deselect. Each list scrolls on its own; over the lines, both scroll together. Of a text that is too long to be visible as a whole, a label says where the strongest line goes that leaves the picture: click it to follow; and a bar beside the lists shows what is visible and where the attention goes: click or drag there. If a model sends part of the attention to a sink, that part is in the last row. High attention does not mean that a token matters to the output.",
      vi: "Các đường của token được chọn nằm trước các nét mảnh của những token khác; khi nhiều đầu nằm chồng nhau, các đường mạnh nhất được làm nổi bật. Với mỗi truy vấn, các khóa mạnh nhất được vẽ, cho tới tỉ lệ top-p trong chú ý của nó. Rê chuột lên một truy vấn để thấy nó chú ý tới đâu, hoặc lên một khóa để thấy token nào chú ý tới nó, cùng các trọng số; nhấp để chọn, nhấp lần nữa để bỏ chọn. Mỗi danh sách cuộn riêng; cuộn trên các đường thì cả hai cùng chạy. Nếu văn bản quá dài để thấy trọn vẹn, một nhãn cho biết đường mạnh nhất ra khỏi hình đi tới đâu: nhấp vào để đi theo; và bên cạnh danh sách có thanh cho biết phần đang hiện và nơi chú ý hướng tới: nhấp hoặc kéo ở đó. Nếu mô hình dành một phần chú ý cho điểm chìm (sink), phần đó nằm ở hàng cuối. Chú ý cao không có nghĩa là token quan trọng đối với đầu ra.",
      ru: "Линии выбранного токена видны поверх тонких линий остальных; если голов несколько, выделены самые сильные линии. Для каждого запроса показаны самые сильные ключи, в сумме дающие долю top-p его внимания. Наведите курсор на запрос, чтобы увидеть, на что он смотрит, или на ключ, чтобы увидеть, что смотрит на него, с весами; щёлкните, чтобы выбрать его, и ещё раз, чтобы снять выбор. Каждый список прокручивается отдельно, над линиями — оба вместе. Если текст слишком длинный, чтобы поместиться целиком, подпись говорит, куда идёт самая сильная из линий, выходящих за край: щёлкните её, чтобы перейти туда; рядом со списками есть полоса: она показывает, что сейчас видно и куда направлено внимание; щёлкните по ней или потяните. Если часть внимания модель отдаёт стоку (sink), эта часть в последней строке. Высокое внимание не означает, что токен важен для результата.",
    },
  },
  ofMeasure: {
    en: "A line joins a query to a key: the colour shows the head, width and opacity show {measure}.",
    vi: "Mỗi đường nối một truy vấn với một khóa: màu cho biết đầu chú ý, độ rộng và độ đậm cho biết {measure}.",
    ru: "Линия соединяет запрос с ключом: цвет обозначает голову, ширина и непрозрачность — {measure}.",
  },
  topPOfMeasure: {
    en: "Lines are drawn for the strongest keys of each query, up to this share of the sum of {measure}",
    vi: "Vẽ các khóa mạnh nhất của mỗi truy vấn, cho tới tỉ lệ này trong tổng {measure}",
    ru: "Рисуются самые сильные ключи каждого запроса, пока не наберётся эта доля суммы: {measure}",
  },
  queries: {
    en: "Query tokens; arrow keys select the previous or next one",
    vi: "Các token truy vấn; phím mũi tên chọn token trước hoặc sau",
    ru: "Токены-запросы; стрелки выбирают предыдущий или следующий",
  },
  keys: {
    en: "Key tokens; arrow keys select the previous or next one",
    vi: "Các token khóa; phím mũi tên chọn token trước hoặc sau",
    ru: "Токены-ключи; стрелки выбирают предыдущий или следующий",
  },
  query: { en: "query", vi: "truy vấn", ru: "запрос" },
  key: { en: "key", vi: "khóa", ru: "ключ" },
  head: { en: "head {head}", vi: "đầu {head}", ru: "голова {head}" },
  map: {
    en: "Frames: the visible queries (left or top) and keys. Marks: where the attention goes. Click or drag to scroll.",
    vi: "Khung viền: các truy vấn (bên trái hoặc phía trên) và các khóa đang hiện. Vạch: nơi chú ý hướng tới. Nhấp hoặc kéo để cuộn.",
    ru: "Рамки: видимые запросы (слева или сверху) и ключи. Метки: куда направлено внимание. Щёлкните или потяните, чтобы прокрутить.",
  },

  hidden: {
    en: "special tokens hidden; weights not renormalised",
    vi: "đã ẩn token đặc biệt; trọng số không chuẩn hóa lại",
    ru: "специальные токены скрыты; веса не перенормированы",
  },
  renormalised: {
    en: "special tokens hidden; weights renormalised",
    vi: "đã ẩn token đặc biệt; trọng số đã chuẩn hóa lại",
    ru: "специальные токены скрыты; веса перенормированы",
  },
  between: {
    en: "only from sentence {from} to sentence {to}",
    vi: "chỉ từ câu {from} đến câu {to}",
    ru: "только из предложения {from} в предложение {to}",
  },

  rowsBelow: {
    en: { one: "{n} row below", other: "{n} rows below" },
    vi: "{n} hàng bên dưới",
    ru: { one: "на {n} строку ниже", few: "на {n} строки ниже", other: "на {n} строк ниже" },
  },
  rowsAbove: {
    en: { one: "{n} row above", other: "{n} rows above" },
    vi: "{n} hàng bên trên",
    ru: { one: "на {n} строку выше", few: "на {n} строки выше", other: "на {n} строк выше" },
  },
  rowsAfter: {
    en: { one: "{n} token to the right", other: "{n} tokens to the right" },
    vi: "{n} token bên phải",
    ru: {
      one: "на {n} токен правее",
      few: "на {n} токена правее",
      other: "на {n} токенов правее",
    },
  },
  rowsBefore: {
    en: { one: "{n} token to the left", other: "{n} tokens to the left" },
    vi: "{n} token bên trái",
    ru: {
      one: "на {n} токен левее",
      few: "на {n} токена левее",
      other: "на {n} токенов левее",
    },
  },

  noHead: HEADS.none,
  ofEach: HEADS.count,
  sink: DESCRIPTIONS.sink,
  receives: RECEIVES,
  receivesByLines: {
    en: {
      one: "{key} receives {sum} from {n} query through the lines shown ({of})",
      other: "{key} receives {sum} in total from {n} queries through the lines shown ({of})",
    },
    vi: "{key} nhận tổng cộng {sum} từ {n} truy vấn qua các đường đang hiện ({of})",
    ru: {
      one: "{key} получает по показанным линиям в сумме {sum} от {n} запроса ({of})",
      few: "{key} получает по показанным линиям в сумме {sum} от {n} запросов ({of})",
      other: "{key} получает по показанным линиям в сумме {sum} от {n} запросов ({of})",
    },
  },
  receivesMaximum: {
    en: {
      one: "{key}: the weight from {n} query is {sum} ({of})",
      other: "{key}: the weights from {n} queries add up to {sum} ({of})",
    },
    vi: "{key}: các trọng số từ {n} truy vấn cộng lại bằng {sum} ({of})",
    ru: {
      one: "{key}: сумма весов от {n} запроса — {sum} ({of})",
      few: "{key}: сумма весов от {n} запросов — {sum} ({of})",
      other: "{key}: сумма весов от {n} запросов — {sum} ({of})",
    },
  },
  receivesMaximumByLines: {
    en: {
      one: "{key}: the weight from {n} query through the lines shown is {sum} ({of})",
      other: "{key}: the weights from {n} queries through the lines shown add up to {sum} ({of})",
    },
    vi: "{key}: các trọng số từ {n} truy vấn qua các đường đang hiện cộng lại bằng {sum} ({of})",
    ru: {
      one: "{key}: сумма весов от {n} запроса по показанным линиям — {sum} ({of})",
      few: "{key}: сумма весов от {n} запросов по показанным линиям — {sum} ({of})",
      other: "{key}: сумма весов от {n} запросов по показанным линиям — {sum} ({of})",
    },
  },
  noLine: {
    en: "No lines at these settings ({of}).",
    vi: "Không có đường nào với các thiết lập này ({of}).",
    ru: "При этих настройках линий нет ({of}).",
  },
  allLines: {
    en: { one: "{n} line", other: "{n} lines" },
    vi: "{n} đường",
    ru: { one: "{n} линия", few: "{n} линии", other: "{n} линий" },
  },
  someLines: {
    en: "the strongest {n} of {all} lines",
    vi: "{n} đường mạnh nhất trong số {all}",
    ru: {
      one: "{n} самая сильная линия из {all}",
      few: "{n} самые сильные линии из {all}",
      other: "{n} самых сильных линий из {all}",
    },
  },
  share: {
    en: "{share} % of the attention",
    vi: "{share} % chú ý",
    ru: "{share} % внимания",
  },
  cut: {
    en: "Only the {n} strongest of the visible lines are drawn.",
    vi: "Chỉ vẽ {n} đường mạnh nhất trong các đường đang hiện.",
    ru: "Из видимых линий нарисованы только самые сильные ({n}).",
  },
  standOut: {
    en: "The {n} strongest stand out, the others are hairlines.",
    vi: "{n} đường mạnh nhất được làm nổi bật, các đường khác là nét mảnh.",
    ru: "Самые сильные ({n}) выделены, остальные — тонкие.",
  },
  cutAndStandOut: {
    en: "Of the visible lines the {n} strongest are drawn; {strong} stand out.",
    vi: "Trong các đường đang hiện, {n} đường mạnh nhất được vẽ; {strong} đường được làm nổi bật.",
    ru: "Из видимых линий нарисованы самые сильные ({n}); из них выделено {strong}.",
  },
  lost: {
    en: {
      one: "{n} attention weight is NaN in {heads} and is not drawn.",
      other: "{n} attention weights are NaN in {heads} and are not drawn.",
    },
    vi: "{n} trọng số chú ý là NaN ({heads}) nên không được vẽ.",
    ru: {
      one: "{n} вес внимания равен NaN ({heads}) и не нарисован.",
      few: "{n} веса внимания равны NaN ({heads}) и не нарисованы.",
      other: "{n} весов внимания равны NaN ({heads}) и не нарисованы.",
    },
  },
  lostHeads: {
    en: { one: "head {heads}", other: "heads {heads}" },
    vi: "đầu {heads}",
    ru: { "=1": "голова {heads}", other: "головы {heads}" },
  },
  moreHeads: {
    en: { one: "and {n} more head", other: "and {n} more heads" },
    vi: "và {n} đầu nữa",
    ru: {
      one: "и ещё {n} голова",
      few: "и ещё {n} головы",
      other: "и ещё {n} голов",
    },
  },
} satisfies Record<string, Text | Help>;
