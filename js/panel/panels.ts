/** The views that are shown, each in a panel, in the order of the trait. */

import { untracked } from "@preact/signals-core";
import { h } from "../browser/dom";
import { type AppState, watch } from "../state/app_state";
import type { Model } from "../tensors/answer";
import type { TensorSource } from "../tensors/source";
import type { ViewName } from "../trace/options";
import { mountView } from "./mount";
import { sized } from "./resize";
import { textsOf, type View, type ViewTexts } from "./view";

export type Views = Readonly<Record<ViewName, View>>;

/** Those that the reader chose, as in the style sheet; a view that is built anew keeps its own. */
export type Heights = Map<ViewName, string>;

interface Mounted {
  readonly node: HTMLElement;
  readonly controller: AbortController;
  readonly texts: ViewTexts;
}

/** A view that stays keeps its nodes and its scroll position. */
export function panels(
  element: HTMLElement,
  views: Views,
  state: AppState,
  source: TensorSource,
  model: Model,
  heights: Heights,
  abort: AbortSignal,
): void {
  const mounted = new Map<ViewName, Mounted>();
  const noteHeight = (name: ViewName, node: HTMLElement) =>
    heights.set(name, node.style.getPropertyValue("--aw-height"));
  abort.addEventListener("abort", () => {
    for (const [name, { node }] of mounted) noteHeight(name, node);
  });
  watch(abort, () => {
    const wanted = state.views.value;
    for (const [name, { node, controller, texts }] of mounted) {
      if (wanted.includes(name) && texts === textsOf(views[name], state)) continue;
      controller.abort();
      noteHeight(name, node);
      node.remove();
      mounted.delete(name);
    }
    for (const name of wanted) {
      if (mounted.has(name)) continue;
      const controller = new AbortController();
      abort.addEventListener("abort", () => controller.abort(), { signal: controller.signal });
      const node = h("section");
      sized(node, heights.get(name));
      mounted.set(name, { node, controller, texts: textsOf(views[name], state) });
      untracked(() => mountView(node, name, views[name], state, source, model, controller.signal));
    }
    const spans = spansOf(wanted, (name) => views[name].isWide?.(state) ?? false);
    wanted.forEach((name, place) => {
      const node = mounted.get(name)?.node;
      if (node) node.dataset.span = spans[place];
    });
    const order = wanted.flatMap((name) => mounted.get(name)?.node ?? []);
    order.forEach((node, place) => {
      if (element.children[place] !== node)
        element.insertBefore(node, element.children[place] ?? null);
    });
    element.dataset.views = wanted.join(" ");
  });
  watch(abort, () => {
    void state.views.value;
    for (const [name, { node }] of mounted)
      node.toggleAttribute("data-staged", name === state.stage.value);
  });
}

/** Which panels stand side by side where there is room for two. */
export type Span = "half" | "full";

/** Neighbours in the order of the trait make a pair; who has none takes the whole row. */
export function spansOf<Name>(views: readonly Name[], isWide: (view: Name) => boolean): Span[] {
  const spans: Span[] = [];
  while (spans.length < views.length) {
    const pair = views.slice(spans.length, spans.length + 2);
    const fits = pair.length === 2 && !pair.some(isWide);
    spans.push(...(fits ? (["half", "half"] as const) : (["full"] as const)));
  }
  return spans;
}
