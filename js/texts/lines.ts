/** What the lines view says. */

import type { Text } from "../language";

export const LINES = {
  title: { en: "Attention lines", vi: "Các đường chú ý", ru: "Линии внимания" },
  help: {
    en: "A line joins a token on the left to a token on the right that it attends to: the colour is the head's, the opacity the weight. Hover a token to see its lines alone, with their weights; click to keep it. Where a model lets part of the attention go to a sink, that part stands in the last row. High attention does not mean that a token matters to the output.",
    vi: "Mỗi đường nối một token bên trái với một token bên phải mà nó chú ý tới: màu là của đầu chú ý, độ đậm là trọng số. Rê chuột lên một token để chỉ thấy các đường của nó cùng trọng số; nhấp để giữ lại. Nếu mô hình để một phần chú ý đi vào điểm chìm (sink), phần đó nằm ở hàng cuối. Chú ý cao không có nghĩa là token quan trọng đối với kết quả.",
    ru: "Линия соединяет токен слева с токеном справа, на который он смотрит: цвет обозначает голову, непрозрачность — вес. Наведите курсор на токен, чтобы увидеть только его линии с весами; щёлкните, чтобы закрепить выбор. Если часть внимания модель отдаёт стоку (sink), она стоит в последней строке. Высокое внимание не означает, что токен важен для результата.",
  },
} satisfies Record<string, Text>;
