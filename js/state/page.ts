/** What the page that the widget stands in says of itself: light or dark, and its language. */

import { signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { hostTheme } from "../browser/theme";
import type { Page } from "./app_state";

export function pageOf(document: Document, abort: AbortSignal): Page {
  const { documentElement: root } = document;
  const language = signal(root.lang);
  const observer = new MutationObserver(() => {
    language.value = root.lang;
  });
  observer.observe(root, { attributeFilter: ["lang"] });
  onAbort(abort, () => observer.disconnect());
  return { dark: hostTheme(document, abort), language };
}
