/** A widget on a page of its own for each test, with a kernel that answers from small arrays. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, vi } from "vitest";
import type { State } from "../../../js/trace/contract";
import widget from "../../../js/widget";
import { NotebookHost } from "./host";
import { openPage, type Page } from "./page";
import { Kernel, TinyModel } from "./python";
import { stateOf } from "./state";

export const TEXT = "a small no|vel idea .";
export const INDICES = Array.from({ length: 8 }, (_, index) => index);

export let page: Page;
export let host: NotebookHost;
export let kernel: Kernel;
export let el: HTMLElement;
export let close: () => void;

vi.setConfig({ testTimeout: 30_000 }); // jsdom is slow on a busy machine

beforeEach(() => {
  page = openPage();
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  close();
  document.body.replaceChildren();
});

/** Without a kernel. */
export function show(state: State): void {
  host = new NotebookHost(state);
  close = widget.render({ model: host as unknown as AnyModel<State>, el });
}

export function start(change: Partial<State> = {}, model = new TinyModel(TEXT)): void {
  host = new NotebookHost(stateOf({ text: TEXT, meta: model.meta, ...change }));
  kernel = new Kernel(host, model, (text, run) => {
    if (!text.trim()) throw new Error("the text is empty");
    return new TinyModel(text, { run });
  });
  close = widget.render({ model: host as unknown as AnyModel<State>, el });
}

/** Drawn. */
export async function open(...given: Parameters<typeof start>): Promise<void> {
  start(...given);
  await page.frames();
}
