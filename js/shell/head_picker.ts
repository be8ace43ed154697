/** Which heads are looked at: a button that names them, and a box to choose them in. */

import { signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { type Choice, chipRow } from "../controls/chips";
import { optionControls } from "../controls/option_controls";
import { popover } from "../controls/popover";
import { headColours } from "../draw/palette";
import { headName, headsInWords } from "../language/picture_subject";
import { HEADS } from "../language/texts/heads";
import { type AppState, watch } from "../state/app_state";
import { showHeads, toggled } from "../state/choose_head";
import { shownHeads } from "../state/shown_heads";
import type { Model } from "../tensors/answer";
import { measurePicker } from "./measure_picker";
import { headSwatch, pairPicker } from "./pair_picker";
import { PICKER, PICKER_OPTIONS } from "./texts/picker";

/** Colours that the button shows; of more heads none could be told from another. */
const MOST_SWATCHES = 4;

export function headPicker(state: AppState, model: Model, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const several = signal(false);
  const chips = chipRow(
    {
      row: say(PICKER.heads),
      chip: (head) => say(HEADS.chip, { head }),
      several: () => several.value,
    },
    "group",
    abort,
    choose,
  );
  const count = () => state.layerMeta.value?.n_heads ?? 0;
  const allHeads = () => Array.from({ length: count() }, (_, head) => head);
  const setHeads = (name: "all" | "none", title: string, heads: () => number[]) =>
    button(say(PICKER[name]), { "data-heads": name, title }, abort, () => {
      showHeads(state, heads());
    });
  const all = setHeads("all", say(PICKER.selectAll), allHeads);
  const none = setHeads("none", say(PICKER.selectNone), () => []);
  const title = say(PICKER.severalTitle);
  const more = button(say(PICKER.several), { "data-heads": "several", title }, abort, () => {
    several.value = !several.value;
  });
  const hasPairs = () => state.pairs.value.length > 0;
  const areSeveral = () => !hasPairs() && state.activeHeads.value.length > 1;
  const combine = optionControls(state, PICKER_OPTIONS, { combine: { usable: areSeveral } }, abort);
  const { opener, box } = popover(
    say(PICKER.heads),
    { class: "aw-button aw-opener aw-open-heads", title: say(PICKER.headsTitle) },
    [
      chips.element,
      h("div", { class: "aw-buttons" }, all, none, more, ...combine),
      h("p", { class: "aw-hint" }, say(PICKER.hint)),
      pairPicker(state, abort),
      measurePicker(state, model, abort),
    ],
    abort,
  );

  function choose(head: number, choice: Choice): void {
    showHeads(state, choice === "only" ? [head] : toggled(state.heads.value, head));
  }

  const together = () => {
    const { value: combine } = state.combine;
    return areSeveral() && (combine === "mean" || combine === "maximum") ? combine : "each";
  };

  function nameOfChosen(): string {
    const { value: pairs } = state.pairs;
    if (pairs.length > 1) return say(PICKER.besideEachOther, { n: pairs.length });
    const [pair] = pairs;
    if (pair) return headName(say, pair);
    const { value: chosen } = state.activeHeads;
    if (!chosen.length) return say(PICKER.noHead);
    const how = together();
    return areSeveral() && chosen.length === count()
      ? say(PICKER.allHeads[how])
      : headsInWords(say, chosen, how);
  }

  watch(abort, () => {
    const pressed = hasPairs() ? [] : state.activeHeads.value;
    const colours = headColours(count());
    chips.set({ count: count(), pressed, colours });
    none.disabled = !pressed.length;
    all.disabled = pressed.length === count();
    const heads = shownHeads(state);
    const shown = together() === "each" && heads.length <= MOST_SWATCHES ? heads : [];
    const swatches = shown.map(({ head }) => headSwatch(head));
    opener.replaceChildren(...swatches, h("span", { class: "aw-opener-words" }, nameOfChosen()));
  });
  watch(abort, () => more.setAttribute("aria-pressed", String(several.value)));
  return h("span", { class: "aw-popover-holder" }, opener, box);
}
