/** The list of shortcuts, in a dialog of its own. */

import { button, h } from "../browser/dom";
import type { AppState } from "../state/app_state";
import { SHORTCUTS, type Shortcut } from "./shortcuts";
import { DOES, HELP, PLACES } from "./texts/shortcuts";

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
      h("dd", {}, say(DOES[does])),
    );
  const sections = Object.keys(PLACES).map((place) =>
    h(
      "section",
      {},
      h("h3", {}, say(PLACES[place as Shortcut["place"]])),
      h("dl", {}, ...SHORTCUTS.filter((each) => each.place === place).map(row)),
    ),
  );
  const title = say(HELP.title);
  const close = button(say(HELP.close), { class: "aw-button" }, abort, () => element.close());
  const element = h(
    "dialog",
    { class: "aw-dialog", "aria-label": title },
    h("header", {}, h("h2", {}, title), close),
    h("div", { class: "aw-shortcuts" }, ...sections),
  );
  element.addEventListener("keydown", (event) => event.stopPropagation(), { signal: abort });
  element.addEventListener(
    "click",
    (event) => {
      if (event.target === element) element.close(); // the page behind it
    },
    { signal: abort },
  );
  const open = () => {
    if (!element.open) element.showModal();
  };
  root.addEventListener(
    "keydown",
    (event) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      const writes = (target as Element).closest("input, textarea, select");
      if (key !== "?" || ctrlKey || metaKey || altKey || writes) return;
      event.preventDefault();
      open();
    },
    { signal: abort },
  );
  abort.addEventListener("abort", () => element.close(), { once: true });
  return { element, open };
}
