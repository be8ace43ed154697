/** What is said of work that takes more memory than is free. */

import type { Text } from "../../language/say";
import type { Shortage } from "../../trace/memory";

/** That it is so, and what takes less. */
export const SHORT_OF: Record<Shortage["work"], Text> = {
  reading: {
    en: "Running the model takes about {needed} of memory, and {free} are free: the kernel may die. A shorter text takes less.",
    vi: "Chạy mô hình cần khoảng {needed} bộ nhớ mà chỉ còn trống {free}: kernel có thể bị dừng. Văn bản ngắn hơn cần ít hơn.",
    ru: "Запуск модели займёт около {needed} памяти, а свободно {free}: ядро может аварийно завершиться. Более короткий текст займёт меньше.",
  },
  gradient: {
    en: "Gradients take about {needed} of memory, and {free} are free: the kernel may die. A shorter text takes less.",
    vi: "Tính gradient cần khoảng {needed} bộ nhớ mà chỉ còn trống {free}: kernel có thể bị dừng. Văn bản ngắn hơn cần ít hơn.",
    ru: "Градиенты займут около {needed} памяти, а свободно {free}: ядро может аварийно завершиться. Более короткий текст займёт меньше.",
  },
  ranking: {
    en: "Ranking the heads takes about {needed} of memory, and {free} are free: the kernel may die. A shorter text takes less.",
    vi: "Xếp hạng các đầu cần khoảng {needed} bộ nhớ mà chỉ còn trống {free}: kernel có thể bị dừng. Văn bản ngắn hơn cần ít hơn.",
    ru: "Ранжирование голов займёт около {needed} памяти, а свободно {free}: ядро может аварийно завершиться. Более короткий текст займёт меньше.",
  },
};

export const SHORTAGE = {
  anyway: { en: "Run anyway", vi: "Vẫn chạy", ru: "Всё равно запустить" },
  leave: { en: "Cancel", vi: "Hủy", ru: "Отмена" },
  left: {
    en: "Not run: it takes about {needed} of memory, and {free} were free.",
    vi: "Chưa chạy: việc này cần khoảng {needed} bộ nhớ mà chỉ còn trống {free}.",
    ru: "Не запущено: нужно около {needed} памяти, а свободно было {free}.",
  },
  ended: {
    en: "The kernel ended during work that takes about {needed} of memory, with {free} free.",
    vi: "Kernel dừng khi đang làm việc cần khoảng {needed} bộ nhớ mà chỉ còn trống {free}.",
    ru: "Ядро остановилось во время работы, которой нужно около {needed} памяти, а свободно было {free}.",
  },
} satisfies Record<string, Text>;
