/** One view in its panel, with tensors that the test answers by hand. */

import { afterEach, beforeEach } from "vitest";
import { mountView } from "../../../js/panel/mount";
import type { View } from "../../../js/panel/view";
import type { State } from "../../../js/trace/contract";
import type { ViewName } from "../../../js/trace/options";
import type { Tensor } from "../../../js/trace/tensor";
import { settled } from "./host";
import { HandModel } from "./model";
import { openPage, type Page } from "./page";
import { type Connected, connected } from "./state";
import { HandSource } from "./tensors";

export let page: Page;
export let element: HTMLElement;
export let widget: Connected;
export let source: HandSource;
export let model: HandModel;

/** Opens a page before each test of a file, and leaves nothing behind. */
export function mountsViews(): void {
  beforeEach(() => {
    page = openPage(600, 600);
  });
  afterEach(() => {
    widget.controller.abort();
    document.body.replaceChildren();
  });
}

export async function mount(
  name: ViewName,
  view: View,
  change: Partial<State>,
  colours = "",
): Promise<void> {
  widget = connected({ heads: [0], views: [name], ...change });
  source = new HandSource();
  model = new HandModel();
  element = document.createElement("section");
  element.style.cssText = colours;
  const main = document.createElement("main");
  main.append(element);
  document.body.append(main);
  mountView(element, name, view, widget.state, source, model, widget.controller.signal);
  await page.frames();
}

/** Answers all that is asked for, and what is asked for then, with a tensor for each key of a layer. */
export async function answer(
  tensor: (name: string, layer: number, heads: number) => Tensor,
): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    const open = source.wishes.filter(
      ({ key, run, signal }) => !signal.aborted && !source.peek(run, key),
    );
    for (const { key } of open) {
      const [name = "", kind, layer] = key.split("/").slice(-3);
      const { attention } = widget.state.meta.value;
      const { layers = [] } = attention.find((each) => each.kind === kind) ?? {};
      const heads = layers[Number(layer)]?.n_heads ?? 0;
      source.answer(key, tensor(name, Number(layer), heads));
    }
    await settled();
    await page.frames();
    if (!open.length) return;
  }
}
