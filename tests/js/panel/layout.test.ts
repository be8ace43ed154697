/** Where panels stand, how tall they are, and the buttons that change that. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { moved } from "../../../js/panel/actions";
import { spansOf } from "../../../js/panel/panels";
import type { AppState } from "../../../js/state/app_state";
import type { State } from "../../../js/trace/contract";
import { VIEWS, type ViewName } from "../../../js/trace/options";
import { VIEWS as TABLE } from "../../../js/views";
import widget from "../../../js/widget";
import { NotebookHost } from "../helpers/host";
import { all, one, openPage, type Page, point, press } from "../helpers/page";
import { Kernel, TinyModel } from "../helpers/python";
import { connected, stateOf } from "../helpers/state";

const isWide = (state: AppState) => (name: ViewName) => TABLE[name].isWide?.(state) ?? false;

const TEXT = "a small no|vel idea .";

/** Every order of any of them, up to so many. */
function orders(names: readonly ViewName[], most: number): ViewName[][] {
  const others = (name: ViewName) => names.filter((other) => other !== name);
  const longer = (name: ViewName) => orders(others(name), most - 1).map((rest) => [name, ...rest]);
  return [[], ...(most ? names.flatMap(longer) : [])];
}

describe("panels side by side", () => {
  it("leave no hole in any order of up to four views, and text has the whole width", () => {
    const { state } = connected();
    const every = orders(VIEWS, 4);
    expect(every.length).toBeGreaterThan(1000);
    for (const views of every) {
      const spans = spansOf(views, isWide(state));
      expect(spans).toHaveLength(views.length);
      let open = false; // a half panel waits for its neighbour
      spans.forEach((span, place) => {
        if (span === "full") expect(open).toBe(false);
        else open = !open;
        if (views[place] === "text") expect(span).toBe("full");
      });
      expect(open).toBe(false);
    }
  });

  it("pair neighbours, and horizontal lines have no neighbour", () => {
    const { state } = connected();
    expect(spansOf(["lines", "grid", "text"], isWide(state))).toEqual(["half", "half", "full"]);
    expect(spansOf(["lines", "text", "neuron"], isWide(state))).toEqual(["full", "full", "full"]);
    state.direction.value = "horizontal";
    expect(spansOf(["lines", "grid", "matrix"], isWide(state))).toEqual(["full", "half", "half"]);
  });

  it("move one place, and not beyond an end", () => {
    expect(moved(["lines", "grid", "text"], "grid", -1)).toEqual(["grid", "lines", "text"]);
    expect(moved(["lines", "grid", "text"], "lines", 1)).toEqual(["grid", "lines", "text"]);
    expect(moved(["lines", "grid"], "lines", -1)).toEqual(["lines", "grid"]);
    expect(moved(["lines", "grid"], "grid", 1)).toEqual(["lines", "grid"]);
    expect(moved(["lines", "grid"], "text", 1)).toEqual(["lines", "grid"]);
  });
});

describe("actions of a panel", () => {
  let page: Page;
  let host: NotebookHost;
  let el: HTMLElement;
  let close: () => void;

  beforeEach(() => {
    page = openPage();
    el = document.createElement("div");
    document.body.append(el);
  });
  afterEach(() => {
    close();
    document.body.replaceChildren();
  });

  async function open(change: Partial<State>): Promise<void> {
    const model = new TinyModel(TEXT);
    host = new NotebookHost(stateOf({ text: TEXT, meta: model.meta, ...change }));
    new Kernel(host, model, () => model);
    close = widget.render({ model: host as unknown as AnyModel<State>, el });
    await page.frames();
  }

  const view = (name: string) => one(el, `.aw-view-${name}`);
  const action = (name: string, what: string) =>
    one<HTMLButtonElement>(view(name), `[data-action=${what}]`);
  const staged = () => all(el, "[data-staged]").map((node) => node.className.split("aw-view-")[1]);
  const shown = () => all(el, ".aw-views > section").map((node) => node.className);

  it("move it and keep the focus where it was", async () => {
    await open({ views: ["neuron", "tokens", "text"] });
    expect(action("neuron", "earlier").disabled).toBe(true);
    expect(action("text", "later").disabled).toBe(true);
    action("neuron", "later").click();
    expect(host.state.views).toEqual(["tokens", "neuron", "text"]);
    expect(shown().map((names) => names.split("aw-view-")[1])).toEqual([
      "tokens",
      "neuron",
      "text",
    ]);
    expect(document.activeElement).toBe(action("neuron", "later"));
    action("neuron", "later").click();
    expect(host.state.views).toEqual(["tokens", "text", "neuron"]);
    expect(document.activeElement).toBe(action("neuron", "earlier")); // the other is off
    action("neuron", "earlier").click();
    expect(host.state.views).toEqual(["tokens", "neuron", "text"]);
  });

  it("close it, unless it is the last", async () => {
    await open({ views: ["neuron", "tokens"] });
    action("neuron", "close").click();
    expect(host.state.views).toEqual(["tokens"]);
    expect(view("tokens").contains(document.activeElement)).toBe(true);
    expect(action("tokens", "close").disabled).toBe(true);
    action("tokens", "close").click();
    expect(host.state.views).toEqual(["tokens"]);
  });

  it("fill the window where the page may not fill the screen; Escape leaves", async () => {
    const beside = document.createElement("p");
    document.body.append(beside);
    await open({ views: ["neuron", "tokens"] });
    action("tokens", "enter").click();
    await page.frames();
    const root = one(el, ".attention-widget");
    expect(root.classList).toContain("aw-full");
    expect(staged()).toEqual(["tokens"]);
    expect(action("tokens", "enter").title).toBe("Exit full window (Escape)");
    expect(action("tokens", "close").hidden).toBe(true);
    expect(beside.hasAttribute("inert")).toBe(true);
    expect(root.closest("[inert]")).toBeNull();
    const later = document.createElement("p"); // such as the output of another cell
    document.body.append(later);
    await Promise.resolve();
    expect(later.hasAttribute("inert")).toBe(true);
    press(action("tokens", "enter"), "Escape");
    await page.frames();
    expect(root.classList).not.toContain("aw-full");
    expect(staged()).toEqual([]);
    expect(document.querySelector("[inert]")).toBeNull();
    one<HTMLButtonElement>(root, ".aw-top [data-action=enter]").click();
    await page.frames();
    expect(root.classList).toContain("aw-full");
    press(root, "Escape");
    await page.frames();
    expect(root.classList).not.toContain("aw-full");
  });

  it("fill the screen where the page may", async () => {
    await open({ views: ["tokens"] });
    const asked = vi.fn(() => Promise.resolve());
    const root = one(el, ".attention-widget");
    root.requestFullscreen = asked;
    action("tokens", "enter").click();
    await page.frames();
    expect(asked).toHaveBeenCalledOnce();
    expect(root.classList).toContain("aw-full");
    document.dispatchEvent(new Event("fullscreenchange")); // the person pressed Escape
    expect(root.classList).not.toContain("aw-full");
  });

  it("show one view alone, whatever is added or taken away, in any language", async () => {
    await open({ views: ["neuron", "tokens"] });
    action("tokens", "enter").click();
    await page.frames();
    host.receive({ views: ["neuron", "tokens", "text"] });
    expect(staged()).toEqual(["tokens"]);
    host.receive({ locale: "ru" });
    await page.frames();
    expect(staged()).toEqual(["tokens"]);
    expect(one(el, ".attention-widget").classList).toContain("aw-full");
    host.receive({ views: ["neuron", "text"] });
    expect(staged()).toEqual([]);
    expect(one(el, ".attention-widget").dataset.stage).toBe("all");
  });

  it("are one place in the tab order, and arrows walk among those that can be used", async () => {
    await open({ views: ["neuron", "tokens"] });
    const stops = () => all(view("neuron"), '.aw-actions [tabindex="0"]');
    expect(stops()).toHaveLength(1);
    stops()[0]?.focus();
    const names = () => {
      const { action: what, save } = (document.activeElement as HTMLElement).dataset;
      return what ?? save;
    };
    const walked = ["ArrowRight", "ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft"];
    expect(walked.map((key) => press(document.activeElement as Element, key) && names())).toEqual([
      "png",
      "later",
      "enter",
      "close",
      "svg",
      "close",
    ]);
    expect(stops()).toEqual([document.activeElement]);
    host.receive({ views: ["neuron"] }); // the last cannot be closed
    expect(stops()).toHaveLength(1);
    expect((stops()[0] as HTMLButtonElement).disabled).toBe(false);
  });

  it("set its height, by keys and by the mouse", async () => {
    await open({ views: ["tokens"] });
    const panel = view("tokens");
    const handle = one(panel, "[role=separator]");
    const height = () => panel.style.getPropertyValue("--aw-height");
    const { clientHeight } = one(panel, ".aw-scroll:not([hidden] *)");
    expect(handle.getAttribute("aria-label")).toContain("Height of Tokens and mask");
    press(handle, "ArrowDown");
    expect(height()).toBe(`${clientHeight + 22}px`);
    expect(handle.getAttribute("aria-valuenow")).toBe(String(clientHeight + 22));
    press(handle, "PageUp");
    press(handle, "ArrowUp");
    expect(height()).toBe(`${Math.max(88, clientHeight - 176)}px`);
    press(handle, "Home");
    expect(height()).toBe("88px");
    handle.setPointerCapture = () => undefined;
    point(handle, "pointerdown", { button: 0, clientY: 100 });
    point(handle, "pointermove", { clientY: 150 });
    expect(height()).toBe("138px");
    point(handle, "pointerup");
    point(handle, "pointermove", { clientY: 300 });
    expect(height()).toBe("138px");
    handle.dispatchEvent(new MouseEvent("dblclick"));
    expect(height()).toBe("");
    expect(panel.hasAttribute("data-sized")).toBe(false);
  });

  it("are named in the language of the widget, for each panel its own", async () => {
    await open({ views: ["neuron", "tokens"], locale: "vi" });
    const names = all<HTMLButtonElement>(el, ".aw-view .aw-actions button").map((node) =>
      node.getAttribute("aria-label"),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("Đóng Nơ-ron");
    expect(names.every(Boolean)).toBe(true);
  });
});
