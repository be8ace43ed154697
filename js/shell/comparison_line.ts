/** Two passes beside each other: which is shown, what both predict, and which tokens go together. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { COMPARISON } from "../language/texts/comparison";
import { type AppState, watch } from "../state/app_state";
import type { Model } from "../tensors/answer";
import { comparing } from "../tensors/comparing";
import { countAlone } from "../trace/comparison";
import { SHOWN_PASS } from "../trace/options";
import { alignmentBox } from "./alignment_box";
import { effectValues } from "./effect_values";

export interface ComparisonLine {
  readonly element: HTMLElement;
  /** What a screen reader is told of it. */
  readonly told: ReadonlySignal<string>;
}

export function comparisonLine(state: AppState, model: Model, abort: AbortSignal): ComparisonLine {
  const { say, comparison } = state;
  const predicted = effectValues(state, comparing(state, model, abort));
  const nameOf = (pass: (typeof SHOWN_PASS)[number]) =>
    pass === "difference"
      ? say(COMPARISON.difference)
      : (comparison.value?.names[pass === "before" ? 0 : 1] ?? "");
  const effect = computed(() => (comparison.value ? predicted.value : null));
  const told = computed(() => (effect.value ? say(COMPARISON.told, effect.value) : ""));

  const passes = SHOWN_PASS.map((pass) =>
    button("", { class: "aw-edit-act", title: say(COMPARISON.shown) }, abort, () => {
      state.shown_pass.value = pass;
    }),
  );
  const words = h("span", { class: "aw-compared-words" });
  const alone = h("span", { class: "aw-alone-words" });
  const element = h(
    "span",
    { class: "aw-comparison" },
    ...passes,
    words,
    alignmentBox(state, abort),
    alone,
  );

  watch(abort, () => {
    const { value: found } = comparison;
    element.hidden = !found;
    if (!found) return;
    for (const [place, each] of passes.entries()) {
      const pass = SHOWN_PASS[place] ?? "before";
      const name = nameOf(pass);
      if (each.textContent !== name) each.textContent = name;
      each.hidden = pass !== "before" && !model.hasAfter.value;
      each.setAttribute("aria-pressed", String(state.shown_pass.value === pass));
    }
    const { value } = effect;
    words.textContent = value ? say(COMPARISON.effect, value) : "";
    words.title = value ? say(COMPARISON.effectTitle, { place: value.place }) : "";
    words.hidden = !value;
    const [n, m] = countAlone(found);
    const isSaid = state.isDifference.value && n + m > 0;
    alone.textContent = isSaid ? say(COMPARISON.alone, { n, m }) : "";
    alone.hidden = !isSaid;
  });
  return { element, told };
}
