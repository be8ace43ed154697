/** What the widget itself says. */

import type { Text } from "../../language/say";

export const WIDGET = {
  name: { en: "Attention widget", vi: "Tiện ích chú ý", ru: "Виджет внимания" },
  running: {
    en: "running the model …",
    vi: "đang chạy mô hình …",
    ru: "модель работает …",
  },
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
    en: "The kernel is gone. What has been drawn stays and can be looked at; run the cell again to go on.",
    vi: "Kernel không còn nữa. Những gì đã vẽ vẫn ở đây để xem; hãy chạy lại ô để tiếp tục.",
    ru: "Ядра больше нет. Всё нарисованное остаётся и доступно для просмотра; чтобы продолжить, выполните ячейку ещё раз.",
  },
  kept: {
    en: "Drawn from what the notebook saved, without a kernel. Run the cell again to go on.",
    vi: "Được vẽ từ những gì sổ tay đã lưu, không có kernel. Hãy chạy lại ô để tiếp tục.",
    ru: "Нарисовано по сохранённому в блокноте, без ядра. Чтобы продолжить, выполните ячейку ещё раз.",
  },
  malformed: {
    en: "There is no kernel, and what the notebook saved of this widget cannot be read: {why}. Run the cell again.",
    vi: "Không có kernel, và không đọc được những gì sổ tay đã lưu của tiện ích này: {why}. Hãy chạy lại ô.",
    ru: "Ядра нет, а сохранённое в блокноте от этого виджета не читается: {why}. Выполните ячейку ещё раз.",
  },
  notHere: {
    en: "The kernel is gone, and this was not loaded before. Run the cell again.",
    vi: "Kernel không còn nữa, và phần này chưa được tải trước đó. Hãy chạy lại ô.",
    ru: "Ядра больше нет, а это не было загружено раньше. Выполните ячейку ещё раз.",
  },
  silent: {
    en: 'no answer from a kernel yet. A saved page has none: widget.export_html("page.html") writes one that needs none.',
    vi: 'chưa có kernel nào trả lời. Một trang đã lưu không có kernel: widget.export_html("page.html") ghi ra trang không cần kernel.',
    ru: 'ядро пока не ответило. У сохранённой страницы ядра нет: widget.export_html("page.html") записывает страницу, которой оно не нужно.',
  },
  page: {
    en: 'Drawn from what was saved with this page, which has no kernel. In a notebook, widget.export_html("page.html") writes a page with every layer.',
    vi: 'Được vẽ từ những gì đã lưu cùng trang này, trang không có kernel. Trong sổ tay, widget.export_html("page.html") ghi ra một trang có mọi lớp.',
    ru: 'Нарисовано по сохранённому вместе с этой страницей, у которой нет ядра. В блокноте widget.export_html("page.html") записывает страницу со всеми слоями.',
  },
  emptyPage: {
    en: 'This page has no kernel, and it was saved without the numbers to draw. In a notebook, widget.export_html("page.html") writes a page that has them.',
    vi: 'Trang này không có kernel và đã được lưu mà không kèm các số để vẽ. Trong sổ tay, widget.export_html("page.html") ghi ra một trang có đủ chúng.',
    ru: 'У этой страницы нет ядра, и она сохранена без чисел, по которым рисовать. В блокноте widget.export_html("page.html") записывает страницу вместе с ними.',
  },
  notInPage: {
    en: "This was not saved with the page.",
    vi: "Phần này không được lưu cùng trang.",
    ru: "Это не сохранено вместе со страницей.",
  },
  enter: {
    en: "Show the widget in the full window",
    vi: "Hiện tiện ích toàn cửa sổ",
    ru: "Показать виджет во всё окно",
  },
  leave: {
    en: "Leave the full window (Escape)",
    vi: "Thoát toàn cửa sổ (Escape)",
    ru: "Выйти из полного окна (Escape)",
  },
} satisfies Record<string, Text>;
