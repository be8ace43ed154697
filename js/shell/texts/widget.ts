/** What the widget itself says. */

import type { Text } from "../../language/say";

export const WIDGET = {
  name: { en: "Attention widget", vi: "Tiện ích chú ý", ru: "Виджет внимания" },
  atlas: { en: "Atlas of heads", vi: "Bản đồ các đầu chú ý", ru: "Атлас голов" },
  running: { en: "running the model …", vi: "đang chạy mô hình …", ru: "выполняется модель …" },
  waiting: {
    en: "waiting for the kernel …",
    vi: "đang chờ kernel …",
    ru: "ожидание ядра …",
  },
  executing: {
    en: "waiting: the kernel is running a cell …",
    vi: "đang chờ: kernel đang chạy một ô …",
    ru: "ожидание: ядро выполняет ячейку …",
  },
  gone: {
    en: "The kernel is gone. You can still look at what is shown.",
    vi: "Kernel không còn nữa. Bạn vẫn xem được những gì đang hiện.",
    ru: "Ядра больше нет. Показанное остаётся доступным.",
  },
  kept: {
    en: "Shown from the saved notebook, without a kernel.",
    vi: "Hiện từ notebook đã lưu, không có kernel.",
    ru: "Показано по данным из сохранённого блокнота, без ядра.",
  },
  goOn: {
    en: "To continue, re-run the cell.",
    vi: "Để tiếp tục, hãy chạy lại ô.",
    ru: "Чтобы продолжить, выполните ячейку ещё раз.",
  },
  goOnWithText: {
    en: "To continue or to run another text, re-run the cell.",
    vi: "Để tiếp tục hoặc chạy văn bản khác, hãy chạy lại ô.",
    ru: "Чтобы продолжить или запустить другой текст, выполните ячейку ещё раз.",
  },
  malformed: {
    en: "There is no kernel, and the data that the notebook saved for this widget cannot be read: {why}. Re-run the cell.",
    vi: "Không có kernel, và không đọc được dữ liệu mà notebook đã lưu cho tiện ích này: {why}. Hãy chạy lại ô.",
    ru: "Ядра нет, а данные этого виджета, сохранённые в блокноте, не читаются: {why}. Выполните ячейку ещё раз.",
  },
  notHere: {
    en: "The kernel is gone, and this was not loaded before. Re-run the cell.",
    vi: "Kernel không còn nữa, và phần này chưa được tải trước đó. Hãy chạy lại ô.",
    ru: "Ядра больше нет, а эти данные не были загружены. Выполните ячейку ещё раз.",
  },
  noModelHere: {
    en: "The kernel is gone, so the model cannot be asked. Re-run the cell.",
    vi: "Kernel không còn nữa nên không hỏi được mô hình. Hãy chạy lại ô.",
    ru: "Ядра больше нет, поэтому модель ни о чём не спросить. Выполните ячейку ещё раз.",
  },
  noModelInPage: {
    en: "This page has no kernel, so the model cannot be asked.",
    vi: "Trang này không có kernel nên không hỏi được mô hình.",
    ru: "У этой страницы нет ядра, поэтому модель ни о чём не спросить.",
  },
  headless: {
    en: "{model} has no output head, so it predicts nothing. Load it with one: {classes}; or give one by {option}.",
    vi: "{model} không có phần dự đoán ở đầu ra nên không dự đoán gì. Hãy tải nó bằng {classes}, hoặc truyền phần này qua {option}.",
    ru: "У {model} нет выходной головы, и она ничего не предсказывает. Загрузите её с головой: {classes}; или передайте голову в {option}.",
  },
  predictsClasses: {
    en: "{model} predicts classes, and this is of models that predict tokens.",
    vi: "{model} dự đoán các lớp nhãn, còn phần này chỉ có ở mô hình dự đoán token.",
    ru: "{model} предсказывает классы, а это есть только у моделей, предсказывающих токены.",
  },
  silent: {
    en: 'no answer from the kernel yet. A saved page has no kernel: widget.export_html("page.html") writes a page that needs none.',
    vi: 'kernel chưa trả lời. Trang đã lưu thì không có kernel: widget.export_html("page.html") ghi ra trang không cần kernel.',
    ru: 'ядро пока не ответило. У сохранённой страницы ядра нет: widget.export_html("page.html") записывает страницу, которой оно не нужно.',
  },
  page: {
    en: 'Shown from the data saved with this page, which has no kernel. In a notebook, widget.export_html("page.html") writes a page with every layer.',
    vi: 'Hiện từ dữ liệu đã lưu cùng trang này, trang không có kernel. Trong notebook, widget.export_html("page.html") ghi ra trang có mọi lớp.',
    ru: 'Показано по данным, сохранённым вместе со страницей; ядра у неё нет. В блокноте widget.export_html("page.html") записывает страницу со всеми слоями.',
  },
  emptyPage: {
    en: 'This page has no kernel and was saved without the data to show. In a notebook, widget.export_html("page.html") writes a page that has it.',
    vi: 'Trang này không có kernel và được lưu mà không kèm dữ liệu để hiện. Trong notebook, widget.export_html("page.html") ghi ra trang có đủ dữ liệu.',
    ru: 'У этой страницы нет ядра, и она сохранена без данных. В блокноте widget.export_html("page.html") записывает страницу с данными.',
  },
  notInPage: {
    en: "This was not saved with the page.",
    vi: "Phần này không được lưu cùng trang.",
    ru: "Это не сохранено вместе со страницей.",
  },
} satisfies Record<string, Text>;
