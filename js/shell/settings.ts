/** At the end of the top line: language, theme, and the way to the list of shortcuts. */

import { button, h } from "../browser/dom";
import { type OptionTexts, optionControls } from "../controls/option_controls";
import type { AppState } from "../state/app_state";
import { SETTINGS } from "./texts/settings";

const OPTIONS: OptionTexts<"settings"> = {
  locale: {
    label: SETTINGS.locale,
    // Each in itself, for those who cannot read the one that is shown.
    values: { auto: SETTINGS.auto, en: "English", vi: "Tiếng Việt", ru: "Русский" },
  },
  theme: {
    label: SETTINGS.theme,
    values: { auto: SETTINGS.auto, light: SETTINGS.light, dark: SETTINGS.dark },
  },
};

export function settings(state: AppState, help: () => void, abort: AbortSignal): HTMLElement {
  const sayAnew = (set: () => void) => {
    const root = element.parentElement?.parentElement;
    set();
    // All was said anew, and this list with it.
    root?.querySelector<HTMLElement>('[data-option="locale"] select')?.focus();
  };
  const lists = optionControls(state, OPTIONS, { locale: { around: sayAnew } }, abort);
  const label = state.say(SETTINGS.help);
  const shortcuts = button(
    "?",
    { "data-setting": "help", title: label, "aria-label": label, "aria-haspopup": "dialog" },
    abort,
    help,
  );
  const element = h("div", { class: "aw-settings" }, ...lists, shortcuts);
  return element;
}
