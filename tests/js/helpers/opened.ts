/** The whole front end on a page, with a kernel that answers from small arrays. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach } from "vitest";
import type { State } from "../../../js/trace/contract";
import widget from "../../../js/widget";
import { NotebookHost } from "./host";
import { openPage, type Page } from "./page";
import { Kernel, TinyModel } from "./python";
import { stateOf } from "./state";

export let page: Page;
export let host: NotebookHost;
export let kernel: Kernel;
export let el: HTMLElement;

let close = () => {};

/** Opens a page before each test of a file, and leaves nothing behind. */
export function opensWidgets(): void {
  beforeEach(() => {
    page = openPage();
    el = document.createElement("div");
    document.body.append(el);
  });
  afterEach(() => {
    close();
    close = () => {};
    document.body.replaceChildren();
  });
}

export async function openWidget(
  text: string,
  change: Partial<State>,
  model = new TinyModel(text),
): Promise<void> {
  host = new NotebookHost(stateOf({ text, meta: model.meta, ...change }));
  kernel = new Kernel(host, model, (text, run) => new TinyModel(text, { run }));
  close = widget.render({ model: host as unknown as AnyModel<State>, el });
  await page.frames();
}
