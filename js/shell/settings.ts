/** At the end of the top line: language, theme, and the way to the list of shortcuts. */

import { button, h, select } from "../browser/dom";
import type { Language } from "../language/say";
import { type AppState, watch } from "../state/app_state";
import { LOCALES, type LocaleName, THEMES } from "../trace/contract";
import { SETTINGS } from "./texts/settings";

/** Each in itself, for those who cannot read the one that is shown. */
const LANGUAGE_NAMES: Record<Language, string> = {
  en: "English",
  vi: "Tiếng Việt",
  ru: "Русский",
};

export function settings(state: AppState, help: () => void, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const nameOf = (locale: LocaleName) =>
    locale === "auto" ? say(SETTINGS.auto) : LANGUAGE_NAMES[locale];
  const locale = select(
    say(SETTINGS.locale),
    LOCALES.map((name) => [name, nameOf(name)]),
    abort,
    (value) => {
      const root = element.parentElement?.parentElement;
      state.locale.value = value;
      // All was said anew, and this list with it.
      root?.querySelector<HTMLElement>('[data-setting="locale"] select')?.focus();
    },
  );
  const theme = select(
    say(SETTINGS.theme),
    THEMES.map((name) => [name, say(SETTINGS[name])]),
    abort,
    (value) => {
      state.theme.value = value;
    },
  );
  locale.element.dataset.setting = "locale";
  theme.element.dataset.setting = "theme";
  const label = say(SETTINGS.help);
  const shortcuts = button(
    "?",
    { "data-setting": "help", title: label, "aria-label": label, "aria-haspopup": "dialog" },
    abort,
    help,
  );
  const element = h("div", { class: "aw-settings" }, locale.element, theme.element, shortcuts);
  watch(abort, () => {
    locale.set(state.locale.value);
    theme.set(state.theme.value);
  });
  return element;
}
