/** Below the headline, while another measure than attention is shown: what it is, and the way back. */

import { button, h } from "../browser/dom";
import { nameOfMeasure } from "../draw/measure_words";
import { quoted } from "../language/quoted";
import { MEASURE, MEASURE_TEXTS } from "../language/texts/measures";
import { type AppState, watch } from "../state/app_state";
import { aboutOf, measuredState } from "../state/measured_state";
import { answerOf, type Model, REST_MS } from "../tensors/answer";
import { MEASURE_FACTS } from "../trace/measures";
import { measuredOf } from "../trace/questions";

export function measureLine(state: AppState, model: Model, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const { measure_shown: shown } = measuredState(state);
  const words = h("span", { class: "aw-measure-words" });
  const back = button(say(MEASURE.back), { class: "aw-edit-act" }, abort, () => {
    state.weights.value = "attention";
  });
  const element = h("p", { class: "aw-measure" }, words, " ", back);

  /** Of which logit it is, which the model alone knows. */
  const logit = answerOf(
    state,
    model,
    abort,
    () => {
      const { value: measure } = shown;
      if (measure?.takes !== "gradient") return null;
      return measuredOf(aboutOf(state), state.attention_kind.value, state.layer.value);
    },
    REST_MS,
  );

  function ofWhat(): string {
    const { answer } = logit.value;
    if (!answer?.label) return "";
    const tokens = state.meta.value.target?.tokens ?? state.meta.value.tokens;
    const of = {
      label: quoted(say, answer.label),
      other: quoted(say, answer.other),
      token: quoted(say, tokens[answer.position ?? -1]?.label ?? ""),
    };
    return say(answer.other ? MEASURE.ofDifference : MEASURE.ofLogit, of);
  }

  watch(abort, () => {
    const { value: measure } = shown;
    element.hidden = !measure;
    back.hidden = state.meta.value.read_only === "page" && !state.weights.value;
    if (!measure) return;
    const { meaning, silent } = MEASURE_TEXTS[measure.name];
    const told = say(MEASURE.told, {
      name: nameOfMeasure(state, measure.name),
      exact: say(MEASURE_FACTS[measure.name].isExact ? MEASURE.exact : MEASURE.estimate),
      meaning: say(meaning),
      silent: say(silent),
    });
    const layers = measure.per === "layer" ? say(MEASURE.ofLayers) : "";
    words.textContent = [told, ofWhat(), layers].filter(Boolean).join(" ");
  });
  return element;
}
