/** The button that leaves passages out, how far it is, and what came of it in a sentence. */

import { button, h, showWords } from "../../browser/dom";
import { type AppState, watch } from "../../state/app_state";
import type { Model } from "../../tensors/answer";
import type { PassagesData } from "./data";
import { LEFT_OUT } from "./texts";
import { measuredInWords, verdictInWords } from "./words";

export function leaveLine(
  state: AppState,
  data: PassagesData,
  model: Model,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const { leaving } = data;
  const act = button(
    "",
    { "data-act": "leave-out", title: say(LEFT_OUT.startTitle) },
    abort,
    () => {
      if (leaving.isRunning.value) leaving.stop();
      else leaving.start();
    },
  );
  const words = h("span", { class: "aw-leave-words" });
  const verdict = h("p", { class: "aw-verdict" });
  const before = h("p", { class: "aw-leave-before" });
  const element = h(
    "div",
    { class: "aw-leave" },
    h("p", { class: "aw-leave-line" }, act, " ", words),
    verdict,
    before,
  );
  watch(abort, () => {
    const { value: found } = leaving.known;
    const { value: progress } = leaving.progress;
    const isRunning = leaving.isRunning.value;
    const asks = model.asks.value;
    act.hidden = !asks || leaving.isWhole.value || (data.isOfToken() && !data.queries.value.length);
    const again = found !== null && !leaving.isWhole.value;
    act.textContent = say(isRunning ? LEFT_OUT.stop : again ? LEFT_OUT.goOn : LEFT_OUT.start);
    const { value: error } = leaving.error;
    words.textContent = error
      ? error
      : progress && !leaving.isWhole.value
        ? say(LEFT_OUT.progress, { done: progress.done, n: progress.of })
        : isRunning
          ? say(LEFT_OUT.first)
          : !asks && !found
            ? say(LEFT_OUT.needsModel)
            : "";
    words.classList.toggle("aw-error", error !== null && !leaving.isCalm.value);
    showWords(verdict, verdictInWords(state, data));
    showWords(
      before,
      found
        ? say(LEFT_OUT.before, {
            what: measuredInWords(state, found),
            before: state.numbers.glance(Number(found.before)),
            unit: found.of === "states" ? say(LEFT_OUT.cosine) : say(LEFT_OUT.nats),
          })
        : "",
    );
  });
  return element;
}
