/** At the end of the top line: language, theme, and the way to the list of shortcuts. */

import { button, h } from "../browser/dom";
import { optionControls } from "../controls/option_controls";
import type { AppState } from "../state/app_state";
import { SETTINGS_OPTIONS } from "./texts/settings";
import { HELP } from "./texts/shortcuts";

export function settings(state: AppState, help: () => void, abort: AbortSignal): HTMLElement {
  const sayAnew = (set: () => void) => {
    const root = element.parentElement?.parentElement;
    set();
    // All was said anew, and this list with it.
    root?.querySelector<HTMLElement>('[data-option="locale"] select')?.focus();
  };
  const lists = optionControls(state, SETTINGS_OPTIONS, { locale: { around: sayAnew } }, abort);
  const label = `${state.say(HELP.title)} (?)`;
  const shortcuts = button(
    "?",
    { "data-setting": "help", title: label, "aria-label": label, "aria-haspopup": "dialog" },
    abort,
    help,
  );
  const element = h("div", { class: "aw-settings" }, ...lists, shortcuts);
  return element;
}
