/** How far the question of what words have to do with a prediction is, and what stops it. */

import { untracked } from "@preact/signals-core";
import { button, h } from "../../browser/dom";
import { EFFECT } from "../../language/texts/effects";
import { type AppState, watch } from "../../state/app_state";
import type { Model } from "../../tensors/answer";
import { influenceOf } from "../../tensors/influence";
import { isInfluence } from "../../trace/influence";
import type { InfluenceScores } from "./influence";
import { INFLUENCE } from "./influence_texts";
import { influenceSubject } from "./influence_words";

export function influenceLine(
  state: AppState,
  model: Model,
  { answer, isOfBefore }: InfluenceScores,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const { isRunning, isStopped, error, told, ...going } = influenceOf(state, model);
  const words = h("span", { class: "aw-effect-words" });
  const turn = button("", { class: "aw-edit-act" }, abort, () => {
    if (isRunning.value) going.stop();
    else going.goOn();
  });
  const element = h("p", { class: "aw-effect-line aw-influence-line" }, words, " ", turn);

  function inWords(): string {
    const { value: found } = answer;
    if (!found) return isRunning.value ? say(INFLUENCE.begins) : "";
    const what = influenceSubject(state, found);
    const { done, total, steps: n, gap } = found;
    if (found.measure === "integrated_gradients") {
      if (isRunning.value || gap === null) return say(INFLUENCE.integrating, { what, n });
      return say(INFLUENCE.integrated, { what, n, gap: state.numbers.share(Number(gap), 0) });
    }
    const isWhole = done === total;
    const counted = say(isWhole ? INFLUENCE.removed : INFLUENCE.removing, { what, done, total });
    return isWhole || model.asks.value ? counted : `${counted}; ${say(EFFECT.needsKernel)}`;
  }

  const isShown = () => isInfluence(state.measure.value) && !isOfBefore.value;
  watch(abort, () => {
    const canAsk = model.asks.value;
    element.hidden = !isShown();
    const text = inWords();
    if (words.textContent !== text) words.textContent = text;
    turn.textContent = say(isRunning.value ? EFFECT.stop : EFFECT.goOn);
    turn.hidden = !canAsk || !(isRunning.value || isStopped.value || error.value);
  });
  // Each step would be too much to hear.
  watch(abort, () => {
    if (isShown()) told.value = isRunning.value ? "" : untracked(inWords);
  });
  return element;
}
