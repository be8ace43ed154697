/** The pickers that steer every view: layer, heads, which views stand there. */

import { batch } from "@preact/signals-core";
import { type Choice, chipRow } from "./chips";
import { ATTENTION_KINDS, type AttentionKind, VIEWS, type ViewName } from "./contract";
import { button, h, select } from "./dom";
import { headColours } from "./palette";
import { chooseKind } from "./place";
import { type AppState, watch } from "./state";

const VIEW_TITLES: Record<ViewName, string> = {
  lines: "Lines",
  grid: "Grid",
  neuron: "Neurons",
  matrix: "Matrix",
  tokens: "Tokens",
  text: "Text",
};

const KIND_TITLES: Record<AttentionKind, string> = {
  encoder: "Self-attention of the encoder",
  decoder: "Self-attention of the decoder",
  cross: "Cross-attention: decoder tokens attend to encoder tokens",
};

export function picker(element: HTMLElement, state: AppState, abort: AbortSignal): void {
  element.classList.add("aw-picker");

  const layers = chipRow("Layer", "Layer", "radiogroup", abort, (layer) => {
    state.layer.value = layer;
  });
  const heads = chipRow("Heads", "Head", "group", abort, chooseHead);
  const allHeads = () => {
    const count = state.layerMeta.value?.n_heads ?? 0;
    return Array.from({ length: count }, (_, head) => head);
  };
  const all = button("all", { title: "Select every head" }, abort, () => {
    state.heads.value = allHeads();
  });
  const none = button("none", { title: "Select no head" }, abort, () => {
    state.heads.value = [];
  });
  const combine = select(
    "show",
    [
      ["overlay", "over each other"],
      ["columns", "side by side"],
      ["mean", "their mean"],
      ["maximum", "their maximum"],
    ],
    abort,
    (value) => {
      state.combine.value = value;
    },
  );
  const views = VIEWS.map((name) =>
    button(VIEW_TITLES[name], { "data-view": name }, abort, () => toggleView(name)),
  );

  const kinds = ATTENTION_KINDS.map((kind) =>
    button(kind, { "data-kind": kind, title: KIND_TITLES[kind] }, abort, () =>
      chooseKind(state, kind),
    ),
  );
  const kindGroup = h(
    "div",
    { class: "aw-group", role: "group", "aria-label": "Attention" },
    h("span", { class: "aw-group-name" }, "Attention"),
    h("span", { class: "aw-buttons" }, ...kinds),
  );

  const hint = h("span", { class: "aw-hint" }, "Ctrl-click: several");
  element.append(
    kindGroup,
    h("div", { class: "aw-group" }, h("span", { class: "aw-group-name" }, "Layer"), layers.element),
    h(
      "div",
      { class: "aw-group" },
      h("span", { class: "aw-group-name" }, "Heads"),
      heads.element,
      h("span", { class: "aw-buttons" }, all, none),
      combine.element,
      hint,
    ),
    h(
      "div",
      { class: "aw-group aw-group-views", role: "group", "aria-label": "Views" },
      h("span", { class: "aw-group-name" }, "Views"),
      h("span", { class: "aw-buttons" }, ...views),
    ),
  );

  function chooseHead(head: number, choice: Choice): void {
    const { value: chosen } = state.heads;
    batch(() => {
      state.lastHead.value = head;
      if (choice === "only") state.heads.value = [head];
      else if (chosen.includes(head)) state.heads.value = chosen.filter((other) => other !== head);
      else state.heads.value = [...chosen, head].sort((a, b) => a - b);
    });
  }

  /** The last view stays. */
  function toggleView(name: ViewName): void {
    const { value: shown } = state.views;
    if (!shown.includes(name)) state.views.value = [...shown, name];
    else if (shown.length > 1) state.views.value = shown.filter((other) => other !== name);
  }

  watch(abort, () => {
    const { value: all } = state.layers;
    layers.set({
      count: all.length,
      pressed: [state.layer.value],
      off: all.flatMap((layer, index) => (layer ? [] : [index])),
    });
  });
  watch(abort, () => {
    const count = allHeads().length;
    heads.set({
      count,
      pressed: state.activeHeads.value,
      colours: headColours(count, state.dark.value),
    });
    none.disabled = !state.activeHeads.value.length;
    all.disabled = state.activeHeads.value.length === count;
    combine.set(state.combine.value);
    combine.element.toggleAttribute("data-off", state.activeHeads.value.length < 2);
  });
  watch(abort, () => {
    const { attention } = state.meta.value;
    kindGroup.hidden = attention.length < 2;
    for (const each of kinds) {
      each.hidden = !attention.some(({ kind }) => kind === each.dataset.kind);
      const pressed = each.dataset.kind === state.attention_kind.value;
      each.setAttribute("aria-pressed", String(pressed));
    }
  });
  watch(abort, () => {
    for (const view of views) {
      const shown = state.views.value.includes(view.dataset.view as ViewName);
      view.setAttribute("aria-pressed", String(shown));
    }
  });
}
