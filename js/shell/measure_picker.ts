/** Which measure lines, matrix, grid and text show: a short list, and why one of them cannot be shown. */

import { computed, signal } from "@preact/signals-core";
import { h, select } from "../browser/dom";
import type { OptionTexts } from "../controls/option_controls";
import { nameOfMeasure } from "../draw/measure_words";
import { MEASURE, MEASURE_TEXTS } from "../language/texts/measures";
import { type AppState, watch } from "../state/app_state";
import { aboutOf, carriedIn } from "../state/measured_state";
import type { Model } from "../tensors/answer";
import { MEASURE_FACTS } from "../trace/measures";
import { WEIGHTS, type Weights } from "../trace/options";
import { measuredOf } from "../trace/questions";

export const MEASURE_OPTIONS: OptionTexts<"heads"> = {
  weights: {
    label: MEASURE.label,
    values: Object.fromEntries(
      WEIGHTS.map((name) => [name, MEASURE_TEXTS[name].name]),
    ) as OptionTexts<"heads">["weights"]["values"],
  },
};

/** Why a measure cannot be shown here, before anybody is asked; empty where it may be. */
export function whyNot(state: AppState, model: Model, name: Weights): string {
  const { say, meta } = state;
  const { takes } = MEASURE_FACTS[name];
  const said = { name: say(MEASURE_TEXTS[name].name) };
  if (name === "attention" || name === state.weights.value) return "";
  if (state.comparison.value) return say(MEASURE.notCompared, said);
  const isCarried = carriedIn(state)?.name === name;
  if (meta.value.read_only === "page") return isCarried ? "" : say(MEASURE.notHere, said);
  if (takes !== "trace" && meta.value.windows.length) return say(MEASURE.notOfWindows, said);
  if (takes !== "trace" && !model.asks.value) return say(MEASURE.needsModel, said);
  if (takes !== "trace" && state.pass.value !== null) return say(MEASURE.notOfEdits, said);
  return "";
}

export function measurePicker(state: AppState, model: Model, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const failure = signal("");
  const trying = signal<Weights | null>(null);
  const names = WEIGHTS.map((name) => [name, nameOfMeasure(state, name)] as const);
  const list = select(
    say(MEASURE_OPTIONS.weights.label),
    names,
    abort,
    (name) => void choose(name),
  );
  list.element.dataset.option = "weights";
  list.element.title = say(MEASURE.title);

  /** The layer that is shown comes first: a model that has none of it changes nothing. */
  async function choose(name: Weights): Promise<void> {
    failure.value = "";
    trying.value = name;
    try {
      if (name !== "attention" && model.asks.peek()) {
        const about = { ...aboutOf(state), name };
        const { layer, attention_kind: kind } = state;
        await model.ask(measuredOf(about, kind.peek(), layer.peek()), { signal: abort });
      }
      if (trying.peek() === name) state.weights.value = name;
    } catch (error) {
      if (trying.peek() === name) failure.value = (error as Error).message;
    } finally {
      if (trying.peek() === name) trying.value = null;
    }
  }

  const off = computed(() => WEIGHTS.filter((name) => whyNot(state, model, name)));
  const why = h("p", { class: "aw-hint aw-measure-why" });
  watch(abort, () => {
    list.off(off.value);
    list.set(trying.value ?? state.weights.value);
    for (const option of list.element.querySelectorAll("option")) {
      option.title = whyNot(state, model, option.value as Weights);
    }
    const [first] = off.value;
    const reason = first ? whyNot(state, model, first) : "";
    const waiting = trying.value ? say(MEASURE.pending) : "";
    why.textContent = failure.value || waiting || reason;
    why.hidden = !why.textContent;
    list.element.setAttribute("aria-busy", String(trying.value !== null));
  });
  return h("div", { class: "aw-measures" }, list.element, why);
}
