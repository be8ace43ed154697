/** What a saved page says beyond what the widget says. */

import type { Text } from "../language/say";

export const EXPORT = {
  incomplete: {
    en: "This page is not complete: the file ends too early. Save or copy it again.",
    vi: "Trang này không đầy đủ: tệp kết thúc quá sớm. Hãy lưu hoặc sao chép lại.",
    ru: "Эта страница неполна: файл обрывается. Сохраните или скопируйте его ещё раз.",
  },
  damaged: {
    en: "This page is damaged: what it carries cannot be read. Save or copy it again.",
    vi: "Trang này bị hỏng: không đọc được dữ liệu trong đó. Hãy lưu hoặc sao chép lại.",
    ru: "Эта страница повреждена: её данные не читаются. Сохраните или скопируйте её ещё раз.",
  },
  version: {
    en: "This page was saved in version {found} of its format, and the script beside it reads version {known}: export it again with the attention-widget that the script is from.",
    vi: "Trang này được lưu theo phiên bản định dạng {found}, còn tập lệnh đi kèm đọc phiên bản {known}: hãy xuất lại bằng attention-widget đã tạo ra tập lệnh đó.",
    ru: "Страница сохранена в версии формата {found}, а скрипт рядом с ней читает версию {known}: экспортируйте её заново той версией attention-widget, из которой взят скрипт.",
  },
  notIncluded: {
    en: "Not included in this export: {what}.",
    vi: "Không có trong bản xuất này: {what}.",
    ru: "Не включено в этот экспорт: {what}.",
  },
  layer: { en: "layer {layer}", vi: "lớp {layer}", ru: "слой {layer}" },
  heads: {
    en: { one: "head {heads} of layer {layer}", other: "heads {heads} of layer {layer}" },
    vi: "đầu chú ý {heads} của lớp {layer}",
    ru: { "=1": "голова {heads} слоя {layer}", other: "головы {heads} слоя {layer}" },
  },
  run: {
    en: "a model to read another text",
    vi: "mô hình để đọc văn bản khác",
    ru: "модель, чтобы прочитать другой текст",
  },
} satisfies Record<string, Text>;
