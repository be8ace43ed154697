/** What the text view says. */

import type { Text } from "../language";

export const TEXT = {
  title: { en: "Text", vi: "Văn bản", ru: "Текст" },
  help: {
    en: "The text, coloured by a score. Click a word to pin it: every other word is then coloured by its cosine to it; click it again to let go. Vectors are the token embeddings or the output of the selected layer; a word of several tokens counts with the mean of its vectors, with the sum of the attention its tokens receive and the mean of what they give. Words that the model wrote itself have a dotted line below.",
    vi: "Văn bản được tô màu theo một điểm số. Nhấp vào một từ để ghim: mọi từ khác được tô theo cosin với nó; nhấp lần nữa để bỏ ghim. Vectơ là nhúng token hoặc đầu ra của lớp đang chọn; một từ gồm nhiều token được tính bằng trung bình các vectơ của nó, tổng chú ý mà các token nhận và trung bình chú ý mà chúng gửi đi. Từ do chính mô hình viết có đường chấm bên dưới.",
    ru: "Текст, раскрашенный по оценке. Щёлкните слово, чтобы закрепить его: остальные слова раскрашиваются по косинусу к нему; щёлкните ещё раз, чтобы отпустить. Векторы — эмбеддинги токенов или выход выбранного слоя; слово из нескольких токенов учитывается средним своих векторов, суммой полученного токенами внимания и средним отданного. Слова, которые написала сама модель, подчёркнуты точками.",
  },
} satisfies Record<string, Text>;
