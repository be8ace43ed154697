/** Texts to begin with. Each shows something that attention is known for. */

import type { Text } from "../../language/say";

export const EXAMPLES_TITLE: Text = {
  en: "Example texts",
  vi: "Văn bản mẫu",
  ru: "Примеры текстов",
};

export const EXAMPLES = {
  meanings: {
    shows: {
      en: "One word, two meanings",
      vi: "Một từ, hai nghĩa",
      ru: "Одно слово, два значения",
    },
    text: {
      en: "I read a novel last night. Attention is a novel idea.",
      vi: "Mẹ mua một cân đường. Con đường này rất dài.",
      ru: "На грядке вырос лук. Охотник взял лук и стрелы.",
    },
  },
  pronoun: {
    shows: {
      en: "What a pronoun stands for",
      vi: "Đại từ thay cho từ nào",
      ru: "Что заменяет местоимение",
    },
    text: {
      en: "The animal did not cross the street because it was too tired.",
      vi: "Con mèo không qua đường vì nó quá mệt.",
      ru: "Кошка не перешла дорогу, потому что она слишком устала.",
    },
  },
  pairs: {
    shows: {
      en: "Quotation marks and brackets in pairs",
      vi: "Dấu ngoặc đi theo cặp",
      ru: "Парные кавычки и скобки",
    },
    text: {
      en: 'She said: "I read the book (and saw the film) twice."',
      vi: 'Cô ấy nói: "Tôi đã đọc cuốn sách (và xem phim) hai lần."',
      ru: "Она сказала: «Я дважды прочитала книгу (и посмотрела фильм)».",
    },
  },
  repetition: {
    shows: {
      en: "A phrase that comes twice",
      vi: "Một câu lặp lại hai lần",
      ru: "Фраза, которая повторяется",
    },
    text: {
      en: "The purple cat sat on a red mat. The purple cat sat on a red mat.",
      vi: "Con mèo tím nằm trên tấm thảm đỏ. Con mèo tím nằm trên tấm thảm đỏ.",
      ru: "Лиловый кот сидит на красном ковре. Лиловый кот сидит на красном ковре.",
    },
  },
  code: {
    shows: { en: "Code", vi: "Mã nguồn", ru: "Программный код" }, // the same in every language
  },
} satisfies Record<string, { shows: Text; text?: Text }>;
