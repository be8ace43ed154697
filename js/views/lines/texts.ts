/** What the lines view says. */

import type { OptionTexts } from "../../controls/option_controls";
import type { Text } from "../../language/say";

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
      en: "Weaker lines are left out",
      vi: "Bỏ các đường yếu hơn",
      ru: "Более слабые линии не рисуются",
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
    en: "A line joins a query token to a key token that it attends to: the colour is the head's, the opacity the weight. For each query the strongest keys are drawn, as many as hold the share top-p of its attention. Hover a query to see what it attends to, a key to see who attends to it, with the weights; click to keep that, and click again to let go. Each list scrolls by itself, both together over the lines; where they are long, the bar beside them shows what is in sight and where the attention goes: click or drag there. Where a model lets part of the attention go to a sink, that part stands in the last row. High attention does not mean that a token matters to the output.",
    vi: "Mỗi đường nối một token truy vấn với một token khóa mà nó chú ý tới: màu là của đầu chú ý, độ đậm là trọng số. Với mỗi truy vấn, các khóa mạnh nhất được vẽ, đủ để chiếm tỉ lệ top-p trong chú ý của nó. Rê chuột lên một truy vấn để thấy nó chú ý tới đâu, lên một khóa để thấy token nào chú ý tới nó, cùng trọng số; nhấp để giữ lại, nhấp lần nữa để bỏ. Mỗi danh sách cuộn riêng, cuộn trên các đường thì cả hai cùng chạy; khi danh sách dài, thanh bên cạnh cho biết phần đang hiện và nơi chú ý hướng tới: nhấp hoặc kéo ở đó. Nếu mô hình để một phần chú ý đi vào điểm chìm (sink), phần đó nằm ở hàng cuối. Chú ý cao không có nghĩa là token quan trọng đối với kết quả.",
    ru: "Линия соединяет токен-запрос с токеном-ключом, на который он смотрит: цвет обозначает голову, непрозрачность — вес. Для каждого запроса показаны самые сильные ключи, в сумме дающие долю top-p его внимания. Наведите курсор на запрос, чтобы увидеть, на что он смотрит, или на ключ, чтобы увидеть, кто смотрит на него, с весами; щёлкните, чтобы оставить это, и ещё раз, чтобы отпустить. Каждый список прокручивается сам, над линиями — оба вместе; у длинных списков полоса рядом показывает, что сейчас видно и куда направлено внимание: щёлкните по ней или потяните. Если часть внимания модель отдаёт стоку (sink), она стоит в последней строке. Высокое внимание не означает, что токен важен для результата.",
  },
  queries: {
    en: "Query tokens; arrow keys walk through them",
    vi: "Các token truy vấn; dùng phím mũi tên để di chuyển",
    ru: "Токены-запросы; стрелки переходят от одного к другому",
  },
  keys: {
    en: "Key tokens; arrow keys walk through them",
    vi: "Các token khóa; dùng phím mũi tên để di chuyển",
    ru: "Токены-ключи; стрелки переходят от одного к другому",
  },
  query: { en: "query", vi: "truy vấn", ru: "запрос" },
  key: { en: "key", vi: "khóa", ru: "ключ" },
  weight: { en: "weight", vi: "trọng số", ru: "вес" },
  head: { en: "head {head}", vi: "đầu {head}", ru: "голова {head}" },
  map: {
    en: "Frames: the queries (left or above) and the keys in sight. Marks: where the attention goes. Click or drag to scroll.",
    vi: "Khung: các truy vấn (bên trái hoặc phía trên) và các khóa đang hiện. Vạch: nơi chú ý hướng tới. Nhấp hoặc kéo để cuộn.",
    ru: "Рамки: видимые запросы (слева или сверху) и ключи. Метки: куда направлено внимание. Щёлкните или потяните для прокрутки.",
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

  noHead: {
    en: "No head is selected.",
    vi: "Chưa chọn đầu chú ý nào.",
    ru: "Не выбрана ни одна голова.",
  },
  ofEach: {
    en: { one: "{n} head", other: "{n} heads" },
    vi: { other: "{n} đầu" },
    ru: { one: "{n} голова", few: "{n} головы", many: "{n} голов", other: "{n} головы" },
  },
  sink: { en: "sink", vi: "điểm chìm", ru: "сток" },
  receives: {
    en: "{key} receives {sum} of {n} ({of})",
    vi: "{key} nhận {sum} trên {n} ({of})",
    ru: "{key} получает {sum} из {n} ({of})",
  },
  receivesByLines: {
    en: "{key} receives {sum} of {n} by the lines shown ({of})",
    vi: "{key} nhận {sum} trên {n} theo các đường đang hiện ({of})",
    ru: "{key} получает {sum} из {n} по показанным линиям ({of})",
  },
  receivesMaximum: {
    en: "{key}: the weights that it receives sum to {sum} over {n} queries ({of})",
    vi: "{key}: tổng các trọng số nhận được là {sum} từ {n} truy vấn ({of})",
    ru: "{key}: сумма полученных весов — {sum}, запросов: {n} ({of})",
  },
  receivesMaximumByLines: {
    en: "{key}: the weights that it receives by the lines shown sum to {sum} over {n} queries ({of})",
    vi: "{key}: theo các đường đang hiện, tổng các trọng số nhận được là {sum} từ {n} truy vấn ({of})",
    ru: "{key}: сумма полученных по показанным линиям весов — {sum}, запросов: {n} ({of})",
  },
  noLine: {
    en: "No lines at these settings ({of}).",
    vi: "Không có đường nào với các thiết lập này ({of}).",
    ru: "При этих настройках линий нет ({of}).",
  },
  allLines: {
    en: { one: "{n} line", other: "{n} lines" },
    vi: "{n} đường",
    ru: { one: "{n} линия", few: "{n} линии", many: "{n} линий", other: "{n} линии" },
  },
  someLines: {
    en: "{n} of {all} lines, the strongest",
    vi: "{n} trong {all} đường, mạnh nhất",
    ru: {
      one: "{n} самая сильная линия из {all}",
      few: "{n} самые сильные линии из {all}",
      many: "{n} самых сильных линий из {all}",
      other: "{n} самых сильных линий из {all}",
    },
  },
  share: {
    en: "{share} % of the attention",
    vi: "{share} % chú ý",
    ru: "{share} % внимания",
  },
  cut: {
    en: "Of the lines in sight the {n} strongest are drawn.",
    vi: "Trong các đường đang hiện chỉ vẽ {n} đường mạnh nhất.",
    ru: "Из видимых линий нарисованы самые сильные: {n}.",
  },
  lost: {
    en: {
      one: "{n} attention weight is NaN in {heads}, and not drawn.",
      other: "{n} attention weights are NaN in {heads}, and not drawn.",
    },
    vi: "{n} trọng số chú ý là NaN ({heads}) nên không được vẽ.",
    ru: {
      one: "{n} вес внимания равен NaN ({heads}) и не нарисован.",
      few: "{n} веса внимания равны NaN ({heads}) и не нарисованы.",
      many: "{n} весов внимания равны NaN ({heads}) и не нарисованы.",
      other: "{n} веса внимания равны NaN ({heads}) и не нарисованы.",
    },
  },
  lostHeads: {
    en: { one: "head {heads}", other: "heads {heads}" },
    vi: "đầu {heads}",
    ru: { "=1": "голова {heads}", other: "головы {heads}" },
  },
  moreHeads: {
    en: { one: "{n} head more", other: "{n} heads more" },
    vi: "và {n} đầu nữa",
    ru: {
      one: "ещё {n} голова",
      few: "ещё {n} головы",
      many: "ещё {n} голов",
      other: "ещё {n} головы",
    },
  },
} satisfies Record<string, Text>;
