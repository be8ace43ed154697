/** A view that throws shows its error in its own panel; the others live. */

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { h } from "../../../js/browser/dom";
import { type Heights, panels, type Views } from "../../../js/panel/panels";
import type { Pane, View } from "../../../js/panel/view";
import { watch } from "../../../js/state/app_state";
import type { ViewName } from "../../../js/trace/options";
import { VIEWS } from "../../../js/views";
import { HandModel } from "../helpers/model";
import { all, one, openPage, type Page } from "../helpers/page";
import { type Connected, connected } from "../helpers/state";
import { HandSource } from "../helpers/tensors";

const SECRET = "<b>no such tensor</b>";

let page: Page;
let element: HTMLElement;
let widget: Connected;
let reported: ReturnType<typeof vi.fn>;

beforeEach(() => {
  page = openPage();
  element = h("div");
  document.body.append(element);
  reported = vi.fn();
  vi.stubGlobal("reportError", reported);
});

afterEach(() => {
  widget.controller.abort();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const saves = {
  figure: () => null,
  subject: () => ({ of: "model" as const, layer: null, heads: [], how: "each" as const }),
};

const viewOf = (mount: (pane: Pane) => void): View => ({
  texts: VIEWS.lines.texts,
  mount(pane) {
    mount(pane);
    return saves;
  },
});

/** It counts the selected token, in an effect and in a frame. */
const counting = viewOf(({ body, state, abort, tell, drawEachFrame }) => {
  const [now, drawn] = [h("i"), h("b")];
  body.append(now, drawn);
  watch(abort, () => {
    now.textContent = String(state.token.value);
  });
  drawEachFrame(body, () => {
    drawn.textContent = String(state.token.value);
  });
  tell(() => ({ note: `token ${state.token.value}` }));
});

function show(lines: View): void {
  widget = connected({ views: ["lines", "text"] });
  const views: Views = { ...VIEWS, lines, text: counting };
  const heights: Heights = new Map();
  panels(
    element,
    views,
    widget.state,
    new HandSource(),
    new HandModel(),
    heights,
    widget.controller.signal,
  );
}

const view = (name: ViewName) => one(element, `.aw-view-${name}`);
const alarm = () => one(view("lines"), "[role=alert]");

async function othersLive(token: number): Promise<void> {
  widget.state.token.value = token;
  await page.frames();
  expect(one(view("text"), "i").textContent).toBe(String(token));
  expect(one(view("text"), "b").textContent).toBe(String(token));
  expect(one(view("text"), ".aw-note").textContent).toBe(`token ${token}`);
  expect(one(view("text"), "[role=alert]").hidden).toBe(true);
}

const broken = () => {
  throw new Error(SECRET);
};

describe("a view that throws", () => {
  const CASES: [string, (pane: Pane, isBroken: () => boolean) => void][] = [
    ["while it is mounted", (_, isBroken) => isBroken() && broken()],
    ["in an effect", ({ abort }, isBroken) => watch(abort, () => isBroken() && broken())],
    [
      "while it draws",
      ({ body, drawEachFrame }, isBroken) =>
        void drawEachFrame(body, () => void (isBroken() && broken())),
    ],
    [
      "in its words",
      ({ tell }, isBroken) => tell(() => (isBroken() ? broken() : { note: "fine" })),
    ],
  ];

  it.each(CASES)("%s says so in its panel, and the others live", async (_, mount) => {
    const inside = vi.fn();
    show(
      viewOf((pane) => {
        pane.controls.append(h("button", {}, "inside"));
        pane.body.append(h("p", {}, "inside"));
        watch(pane.abort, () => inside(pane.state.token.value));
        mount(pane, () => true);
      }),
    );
    await page.frames();
    expect(alarm().hidden).toBe(false);
    expect(alarm().textContent).toContain(SECRET);
    expect(element.querySelector("b:empty, .aw-error b")).toBeNull(); // words, never markup
    expect(one(view("lines"), ".aw-body").childElementCount).toBe(0);
    expect(one(view("lines"), ".aw-controls").childElementCount).toBe(0);
    expect(reported).toHaveBeenCalledOnce();
    const heard = inside.mock.calls.length;
    await othersLive(2);
    expect(inside).toHaveBeenCalledTimes(heard); // what is left of it hears nothing more
  });

  it.each(CASES.slice(1))("%s later on says so then", async (_, mount) => {
    const isBroken = signal(false);
    show(viewOf((pane) => mount(pane, () => isBroken.value)));
    await page.frames();
    expect(alarm().hidden).toBe(true);
    isBroken.value = true;
    await page.frames();
    expect(alarm().textContent).toContain(SECRET);
    await othersLive(3);
  });

  it.each(CASES)("%s is tried anew when it is closed and shown again", async (_, mount) => {
    let isBroken = true;
    show(viewOf((pane) => mount(pane, () => isBroken)));
    await page.frames();
    expect(alarm().hidden).toBe(false);
    one<HTMLButtonElement>(view("lines"), '[data-action="close"]').click();
    expect(all(element, ".aw-view-lines")).toEqual([]);
    isBroken = false;
    widget.state.views.value = ["lines", "text"];
    await page.frames();
    expect(alarm().hidden).toBe(true);
    await othersLive(4);
  });

  it("has nothing to save, and can be moved", async () => {
    show(viewOf(broken));
    one<HTMLButtonElement>(view("lines"), '[data-save="svg"]').click();
    await page.frames();
    expect(alarm().textContent).toContain(SECRET);
    one<HTMLButtonElement>(view("lines"), '[data-action="later"]').click();
    expect(widget.state.views.value).toEqual(["text", "lines"]);
  });
});
