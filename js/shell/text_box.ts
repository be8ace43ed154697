/** The text box: another text runs the model again; a failure leaves all as it was. */

import { signal } from "@preact/signals-core";
import { button, h, on, onResize, showWords } from "../browser/dom";
import { unsteered } from "../language/direction";
import type { Text } from "../language/say";
import { type AppState, watch } from "../state/app_state";
import { type Kernel, KernelGone, Refusal } from "../transport/kernel";
import { examples } from "./examples";
import { READ_ONLY, TEXT_BOX } from "./texts/text_box";
import { writtenBox } from "./written_box";

export function textBox(
  element: HTMLElement,
  state: AppState,
  kernel: Kernel,
  abort: AbortSignal,
): void {
  element.classList.add("aw-sentence");
  const { say } = state;
  const boxOf = (label: Text) => writtenBox(say(label), abort);
  const [text, pair] = [boxOf(TEXT_BOX.text), boxOf(TEXT_BOX.pair)];
  const run = h("button", { type: "submit", class: "aw-button aw-run" }, say(TEXT_BOX.run));
  const failure = h("p", { class: "aw-error", role: "alert", hidden: true });
  const reason = h("p", { class: "aw-reason", hidden: true });
  const ready = examples(state, abort, (example) => {
    text.set(example);
    void send();
  });
  const form = h(
    "form",
    { class: "aw-form" },
    h("div", { class: "aw-inputs" }, text.element, pair.element),
    run,
    ready,
    reason,
  );
  element.append(form, failure);

  const sending = signal(false);
  const error = signal<Error | null>(null);
  const changed = signal(false);

  const revert = () => {
    text.set(state.text.value);
    pair.set(state.text_pair.value ?? "");
    error.value = null;
  };
  const noticeChange = () => {
    const { value: second } = state.text_pair;
    changed.value =
      text.input.value !== state.text.value || (second !== null && pair.input.value !== second);
  };

  /** Why no other text can be read. */
  function whyNot(): string | null {
    const { read_only: why } = state.meta.value;
    if (why !== null) return why in READ_ONLY ? say(READ_ONLY[why]) : why; // saved by another version
    return kernel.gone.value ? say(kernel.cells ? TEXT_BOX.gone : TEXT_BOX.page) : null;
  }

  /** A text that is too long is cut where a reader asked for that. */
  async function send(truncation = false): Promise<void> {
    if (sending.value || state.busy.value || whyNot() !== null) return;
    sending.value = true;
    error.value = null;
    noticeChange();
    try {
      const second = state.text_pair.value === null ? null : pair.input.value;
      const texts = { text: text.input.value, text_pair: second };
      await kernel.ask({ kind: "run", ...texts, ...(truncation && { truncation }) });
    } catch (reason) {
      // That the kernel is gone, the widget says; of what a reader left nothing is said.
      const isLeft = reason instanceof Refusal && reason.reason?.code === "short";
      if (!isLeft && !(reason instanceof KernelGone)) error.value = reason as Error;
    } finally {
      sending.value = false;
    }
  }

  function showFailure(): void {
    const { value: why } = error;
    form.toggleAttribute("data-refused", why !== null);
    for (const box of [text, pair]) box.resize();
    const { reason } = why instanceof Refusal ? why : { reason: null };
    if (reason?.code !== "too_long") {
      showWords(failure, unsteered(why?.message ?? ""));
      return;
    }
    const { tokens, limit } = reason;
    const cut = button(say(TEXT_BOX.shorten, { n: limit }), { "data-mend": "cut" }, abort, () => {
      focusBeside(cut);
      void send(true);
    });
    failure.replaceChildren(say(TEXT_BOX.tooLong, { tokens, limit }), " ", cut);
    failure.hidden = false;
  }

  /** The widget hears keys also where what had the focus goes away. */
  const focusBeside = (node: HTMLElement) => {
    if (node.matches(":focus")) node.closest<HTMLElement>(".attention-widget")?.focus();
  };

  on(form, "submit", abort, (event) => {
    event.preventDefault();
    void send();
  });
  for (const box of [text, pair]) {
    on(box.input, "keydown", abort, (event) => {
      noticeChange();
      if (event.key === "Escape" && (changed.value || error.value !== null)) {
        event.preventDefault();
        revert();
        noticeChange();
      }
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send();
    });
    on(box.input, "input", abort, () => {
      error.value = null; // it was said of another text
      noticeChange();
    });
  }
  onResize(form, abort, () => {
    for (const box of [text, pair]) box.resize();
  });

  watch(abort, () => {
    revert();
    const isPair = state.text_pair.value !== null;
    pair.element.hidden = !isPair;
    pair.input.hidden = !isPair;
    form.toggleAttribute("data-pair", isPair);
    changed.value = false;
  });
  watch(abort, () => {
    const busy = sending.value || state.busy.value;
    const why = whyNot();
    for (const { input } of [text, pair]) input.readOnly = why !== null || busy;
    text.element.hidden = why !== null && !state.text.value;
    showWords(reason, why ?? "");
    form.toggleAttribute("data-wordless", text.element.hidden);
    ready.hidden = why !== null || state.text_pair.value !== null;
    form.toggleAttribute("data-examples", !ready.hidden);
    const isShown = why === null && (changed.value || busy);
    if (!isShown) focusBeside(run);
    run.hidden = !isShown;
    form.toggleAttribute("data-run", isShown);
    run.disabled = busy;
    const isWaiting = (kernel.late.value && !state.busy.value) || kernel.held.value !== null;
    run.textContent = say(isWaiting ? TEXT_BOX.waiting : busy ? TEXT_BOX.running : TEXT_BOX.run);
    element.toggleAttribute("data-busy", busy);
  });
  watch(abort, showFailure);
}
