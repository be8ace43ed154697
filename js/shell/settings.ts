/** Behind the gear: what holds for the whole widget and is seldom changed. */

import { button, h } from "../browser/dom";
import { optionControls } from "../controls/option_controls";
import { popover } from "../controls/popover";
import { icon } from "../draw/icons";
import type { AppState } from "../state/app_state";
import { isAtlasAlone } from "../trace/alone";
import { ROW_OPTIONS } from "./texts/picker";
import { SETTINGS, SETTINGS_OPTIONS } from "./texts/settings";
import { HELP } from "./texts/shortcuts";

/** `more` stands between the lists and the way to the shortcuts. */
export function settings(
  state: AppState,
  help: () => void,
  more: readonly HTMLElement[],
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const sayAnew = (set: () => void) => {
    const root = box.closest(".attention-widget");
    set();
    // All was said anew, and this list with it.
    const list = root?.querySelector<HTMLElement>('[data-option="locale"] select');
    list?.closest<HTMLElement>("[popover]")?.showPopover?.();
    list?.focus();
  };
  const rules = {
    words: { usable: () => !state.passage_rows.value },
    passage_rows: {
      shown: () => state.meta.value.tokens.some(({ passage }) => passage !== null),
    },
    special_tokens: { shown: () => hasSpecial(state) },
  };
  const shortcuts = button(
    `${say(HELP.title)} (?)`,
    { "data-setting": "help", "aria-haspopup": "dialog" },
    abort,
    () => {
      close();
      opener.focus(); // where the focus comes back to
      help();
    },
  );
  const content = h(
    "div",
    { class: "aw-settings" },
    ...optionControls(state, SETTINGS_OPTIONS, { locale: { around: sayAnew } }, abort),
    ...(isAtlasAlone(state.meta.value) ? [] : optionControls(state, ROW_OPTIONS, rules, abort)),
    ...more,
    shortcuts,
  );
  const label = say(SETTINGS.title);
  const { opener, box, close } = popover(
    label,
    { class: "aw-button aw-gear", title: label, "aria-label": label },
    [content],
    abort,
  );
  opener.append(icon("settings"));
  return h("span", { class: "aw-popover-holder" }, opener, box);
}

const hasSpecial = ({ meta, sides }: AppState): boolean => {
  const { queryText, keyText, window } = sides.value;
  const added = window === null ? 0 : (meta.value.windows[window]?.specials.length ?? 0);
  return added > 0 || [...queryText.tokens, ...keyText.tokens].some(({ special }) => special);
};
