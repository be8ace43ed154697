/** The pickers that steer every view: layer, heads, rows, which views stand there. */

import { button, h } from "../browser/dom";
import { type Choice, chipRow } from "../controls/chips";
import { optionControls } from "../controls/option_controls";
import { headColours } from "../draw/palette";
import { KIND_TITLES, KINDS } from "../language/texts/kinds";
import type { Views } from "../panel/panels";
import { type AppState, watch } from "../state/app_state";
import { chooseKind } from "../state/choose_head";
import { ATTENTION_KINDS, type ViewName } from "../trace/options";
import { rowControls } from "./row_controls";
import { PICKER, PICKER_OPTIONS } from "./texts/picker";

export function picker(
  element: HTMLElement,
  known: Views,
  state: AppState,
  abort: AbortSignal,
): void {
  element.classList.add("aw-picker");
  const { say } = state;

  const layers = chipRow(
    {
      row: say(PICKER.layers),
      chip: (index) => say(PICKER.layer, { index }),
      off: (index) => say(PICKER.layerOff, { index }),
    },
    "radiogroup",
    abort,
    (layer) => {
      state.layer.value = layer;
    },
  );
  const heads = chipRow(
    {
      row: say(PICKER.heads),
      chip: (index) => say(PICKER.head, { index }),
      off: (index) => say(PICKER.headOff, { index }),
    },
    "group",
    abort,
    chooseHead,
  );
  const allHeads = () => {
    const count = state.layerMeta.value?.n_heads ?? 0;
    return Array.from({ length: count }, (_, head) => head);
  };
  const all = button(
    say(PICKER.all),
    { "data-heads": "all", title: say(PICKER.selectAll) },
    abort,
    () => {
      state.heads.value = allHeads();
    },
  );
  const none = button(
    say(PICKER.none),
    { "data-heads": "none", title: say(PICKER.selectNone) },
    abort,
    () => {
      state.heads.value = [];
    },
  );
  const areSeveral = () => state.activeHeads.value.length > 1;
  const combine = optionControls(state, PICKER_OPTIONS, { combine: { usable: areSeveral } }, abort);
  const views = (Object.keys(known) as ViewName[]).map((name) =>
    button(say(known[name].texts.name), { "data-view": name }, abort, () => toggleView(name)),
  );

  const kinds = ATTENTION_KINDS.map((kind) =>
    button(say(KINDS[kind]), { "data-kind": kind, title: say(KIND_TITLES[kind]) }, abort, () =>
      chooseKind(state, kind),
    ),
  );
  const kindGroup = h(
    "div",
    { class: "aw-group", role: "group", "aria-label": say(PICKER.attention) },
    h("span", { class: "aw-group-name" }, say(PICKER.attention)),
    h("span", { class: "aw-buttons" }, ...kinds),
  );

  const hint = h("span", { class: "aw-hint" }, say(PICKER.several));
  element.append(
    kindGroup,
    h(
      "div",
      { class: "aw-group" },
      h("span", { class: "aw-group-name" }, say(PICKER.layers)),
      layers.element,
    ),
    h(
      "div",
      { class: "aw-group" },
      h("span", { class: "aw-group-name" }, say(PICKER.heads)),
      heads.element,
      h("span", { class: "aw-buttons" }, all, none),
      ...combine,
      hint,
    ),
    rowControls(state, abort),
    h(
      "div",
      { class: "aw-group aw-group-views", role: "group", "aria-label": say(PICKER.views) },
      h("span", { class: "aw-group-name" }, say(PICKER.views)),
      h("span", { class: "aw-buttons" }, ...views),
    ),
  );

  function chooseHead(head: number, choice: Choice): void {
    const { value: chosen } = state.heads;
    if (choice === "only") state.heads.value = [head];
    else if (chosen.includes(head)) state.heads.value = chosen.filter((other) => other !== head);
    else state.heads.value = [...chosen, head].sort((a, b) => a - b);
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
