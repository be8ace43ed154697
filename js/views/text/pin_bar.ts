/** The pinned units as chips that let go of them, and how several of them colour the text. */

import { computed } from "@preact/signals-core";
import { h, on } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import { type AppState, watch } from "../../state/app_state";
import { PIN_OPTIONS } from "./option_texts";
import { HUES } from "./passage";
import type { TextScores } from "./scores";
import { TEXT } from "./texts";
import { nameOf } from "./words";

/** `text` gets the focus when the last chip had it and is gone. */
export function pinBar(
  state: AppState,
  scores: TextScores,
  letGo: (unit: number) => void,
  text: HTMLElement,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const chips = h("div", { class: "aw-pins", role: "group", "aria-label": say(TEXT.pins) });
  const isSeveral = () => scores.pins.value.length > 1;
  const modes = optionControls(state, PIN_OPTIONS, { pin_mode: { shown: isSeveral } }, abort);
  const isHued = computed(() => scores.nearest.value !== null);

  function chipOf(unit: number, index: number): HTMLElement {
    const name = nameOf(state, state.units.value[unit]);
    const label = say(TEXT.letGo, { name });
    const hue = isHued.value ? ` aw-heat-31 aw-hue-${index % HUES}` : "";
    return h(
      "button",
      {
        type: "button",
        class: "aw-button aw-pin",
        "data-pin": unit,
        "aria-label": label,
        title: label,
      },
      h("i", { class: `aw-swatch${hue}` }),
      h("span", { class: "aw-pin-name", dir: "auto" }, name),
      h("b", {}, "×"),
    );
  }

  on(chips, "click", abort, ({ target }) => {
    const chip = (target as Element).closest<HTMLElement>("[data-pin]");
    if (chip) letGo(Number(chip.dataset.pin));
  });
  watch(abort, () => {
    const held = [...chips.children].findIndex((chip) => chip.contains(document.activeElement));
    const nodes = scores.pins.value.map(chipOf);
    chips.replaceChildren(...nodes);
    if (held >= 0) (nodes[Math.min(held, nodes.length - 1)] ?? text).focus();
  });
  const bar = h("div", { class: "aw-pin-bar" }, chips, ...modes);
  watch(abort, () => {
    bar.hidden = !scores.pins.value.length;
  });
  return bar;
}
