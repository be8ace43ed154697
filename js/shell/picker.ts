/** The pickers that steer every view: layer, heads, rows, which views stand there. */

import { button, h } from "../browser/dom";
import { type Choice, chipRow } from "../controls/chips";
import { optionControls } from "../controls/option_controls";
import { headColours } from "../draw/palette";
import { HEADS } from "../language/texts/heads";
import { KIND_TITLES, KINDS } from "../language/texts/kinds";
import type { Views } from "../panel/panels";
import { type AppState, watch } from "../state/app_state";
import { chooseKind } from "../state/choose_head";
import { ATTENTION_KINDS, type ViewName } from "../trace/options";
import { PICKER, PICKER_OPTIONS, ROW_OPTIONS } from "./texts/picker";

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
    { row: say(PICKER.heads), chip: (head) => say(HEADS.chip, { head }) },
    "group",
    abort,
    chooseHead,
  );
  const allHeads = () => Array.from({ length: state.layerMeta.value?.n_heads ?? 0 }, (_, n) => n);
  const choose = (name: "all" | "none", title: string, chosen: () => number[]) =>
    button(say(PICKER[name]), { "data-heads": name, title }, abort, () => {
      state.heads.value = chosen();
    });
  const all = choose("all", say(PICKER.selectAll), allHeads);
  const none = choose("none", say(PICKER.selectNone), () => []);
  const areSeveral = () => state.activeHeads.value.length > 1;
  const combine = optionControls(state, PICKER_OPTIONS, { combine: { usable: areSeveral } }, abort);
  const rules = { special_tokens: { shown: () => hasSpecial(state) } };
  const rows = optionControls(state, ROW_OPTIONS, rules, abort);
  const views = (Object.keys(known) as ViewName[]).map((name) =>
    button(say(known[name].texts.name), { "data-view": name }, abort, () => toggleView(name)),
  );
  const kinds = ATTENTION_KINDS.map((kind) =>
    button(say(KINDS[kind]), { "data-kind": kind, title: say(KIND_TITLES[kind]) }, abort, () =>
      chooseKind(state, kind),
    ),
  );

  const titled = (title: string, ...nodes: HTMLElement[]) =>
    h("div", { class: "aw-group" }, h("span", { class: "aw-group-name" }, title), ...nodes);
  const asGroup = (name: string, node: HTMLElement) => {
    node.setAttribute("role", "group");
    node.setAttribute("aria-label", name);
    return node;
  };
  const buttons = (...nodes: HTMLElement[]) => h("span", { class: "aw-buttons" }, ...nodes);
  const ofButtons = (title: string, nodes: HTMLElement[]) =>
    asGroup(title, titled(title, buttons(...nodes)));
  const kindGroup = ofButtons(say(PICKER.attention), kinds);
  const hint = h("span", { class: "aw-hint" }, say(PICKER.several));
  element.append(
    kindGroup,
    titled(say(PICKER.layers), layers.element),
    titled(say(PICKER.heads), heads.element, buttons(all, none), ...combine, hint),
    asGroup(say(PICKER.rows), h("div", { class: "aw-group" }, ...rows)),
    ofButtons(say(PICKER.views), views),
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
    const pressed = state.activeHeads.value;
    heads.set({ count, pressed, colours: headColours(count) });
    none.disabled = !pressed.length;
    all.disabled = pressed.length === count;
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

const hasSpecial = ({ meta, sides }: AppState): boolean => {
  const { queryText, keyText, window } = sides.value;
  const added = window === null ? 0 : (meta.value.windows[window]?.specials.length ?? 0);
  return added > 0 || [...queryText.tokens, ...keyText.tokens].some(({ special }) => special);
};
