/** Puts a view into its panel. One that throws shows its error there, and the others live. */

import { untracked } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { guarded, handleErrors } from "../browser/guard";
import { drawEachFrame } from "../draw/frame";
import { type AppState, watch } from "../state/app_state";
import { measuredState } from "../state/measured_state";
import type { Model } from "../tensors/answer";
import type { TensorSource } from "../tensors/source";
import type { ViewName } from "../trace/options";
import { panel } from "./panel";
import { PANEL } from "./texts/panel";
import { type Pane, type Savable, textsOf, type View } from "./view";

export function mountView(
  element: HTMLElement,
  name: ViewName,
  view: View,
  whole: AppState,
  source: TensorSource,
  model: Model,
  abort: AbortSignal,
): void {
  const state = view.isMeasured ? measuredState(whole) : whole;
  const content = new AbortController();
  const { signal } = content;
  onAbort(abort, () => content.abort());
  let savable: Savable | null = null;
  const texts = textsOf(view, state);
  const short = () => view.shortNow?.(state) || state.say(texts.help.short);
  const frame = panel(element, name, { ...texts, short }, state, abort, () => savable);

  handleErrors(signal, (error) => {
    if (signal.aborted) return;
    content.abort();
    savable = null;
    globalThis.reportError?.(error); // for who looks for the cause
    untracked(() => frame.fail(state.say(PANEL.broken, { why: String(error) })));
  });
  const pane: Pane = {
    ...frame,
    element,
    state,
    source,
    model,
    abort: signal,
    tell: (told) => watch(signal, () => frame.tell(told())),
    drawEachFrame: (area, draw) =>
      drawEachFrame(area, signal, () => {
        void state.dark.value; // the style sheet's colours are no signals
        draw();
      }),
  };
  guarded(signal, () => {
    const mounted = view.mount(pane);
    if (!signal.aborted) savable = mounted;
  })();
}
