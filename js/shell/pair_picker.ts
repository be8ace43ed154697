/** Heads of several layers: those that are shown side by side, and a way to add one by its number. */

import { signal } from "@preact/signals-core";
import { button, h, on } from "../browser/dom";
import { headColours } from "../draw/palette";
import { headName } from "../language/picture_subject";
import { type AppState, watch } from "../state/app_state";
import { addPair, endPairs, MOST_PAIRS, removePair } from "../state/head_pairs";
import { shownHeads } from "../state/shown_heads";
import { isSameHead } from "../trace/layer_head";
import { PICKER } from "./texts/picker";

export function headSwatch(head: number): HTMLElement {
  const swatch = h("i", { class: "aw-chosen-head" });
  swatch.style.setProperty("--aw-head", headColours(head + 1)[head] ?? "");
  return swatch;
}

/** Hidden where the model has one layer. */
export function pairPicker(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const layers = h("select", {
    class: "aw-select",
    "aria-label": `${say(PICKER.pairs)}: ${say(PICKER.layer)}`,
  });
  const heads = h("select", {
    class: "aw-select",
    "aria-label": `${say(PICKER.pairs)}: ${say(PICKER.head)}`,
  });
  const wanted = signal<number | null>(null); // the layer; null for the one after the shown
  const list = h("ul", { class: "aw-pairs" });
  const add = button(
    say(PICKER.addBeside),
    { "data-pairs": "add", title: say(PICKER.addBesideTitle) },
    abort,
    () => addPair(state, chosen()),
  );
  const clear = button(
    say(PICKER.clear),
    { "data-pairs": "clear", title: say(PICKER.clearTitle) },
    abort,
    () => endPairs(state),
  );
  const element = h(
    "div",
    { class: "aw-pair-picker", role: "group", "aria-label": say(PICKER.pairs) },
    h("p", { class: "aw-pairs-title" }, say(PICKER.pairs)),
    list,
    h(
      "div",
      { class: "aw-buttons" },
      h("label", { class: "aw-field" }, h("span", {}, say(PICKER.layer)), layers),
      h("label", { class: "aw-field" }, h("span", {}, say(PICKER.head)), heads),
      add,
      clear,
    ),
    h("p", { class: "aw-hint" }, say(PICKER.pairsHint, { most: MOST_PAIRS })),
  );
  const chosen = () => ({ layer: Number(layers.value), head: Number(heads.value) });
  const isShown = () => shownHeads(state).some((each) => isSameHead(each, chosen()));

  on(layers, "change", abort, () => {
    wanted.value = Number(layers.value);
  });
  on(list, "click", abort, ({ target }) => {
    const row = (target as Element).closest("button")?.closest("li");
    const pair = row && state.pairs.value[[...list.children].indexOf(row)];
    if (!pair) return;
    removePair(state, pair);
    (list.querySelector("button") ?? layers).focus();
  });
  on(heads, "change", abort, () => {
    add.disabled = isShown();
  });

  watch(abort, () => {
    const there = state.layers.value.flatMap((layer, index) => (layer ? [index] : []));
    element.hidden = there.length < 2;
    const next = there.find((layer) => layer > state.layer.value) ?? there[0] ?? 0;
    const layer = wanted.value !== null && there.includes(wanted.value) ? wanted.value : next;
    setNumbers(layers, there, layer);
    const count = state.layers.value[layer]?.n_heads ?? 0;
    const head = Number(heads.value || state.focusHead.value || 0);
    setNumbers(heads, [...Array(count).keys()], Math.min(head, count - 1));
    add.disabled = isShown();
  });
  watch(abort, () => {
    const { value: pairs } = state.pairs;
    list.hidden = clear.hidden = !pairs.length;
    list.replaceChildren(
      ...pairs.map((pair) => {
        const name = headName(say, pair);
        const title = say(PICKER.remove, { head: name });
        const remove = h(
          "button",
          { class: "aw-button", type: "button", "aria-label": title, title },
          "×",
        );
        return h("li", {}, headSwatch(pair.head), h("span", {}, name), remove);
      }),
    );
  });
  return element;
}

function setNumbers(list: HTMLSelectElement, numbers: readonly number[], chosen: number): void {
  const now = numbers.join();
  if (list.dataset.numbers !== now) {
    list.dataset.numbers = now;
    list.replaceChildren(...numbers.map((each) => h("option", { value: each }, String(each))));
  }
  list.value = String(chosen);
}
