/** The model's name, and how much of the model there is. */

import { h } from "../browser/dom";
import { textWidth } from "../draw/text_width";
import { countsOf, modelName, paddingOf } from "../language/descriptions";
import { DESCRIPTIONS } from "../language/texts/descriptions";
import { type AppState, watch } from "../state/app_state";

const SIZE = 12; // as in headline.css
/** CSS pixels that stay of a name in a narrow widget; a shorter one is whole. */
const LEAST = 36;

export function nameLine(state: AppState, abort: AbortSignal): HTMLElement {
  const name = h("span", { class: "aw-model" });
  watch(abort, () => {
    const { value: meta } = state.meta;
    const model = h("span", { class: "aw-model-name" }, modelName(meta));
    const least = Math.min(LEAST, Math.floor(textWidth(modelName(meta), SIZE)));
    name.style.setProperty("--aw-least-name", `${least}px`);
    const padding = paddingOf(meta, state.say).map((words) =>
      h(
        "span",
        { class: "aw-padding-count", title: state.say(DESCRIPTIONS.padding) },
        " · ",
        h("i", {}, words),
      ),
    );
    name.replaceChildren(model, h("span", {}, ` · ${countsOf(meta, state.say)}`), ...padding);
    name.title = name.textContent;
  });
  return name;
}
