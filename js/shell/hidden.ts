/** Where the controls are that are not seen at once: a part of the list of shortcuts. */

import { h } from "../browser/dom";
import type { Views } from "../panel/panels";
import { textsOf } from "../panel/view";
import type { AppState } from "../state/app_state";
import { EXAMPLES_TITLE } from "./texts/examples";
import { HIDDEN } from "./texts/hidden";
import { PICKER, ROW_OPTIONS } from "./texts/picker";
import { SETTINGS, SETTINGS_OPTIONS } from "./texts/settings";

/** Each place with what it holds; the settings and the views are those that there are. */
export function hiddenControls(state: AppState, views: Views): HTMLElement {
  const { say } = state;
  const options = [...Object.values(SETTINGS_OPTIONS), ...Object.values(ROW_OPTIONS)];
  const list = (words: readonly string[]) => words.join(", ");
  const held = [
    [PICKER.heads, say(HIDDEN.heads)],
    [
      PICKER.views,
      say(HIDDEN.views, {
        views: list(Object.values(views).map((view) => say(textsOf(view, state).name))),
      }),
    ],
    [
      SETTINGS.title,
      say(HIDDEN.settings, { options: list(options.map(({ label }) => say(label))) }),
    ],
    [EXAMPLES_TITLE, say(HIDDEN.examples)],
    [HIDDEN.view, say(HIDDEN.ofView)],
  ] as const;
  const rows = held.map(([place, holds]) =>
    h("div", {}, h("dt", {}, say(place)), h("dd", {}, holds)),
  );
  return h("section", { class: "aw-hidden" }, h("h3", {}, say(HIDDEN.title)), h("dl", {}, ...rows));
}
