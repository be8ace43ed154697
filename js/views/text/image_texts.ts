/** What the text view says where an image stands for the text. */

import type { Help, Text } from "../../language/say";

export const IMAGE = {
  name: { en: "Image", vi: "Hình ảnh", ru: "Изображение" },
  title: { en: "Image", vi: "Hình ảnh", ru: "Изображение" },
  help: {
    short: {
      en: "The colour over a patch shows its score; click a patch to see what it attends to.",
      vi: "Màu phủ trên một mảnh ảnh cho biết điểm số của nó; nhấp vào một mảnh để xem nó chú ý tới đâu.",
      ru: "Цвет поверх патча показывает его оценку; щёлкните патч, чтобы увидеть, на что он смотрит.",
    },
    more: {
      en: "The more colour a patch has, the higher its score; where there is none, the image is seen as it is. So many patches share the attention that each gets little of it: the scale ends at the largest weight that is shown. Ctrl, ⌘ or Shift with a click pins a patch: every other patch is then coloured by its cosine to it. Without these keys a click pins too while norms or cosines are shown. With the keyboard: arrow keys move, Enter pins, Shift+Enter pins one more, Escape clears the selection and unpins. The vectors are the patch embeddings or the output of the selected layer. High attention does not mean that a patch matters to the output.",
      vi: "Mảnh ảnh càng đậm màu thì điểm số càng cao; chỗ không có màu thì thấy ảnh gốc. Chú ý chia cho rất nhiều mảnh nên mỗi mảnh chỉ nhận một phần nhỏ: thang màu kết thúc ở trọng số lớn nhất đang hiện. Giữ Ctrl, ⌘ hoặc Shift khi nhấp để ghim một mảnh: khi đó mọi mảnh khác được tô theo cosin với nó. Khi đang hiện chuẩn hoặc cosin, nhấp không cần giữ phím cũng là ghim. Bằng bàn phím: phím mũi tên để di chuyển, Enter để ghim, Shift+Enter để ghim thêm, Escape để bỏ chọn và bỏ ghim. Vectơ là vectơ nhúng của các mảnh ảnh hoặc đầu ra của lớp đang chọn. Chú ý cao không có nghĩa là mảnh ảnh quan trọng đối với đầu ra.",
      ru: "Чем больше цвета у патча, тем выше его оценка; где цвета нет, изображение видно как есть. Патчей много, и внимания каждому достаётся мало: шкала заканчивается наибольшим из показанных весов. Щелчок с Ctrl, ⌘ или Shift закрепляет патч: остальные патчи тогда раскрашиваются по косинусу к нему. Пока показаны нормы или косинусы, закрепляет и простой щелчок. С клавиатуры: стрелки — переход, Enter — закрепить, Shift+Enter — закрепить ещё, Escape — снять выбор и открепить. Векторы — эмбеддинги патчей или выход выбранного слоя. Высокое внимание не означает, что патч важен для результата.",
    },
  },
  ofMeasure: {
    en: "The colour over a patch shows {measure}; click a patch to see it from there.",
    vi: "Màu phủ trên một mảnh ảnh cho biết {measure}; nhấp vào một mảnh để xem từ mảnh đó.",
    ru: "Цвет поверх патча показывает меру {measure}; щёлкните патч, чтобы увидеть её от него.",
  },
  region: {
    en: "Image; arrow keys select the previous or next patch, Enter pins it, Shift+Enter pins one more",
    vi: "Hình ảnh; phím mũi tên chọn mảnh ảnh trước hoặc sau, Enter để ghim, Shift+Enter để ghim thêm",
    ru: "Изображение; стрелки выбирают предыдущий или следующий патч, Enter закрепляет, Shift+Enter закрепляет ещё один",
  },
} satisfies Record<string, Text | Help>;
