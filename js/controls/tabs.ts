/** One of two lists at a time, chosen by a row of tabs. */

import type { Signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { walkIn } from "../interact/keys";
import { watch } from "../state/app_state";

export interface Tabs<K extends string> {
  readonly element: HTMLElement;
  set(shown: boolean, titles: Readonly<Record<K, string>>): void;
}

let made = 0;

export function tabs<K extends string>(
  lists: readonly (readonly [K, HTMLElement])[],
  chosen: Signal<K>,
  abort: AbortSignal,
): Tabs<K> {
  made += 1;
  const buttons = lists.map(([key, panel]) => {
    const id = `aw-tab-${made}-${key}`;
    panel.id = `${id}-list`;
    const node = button("", { role: "tab", id, "aria-controls": panel.id }, abort, () => {
      chosen.value = key;
      node.focus();
    });
    return [key, node] as const;
  });
  const element = h(
    "div",
    { class: "aw-tabs", role: "tablist" },
    ...buttons.map(([, node]) => node),
  );
  walkIn(
    element,
    () => buttons.map(([, node]) => node),
    (node) => node.click(),
    abort,
  );
  watch(abort, () => {
    for (const [key, node] of buttons) {
      node.setAttribute("aria-selected", String(key === chosen.value));
      node.tabIndex = key === chosen.value ? 0 : -1;
    }
  });
  return {
    element,
    set(shown, titles) {
      element.hidden = !shown;
      for (const [key, node] of buttons) node.textContent = titles[key];
    },
  };
}
