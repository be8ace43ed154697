/** Which attention of which layer is looked at: two short lists. */

import { h, on, select } from "../browser/dom";
import { KIND_TITLES, KINDS } from "../language/texts/kinds";
import { type AppState, watch } from "../state/app_state";
import { chooseKind, showLayer } from "../state/choose_head";
import { ATTENTION_KINDS } from "../trace/options";
import { PICKER } from "./texts/picker";

/** Layers without attention of the kind cannot be chosen. */
export function layerList(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const list = h("select", { class: "aw-select" });
  on(list, "change", abort, () => {
    showLayer(state, Number(list.value));
  });
  watch(abort, () => {
    const { value: layers } = state.layers;
    if (list.length !== layers.length) {
      list.replaceChildren(
        ...layers.map((_, index) => h("option", { value: index }, String(index))),
      );
    }
    layers.forEach((layer, index) => {
      const option = list.options[index];
      if (!option) return;
      option.disabled = !layer;
      option.title = layer ? "" : say(PICKER.layerOff, { index });
    });
    list.value = String(state.layer.value);
  });
  return h("label", { class: "aw-field aw-layer" }, h("span", {}, say(PICKER.layer)), list);
}

/** Hidden where there is one kind. */
export function kindList(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const kinds = ATTENTION_KINDS.map((kind) => [kind, say(KINDS[kind])] as const);
  const list = select(say(PICKER.attention), kinds, abort, (kind) => chooseKind(state, kind));
  list.element.classList.add("aw-kind");
  watch(abort, () => {
    const { attention } = state.meta.value;
    const { value: kind } = state.attention_kind;
    list.element.hidden = attention.length < 2;
    list.set(kind);
    list.off(ATTENTION_KINDS.filter((each) => !attention.some((of) => of.kind === each)));
    list.element.title = say(KIND_TITLES[kind]);
  });
  return list.element;
}
