/** How far the ranking of heads is, what it is of, and what stops it or lets it go on. */

import { batch, untracked } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { subjectInWords } from "../language/effects";
import { quoted } from "../language/quoted";
import { EFFECT } from "../language/texts/effects";
import { type AppState, watch } from "../state/app_state";
import type { Model } from "../tensors/answer";
import type { Ranking } from "../tensors/ranking";

/** `shown` reads signals. */
export function effectLine(
  state: AppState,
  model: Model,
  ranking: Ranking,
  shown: () => boolean,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const { known, isRunning, isStopped, error } = ranking;
  const act = { class: "aw-edit-act" };
  const words = h("span", { class: "aw-effect-words" });
  const turn = button("", act, abort, () => {
    if (isRunning.value) ranking.stop();
    else ranking.goOn();
  });
  const instead = button("", { ...act, title: say(EFFECT.insteadTitle) }, abort, () => {
    batch(() => {
      state.effect_position.value = state.token.value;
      state.effect_token.value = null; // of what is predicted there
      state.effect_other.value = null;
      ranking.goOn();
    });
  });
  const element = h("p", { class: "aw-effect-line" }, words, " ", turn, " ", instead);

  const read = () => (state.meta.value.target ?? state.meta.value).tokens;
  function inWords(): string {
    const { value: found } = known;
    if (!found) return isRunning.value ? say(EFFECT.begins) : "";
    const { done, total } = found;
    const what = subjectInWords(say, found, read());
    if (done === total) return say(EFFECT.all, { what, n: total });
    const counted = say(EFFECT.tried, { what, done, total });
    return model.asks.value ? counted : `${counted}; ${say(EFFECT.needsKernel)}`;
  }

  /** A selected token that effects could be of instead; null for none. */
  function other(): number | null {
    const [{ value: token }, { value: found }] = [state.token, known];
    const isOfText = state.sides.value.queryText.tokens === read();
    if (token === null || !isOfText || !found || found.of === "class") return null;
    if (found.metric === "loss") return null;
    return found.position === token ? null : token;
  }

  watch(abort, () => {
    const canAsk = model.asks.value;
    element.hidden = !shown();
    const text = inWords();
    if (words.textContent !== text) words.textContent = text;
    turn.textContent = say(isRunning.value ? EFFECT.stop : EFFECT.goOn);
    turn.hidden = !canAsk || !(isRunning.value || isStopped.value || error.value);
    const token = other();
    instead.hidden = !canAsk || token === null;
    const label = quoted(say, read()[token ?? -1]?.label ?? "");
    instead.textContent = token === null ? "" : say(EFFECT.instead, { token: label });
  });
  // Each step would be too much to hear.
  watch(abort, () => {
    if (shown()) ranking.told.value = isRunning.value ? "" : untracked(inWords);
  });
  return element;
}
