/** Another text, from which heads take what they give out. */

import { signal } from "@preact/signals-core";
import { h, on, showWords } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import { EDIT_LINE, HOW } from "./texts/edit_line";

/** `take` says why it cannot be done; nothing where it is done. */
export function otherText(
  state: AppState,
  take: (text: string) => Promise<string>,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const failure = signal("");
  const input = h("input", { type: "text", dir: "auto", spellcheck: "false" });
  input.title = say(EDIT_LINE.otherText);
  const label = h("label", {}, h("span", {}, say(HOW.text.choice)), input);
  const submit = h("button", { type: "submit", class: "aw-button" }, say(EDIT_LINE.take));
  const error = h("p", { class: "aw-edit-error", role: "alert" });
  const form = h("form", { class: "aw-other-text" }, label, submit, error);

  on(form, "submit", abort, (event) => {
    event.preventDefault();
    const text = input.value.trim();
    failure.value = "";
    if (text) void take(text).then((why) => (failure.value = why));
  });
  watch(abort, () => {
    input.value = state.text.value; // of which one word will be another
    failure.value = "";
  });
  watch(abort, () => {
    submit.disabled = state.busy.value;
    form.hidden = state.meta.value.read_only !== null;
    showWords(error, failure.value);
    input.setAttribute("aria-invalid", String(Boolean(failure.value)));
  });
  return form;
}
