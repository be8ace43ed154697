/** The text box: another text runs the model again; a failure leaves all as it was. */

import { signal } from "@preact/signals-core";
import { h, on, onResize, showWords } from "../browser/dom";
import { unsteered } from "../language/direction";
import type { Text } from "../language/say";
import { type AppState, watch } from "../state/app_state";
import { type Kernel, KernelGone } from "../transport/kernel";
import { READ_ONLY, TEXT_BOX } from "./texts/text_box";

export function textBox(
  element: HTMLElement,
  state: AppState,
  kernel: Kernel,
  abort: AbortSignal,
): void {
  element.classList.add("aw-sentence");
  const { say } = state;
  const inputOf = (label: Text) =>
    h("textarea", { class: "aw-input", rows: 1, dir: "auto", "aria-label": say(label) });
  const [text, pair] = [inputOf(TEXT_BOX.text), inputOf(TEXT_BOX.pair)];
  const run = h("button", { type: "submit", class: "aw-button aw-run" }, say(TEXT_BOX.run));
  const failure = h("p", { class: "aw-error", role: "alert", hidden: true });
  const form = h("form", { class: "aw-form" }, h("div", { class: "aw-inputs" }, text, pair), run);
  const reason = h("p", { class: "aw-reason", hidden: true });
  element.append(form, reason, failure);

  const sending = signal(false);
  const error = signal<string | null>(null);
  const changed = signal(false);

  const grow = (box: HTMLTextAreaElement) => {
    if (!box.clientWidth) return; // hidden: it grows when it comes into sight
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  };
  const revert = () => {
    text.value = state.text.value;
    pair.value = state.text_pair.value ?? "";
    error.value = null;
  };
  const noticeChange = () => {
    const { value: second } = state.text_pair;
    changed.value = text.value !== state.text.value || (second !== null && pair.value !== second);
  };

  /** Why no other text can be read. */
  function whyNot(): string | null {
    const { read_only: why } = state.meta.value;
    if (why !== null) return why in READ_ONLY ? say(READ_ONLY[why]) : why; // saved by another version
    return kernel.gone.value ? say(kernel.cells ? TEXT_BOX.gone : TEXT_BOX.page) : null;
  }

  async function send(): Promise<void> {
    if (sending.value || state.busy.value || whyNot() !== null) return;
    sending.value = true;
    error.value = null;
    try {
      const second = state.text_pair.value === null ? null : pair.value;
      await kernel.ask({ kind: "run", text: text.value, text_pair: second });
    } catch (reason) {
      // That the kernel is gone, the widget says.
      if (!(reason instanceof KernelGone)) error.value = (reason as Error).message;
    } finally {
      sending.value = false;
    }
  }

  on(form, "submit", abort, (event) => {
    event.preventDefault();
    void send();
  });
  for (const box of [text, pair]) {
    on(box, "keydown", abort, (event) => {
      noticeChange();
      if (event.key === "Escape" && (changed.value || error.value !== null)) {
        event.preventDefault();
        revert();
        noticeChange();
        grow(box);
      }
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send();
    });
    on(box, "input", abort, () => {
      grow(box);
      noticeChange();
    });
    let width = 0;
    onResize(box, abort, () => {
      if (box.clientWidth === width) return; // its own growing
      width = box.clientWidth;
      grow(box);
    });
  }

  watch(abort, () => {
    revert();
    pair.hidden = state.text_pair.value === null;
    changed.value = false;
    requestAnimationFrame(() => {
      grow(text);
      grow(pair);
    });
  });
  watch(abort, () => {
    const busy = sending.value || state.busy.value;
    const why = whyNot();
    for (const box of [text, pair]) box.readOnly = why !== null || busy;
    text.hidden = why !== null && !state.text.value;
    run.hidden = why !== null;
    showWords(reason, why ?? "");
    run.disabled = busy;
    const isWaiting = kernel.late.value && !state.busy.value;
    run.textContent = say(isWaiting ? TEXT_BOX.waiting : busy ? TEXT_BOX.running : TEXT_BOX.run);
    run.classList.toggle("aw-changed", changed.value);
    element.toggleAttribute("data-busy", busy);
  });
  watch(abort, () => showWords(failure, unsteered(error.value ?? "")));
}
