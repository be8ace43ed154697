/** A pass with something left out: buttons for what is selected, what came of it, and the way back. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { Model } from "../tensors/answer";
import { comparing, positionOf } from "../tensors/comparing";
import type { Edit } from "../trace/edits";
import { SHOWN_PASS } from "../trace/options";
import { comparedOf } from "../trace/questions";
import { Refusal } from "../transport/kernel";
import { headMenu } from "./edit_menu";
import { added, edgeOffer, type How, headsOffer, made, withMore, wordOffer } from "./edit_offer";
import { effectValues } from "./effect_values";
import { EDIT_LINE } from "./texts/edit_line";

export interface EditLine {
  readonly element: HTMLElement;
  /** What a screen reader is told of it; nothing at the start. */
  readonly told: ReadonlySignal<string>;
  /** Leaves out what is selected, or takes all back; false where there is nothing to do. */
  act(back: boolean): boolean;
}

export function editLine(state: AppState, model: Model, abort: AbortSignal): EditLine {
  const { say } = state;
  const running = signal(false);
  const failure = signal("");
  const how = signal<How>("zero");
  const isBack = signal(false);

  const offered = (offer: () => ReturnType<typeof headsOffer>) =>
    computed(() => (model.asks.value && !state.comparison.value ? offer() : null));
  const heads = offered(() => headsOffer(state, how.value));
  const main = offered(() => edgeOffer(state) ?? headsOffer(state, how.value));
  const word = offered(() => wordOffer(state));
  const newMain = computed(() => added(state.edits.value, main.value));
  const newWord = computed(() => added(state.edits.value, word.value));

  /** The effect comes first, so that no view's tensors keep it waiting. */
  async function tried(edits: readonly Edit[]): Promise<string> {
    if (running.peek() || state.busy.peek()) return "";
    running.value = true;
    failure.value = "";
    try {
      const question = { name: "edited", edits: withMore(state.edits.peek(), edits) } as const;
      const { edits: found } = await model.ask(question, { signal: abort });
      const first = comparedOf(found, [positionOf(state)]);
      await model.ask(first, { signal: abort }).catch(() => null); // of a model that predicts nothing
      batch(() => {
        state.edits.value = found;
        state.shown_pass.value = "after";
      });
      return "";
    } catch (error) {
      const isLeft = error instanceof Refusal && error.reason?.code === "short"; // by the reader
      return isLeft ? "" : (error as Error).message;
    } finally {
      running.value = false;
    }
  }

  async function leaveOut(edits: readonly Edit[]): Promise<void> {
    failure.value = await tried(edits);
  }

  function putBack(): void {
    failure.value = "";
    batch(() => {
      isBack.value = true;
      state.edits.value = [];
      state.shown_pass.value = "before";
    });
  }

  const effect = effectValues(state, comparing(state, model, abort));
  const told = computed(() => {
    if (state.comparison.value) return "";
    if (!state.edits.value.length) return isBack.value ? say(EDIT_LINE.toldBack) : "";
    return effect.value ? say(EDIT_LINE.told, { edits: made(state), ...effect.value }) : "";
  });

  const act = (attributes: Record<string, string>, words: string, click: () => void) =>
    button(words, { ...attributes, class: `aw-edit-act ${attributes.class ?? ""}` }, abort, click);
  const words = h("span", { class: "aw-edit-words" });
  const passes = SHOWN_PASS.map((pass) =>
    act({ title: say(EDIT_LINE.shown) }, say(EDIT_LINE[pass]), () => {
      state.shown_pass.value = pass;
    }),
  );
  const backTitle = `${say(EDIT_LINE.backTitle)} (X)`;
  const back = act({ class: "aw-put-back", title: backTitle }, say(EDIT_LINE.back), putBack);
  const offer = act({ class: "aw-leave-out" }, "", () => {
    if (newMain.value) void leaveOut(newMain.value);
  });
  const wordButton = act({ class: "aw-leave-out-word" }, "", () => {
    if (newWord.value) void leaveOut(newWord.value);
  });
  const isKnown = computed(() => !newMain.value && !running.value);
  const menu = headMenu(state, how, isKnown, abort, async (chosen) => {
    const before = how.value;
    how.value = chosen;
    const why = newMain.value ? await tried(newMain.value) : "";
    if (why) how.value = before;
    if (typeof chosen === "string") failure.value = why; // else it is said beside the text
    return why;
  });
  watch(abort, () => {
    void state.meta.value.run; // another text goes with this one
    if (typeof how.peek() === "object") how.value = "zero";
  });
  const error = h("span", { class: "aw-edit-error", role: "alert" });
  const offers = h("span", { class: "aw-edit-offers" }, offer, menu, wordButton);
  const element = h("span", { class: "aw-edit-line" }, words, ...passes, back, offers, error);

  watch(abort, () => {
    if (state.edits.value.length) isBack.value = false;
  });
  watch(abort, () => {
    const { value: numbers } = effect;
    const said = made(state);
    const text = numbers ? say(EDIT_LINE.effect, { edits: said, ...numbers }) : said;
    if (words.textContent !== text) words.textContent = text;
    words.title = numbers ? say(EDIT_LINE.effectTitle, { place: numbers.place }) : "";
    words.hidden = !said;
    const canAsk = model.asks.value;
    for (const [place, each] of passes.entries()) {
      each.hidden = !said || !model.hasAfter.value;
      const isShown = state.shown_pass.value === SHOWN_PASS[place];
      each.setAttribute("aria-pressed", String(isShown));
    }
    back.hidden = !said || !canAsk;
    const isBusy = running.value || state.busy.value;
    offer.hidden = isKnown.value;
    const wait = say(model.isHeld.value ? EDIT_LINE.waiting : EDIT_LINE.running);
    offer.textContent = running.value ? wait : (main.value?.words ?? "");
    offer.title = main.value ? `${main.value.title} (x)` : "";
    menu.hidden = !heads.value;
    wordButton.hidden = !newWord.value || running.value;
    wordButton.textContent = word.value?.words ?? "";
    wordButton.title = word.value?.title ?? "";
    for (const each of [offer, wordButton]) each.disabled = isBusy;
    error.textContent = failure.value;
    error.hidden = !failure.value;
    element.hidden = !said && !main.value && !word.value && !failure.value;
  });

  return {
    element,
    told,
    act(isUndo) {
      if (state.comparison.value) return false;
      if (isUndo ? !state.edits.value.length || !model.asks.value : !newMain.value) return false;
      if (isUndo) putBack();
      else if (newMain.value) void leaveOut(newMain.value);
      return true;
    },
  };
}
