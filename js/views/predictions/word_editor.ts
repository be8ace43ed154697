/** Another word in the place of the selected one: the model reads the text, or the target, again. */

import { computed, signal } from "@preact/signals-core";
import { button, h, on, showWords } from "../../browser/dom";
import { quoted } from "../../language/quoted";
import { type AppState, watch } from "../../state/app_state";
import type { Model } from "../../tensors/answer";
import type { TokenMeta } from "../../trace/contract";
import type { Texts } from "../../trace/questions";
import type { PredictionData, Row } from "./data";
import { PREDICTED } from "./texts";

export interface WordEditor {
  readonly element: HTMLElement;
  /** Puts a candidate of the selected token in its place; null where that cannot be. */
  take(row: Row): (() => void) | null;
}

export function wordEditor(
  state: AppState,
  model: Model,
  data: PredictionData,
  abort: AbortSignal,
): WordEditor {
  const { say } = state;
  const failure = signal("");
  const sending = signal(false);
  /** The texts before what was put in here. */
  const before = signal<Texts | null>(null);

  const text = computed(() => state.sides.value.queryText.tokens);
  /** Whether the selected word is one of what a decoder reads. */
  const isOfTarget = computed(() => text.value === state.meta.value.target?.tokens);
  /** The selected word, or token where words are none, if it stands in the text. */
  const selected = computed((): number[] => {
    const { value: token } = state.token;
    if (token === null) return [];
    const unit = state.units.value[state.unitOfToken.value[token] ?? -1];
    const tokens = unit?.tokens ?? [token];
    return tokens.every((each) => isWritten(text.value[each])) ? [...tokens] : [];
  });
  const isFixed = computed(() => isOfTarget.value && !state.meta.value.target?.replaceable);
  /** The tokens to replace. */
  const chosen = computed(() => (isFixed.value ? [] : selected.value));
  const word = computed(() => chosen.value.map((each) => text.value[each]?.text ?? "").join(""));

  async function run(of: () => Promise<Texts>, last: Texts | null): Promise<void> {
    if (sending.peek() || !model.reads.peek()) return;
    sending.value = true;
    failure.value = "";
    const { value: token } = state.token;
    try {
      await model.read(await of());
      before.value = last;
      const { length } = state.sides.peek().queryText.tokens;
      if (token !== null && token < length) state.token.value = token; // one looks on at the word
    } catch (error) {
      failure.value = (error as Error).message;
    } finally {
      sending.value = false;
    }
  }

  const now = (): Texts => {
    const { target } = state.meta.value;
    return {
      text: state.text.value,
      text_pair: state.text_pair.value,
      ...(target?.replaceable && { target: target.given ?? null }),
    };
  };
  const put = (tokens: readonly number[], by?: string | number) => {
    const question = {
      name: "replaced",
      tokens,
      ...(by !== undefined && { by }),
      ...(isOfTarget.peek() && { of_target: true }),
    } as const;
    return run(() => model.ask(question, { signal: abort }), now());
  };

  const name = h("span", { class: "aw-chosen-word", dir: "auto" });
  const mask = button(say(PREDICTED.mask), { class: "aw-button aw-mask-word" }, abort, () => {
    void put(chosen.value);
  });
  const input = h("input", {
    type: "text",
    class: "aw-other-word",
    "aria-label": say(PREDICTED.otherWord),
    placeholder: say(PREDICTED.otherWord),
    spellcheck: "false",
  });
  const replace = h("button", { type: "submit", class: "aw-button" }, say(PREDICTED.replace));
  const form = h("form", { class: "aw-replace" }, name, mask, input, replace);
  const undo = button(say(PREDICTED.undo), { class: "aw-button aw-undo" }, abort, () => {
    const { value: texts } = before;
    if (texts) void run(() => Promise.resolve(texts), null);
  });
  const said = h("p", { class: "aw-error", role: "alert" });
  const fixed = h("p", { class: "aw-fixed-target" }, say(PREDICTED.targetFixed));
  const element = h("div", { class: "aw-word-editor" }, form, undo, fixed, said);

  on(form, "submit", abort, (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text) void put(chosen.value, text).then(() => (input.value = ""));
  });
  watch(abort, () => {
    const { value: found } = data.answer;
    const { value: reads } = model.reads;
    form.hidden = !chosen.value.length || !(reads || sending.value);
    name.textContent = quoted(say, word.value);
    const [first = -1] = chosen.value;
    const isMasked = found?.mask_id === text.value[first]?.id;
    mask.hidden = found === null || found.mask_id === null || isMasked;
    undo.hidden = before.value === null || !(reads || sending.value);
    undo.title = titleOf(before.value);
    fixed.hidden = !reads || !isFixed.value || !selected.value.length;
    for (const each of [mask, replace, undo]) each.disabled = sending.value || !reads;
    element.hidden = form.hidden && undo.hidden && fixed.hidden && !failure.value;
    showWords(said, failure.value);
  });
  watch(abort, () => {
    if (before.value && JSON.stringify(before.value) === JSON.stringify(now())) before.value = null;
  });

  /** The text that undoing brings back. */
  function titleOf(texts: Texts | null): string {
    const { text, text_pair } = now();
    if (!texts || texts.text !== text) return texts?.text ?? "";
    return (texts.text_pair !== text_pair ? texts.text_pair : texts.target) ?? "";
  }

  return {
    element,
    take({ at, candidate }) {
      const { value: found } = data.answer;
      const id = found?.ids[at]?.[candidate ?? 0];
      const token = found?.positions[at];
      if (found?.predicts !== "token" || !model.reads.value || id === undefined) return null;
      if (token === undefined || !isWritten(data.tokenAt(at))) return null;
      if (id === found.actual_ids[at]) return null; // it stands there
      return () => void put([token], id);
    },
  };
}

/** Whether a token stands in the text, rather than being put there by the tokenizer. */
const isWritten = (token: TokenMeta | undefined): boolean =>
  token !== undefined && token.segment !== null && token.start !== null;
