/** The list of shortcuts and of what else is not seen at once, in a dialog of its own. */

import { button, h, on, onAbort } from "../browser/dom";
import type { Shortcut, ShortcutList } from "../panel/shortcuts";
import type { AppState } from "../state/app_state";
import { HELP } from "./texts/shortcuts";

const CAPS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Control: "Ctrl",
  Escape: "Esc",
  PageUp: "PgUp",
  PageDown: "PgDn",
};

/** `?` opens it wherever the focus is in the element, but where a person writes. */
export function helpDialog(
  root: HTMLElement,
  lists: readonly ShortcutList[],
  more: readonly HTMLElement[],
  state: AppState,
  abort: AbortSignal,
): { element: HTMLDialogElement; open(): void } {
  const { say } = state;
  const cap = (key: string) => h("kbd", {}, key === " " ? say(HELP.space) : (CAPS[key] ?? key));
  const row = ({ hold, keys, does }: Shortcut) =>
    h(
      "div",
      {},
      h("dt", {}, ...(hold ? [cap(hold), "+"] : []), ...keys.map(cap)),
      h("dd", {}, say(does)),
    );
  const [first = "", ...others] = lists.map(({ where, shortcuts }) =>
    h("section", {}, h("h3", {}, say(where)), h("dl", {}, ...shortcuts.map(row))),
  );
  const title = say(HELP.title);
  const close = button(say(HELP.close), { class: "aw-button" }, abort, () => element.close());
  const element = h(
    "dialog",
    { class: "aw-dialog", "aria-label": title },
    h("header", {}, h("h2", {}, title), close),
    h("div", { class: "aw-shortcuts" }, first, ...more, ...others),
  );
  on(element, "keydown", abort, (event) => event.stopPropagation());
  on(element, "click", abort, (event) => {
    if (event.target === element) element.close(); // the page behind it
  });
  const open = () => {
    if (!element.open) element.showModal();
  };
  on(root, "keydown", abort, (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    const writes = (target as Element).closest("input, textarea, select");
    if (key !== "?" || ctrlKey || metaKey || altKey || writes) return;
    event.preventDefault();
    open();
  });
  onAbort(abort, () => element.close());
  return { element, open };
}
