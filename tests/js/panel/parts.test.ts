/** The small pieces that views are made of. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { button, fitCanvas, h, onceAFrame, onResize, select } from "../../../js/browser/dom";
import { linkKeys, linkRows, markRow } from "../../../js/controls/token_list";
import { revealer } from "../../../js/controls/virtual_rows";
import { tooltip } from "../../../js/interact/tooltip";
import { panel } from "../../../js/panel/panel";
import { LINES } from "../../../js/views/lines/texts";
import { all, one, openPage, type Page, point, press } from "../helpers/page";
import { type Connected, connected } from "../helpers/state";

const HOSTILE = "<img src=x onerror=alert(1)></script>";

let page: Page;
let controller: AbortController;

beforeEach(() => {
  page = openPage();
  controller = new AbortController();
});

afterEach(() => {
  controller.abort();
  document.body.replaceChildren();
});

describe("dom", () => {
  it("text is text", () => {
    const node = h("p", { title: HOSTILE }, HOSTILE, h("b", {}, "bold"));
    expect(node.textContent).toBe(`${HOSTILE}bold`);
    expect(node.title).toBe(HOSTILE);
    expect(all(node, "*").map(({ tagName }) => tagName)).toEqual(["B"]);
  });

  it("an attribute that is false is not there, one that is true is empty", () => {
    const node = h("input", { disabled: true, hidden: false, tabindex: 0 });
    expect(node.outerHTML).toBe('<input disabled="" tabindex="0">');
  });

  it("a button answers clicks until the end, and submits no form", () => {
    const clicks = vi.fn();
    const node = button("go", { title: "Go" }, controller.signal, clicks);
    expect(node.type).toBe("button");
    node.click();
    controller.abort();
    node.click();
    expect(clicks).toHaveBeenCalledOnce();
  });

  it("a select tells its choice, not what is set", () => {
    const chosen: string[] = [];
    const options = [
      ["a", "first"],
      ["b", "second"],
    ] as const;
    const field = select("Kind", options, controller.signal, (value) => chosen.push(value));
    const list = one<HTMLSelectElement>(field.element, "select");
    field.set("b");
    expect(list.value).toBe("b");
    expect(chosen).toEqual([]);
    list.value = "a";
    list.dispatchEvent(new Event("change"));
    expect(chosen).toEqual(["a"]);
  });

  it("a canvas is as sharp as the screen and keeps its size in the page", () => {
    vi.stubGlobal("devicePixelRatio", 2);
    const canvas = h("canvas");
    expect(fitCanvas(canvas, 100, 50)).not.toBeNull();
    expect([canvas.width, canvas.height]).toEqual([200, 100]);
    expect([canvas.style.width, canvas.style.height]).toEqual(["100px", "50px"]);
  });

  it("many wishes to draw are one drawing a frame, and none after the end", async () => {
    const draw = vi.fn();
    const repaint = onceAFrame(document.body, controller.signal, draw);
    for (let i = 0; i < 10; i++) repaint();
    expect(draw).not.toHaveBeenCalled();
    await page.frames();
    expect(draw).toHaveBeenCalledOnce();
    repaint();
    controller.abort();
    repaint();
    await page.frames();
    expect(draw).toHaveBeenCalledOnce();
  });

  it("what is asked of a page out of sight for a frame is drawn in the next", async () => {
    const width = vi.spyOn(document.body, "clientWidth", "get").mockReturnValueOnce(0);
    const draw = vi.fn();
    onceAFrame(document.body, controller.signal, draw)();
    await page.frames();
    await page.frames();
    expect(draw).toHaveBeenCalledOnce();
    expect(width).toHaveBeenCalledTimes(2);
  });

  it("a page that stays out of sight is not asked on and on", async () => {
    const width = vi.spyOn(document.body, "clientWidth", "get").mockReturnValue(0);
    const draw = vi.fn();
    onceAFrame(document.body, controller.signal, draw)();
    for (let i = 0; i < 5; i++) await page.frames();
    expect(draw).not.toHaveBeenCalled();
    expect(width).toHaveBeenCalledTimes(2);
  });

  it("a size is watched until the end", async () => {
    const run = vi.fn();
    onResize(document.body, controller.signal, run);
    await Promise.resolve();
    page.resize();
    expect(run).toHaveBeenCalledTimes(2);
    controller.abort();
    expect(page.observers.size).toBe(0);
  });
});

describe("panel", () => {
  it("is a region with a title, a note and an error as text", () => {
    const element = h("section");
    const { state } = connected();
    const texts = { ...LINES, short: () => "A line is a line." };
    const frame = panel(element, "lines", texts, state, controller.signal, () => null);
    expect(element.getAttribute("role")).toBe("region");
    expect(element.getAttribute("aria-label")).toBe("Attention lines");
    frame.tell({ note: HOSTILE });
    expect(one(element, ".aw-note").textContent).toBe(HOSTILE);
    for (const [name, place] of [
      ["where", ".aw-where"],
      ["warn", ".aw-warning"],
      ["error", "[role=alert]"],
    ] as const) {
      expect(one(element, place).hidden).toBe(true);
      frame.tell({ note: HOSTILE, [name]: HOSTILE });
      expect(one(element, place).textContent).toBe(HOSTILE);
      expect(one(element, place).hidden).toBe(false);
      frame.tell({ note: HOSTILE });
      expect(one(element, place).hidden).toBe(true);
    }
    frame.tell({ note: null, pending: true });
    expect(one(element, ".aw-note").textContent).toBe("Waiting for the data …");
    expect(frame.body.hasAttribute("data-pending")).toBe(true);
    frame.tell({ note: "" });
    expect(frame.body.hasAttribute("data-pending")).toBe(false);
    expect(element.querySelector("img, script")).toBeNull();
  });
});

describe("tooltip", () => {
  it("stands beside the mouse, within its frame, and its lines are text", () => {
    const frame = h("div");
    vi.spyOn(frame, "getBoundingClientRect").mockReturnValue(new DOMRect(100, 50, 300, 200));
    vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(80);
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(40);
    const tip = tooltip(frame, controller.signal);
    const node = one(frame, "[role=tooltip]");
    expect(node.hidden).toBe(true);
    for (const [x, y] of [
      [110, 60],
      [395, 60],
      [395, 245],
      [101, 249],
      [250, 150],
    ] as const) {
      tip.show([HOSTILE, "1.0"], new MouseEvent("pointermove", { clientX: x, clientY: y }));
      const [left, top] = [Number.parseFloat(node.style.left), Number.parseFloat(node.style.top)];
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left + 80).toBeLessThanOrEqual(300);
      expect(top + 40).toBeLessThanOrEqual(200);
      const covers = left < x - 100 && x - 100 < left + 80 && top < y - 50 && y - 50 < top + 40;
      expect(covers, "the mouse is on what it points at").toBe(false);
    }
    expect(node.hidden).toBe(false);
    expect([...node.children].map(({ textContent }) => textContent)).toEqual([HOSTILE, "1.0"]);
    expect(node.querySelector("img, script")).toBeNull();
    tip.hide();
    expect(node.hidden).toBe(true);
  });

  it("closes on Escape, before anything else does, until something else is pointed at", () => {
    const frame = h("div", {}, h("button"));
    const tip = tooltip(frame, controller.signal);
    const node = one(frame, "[role=tooltip]");
    const heard = vi.fn();
    frame.addEventListener("keydown", heard);
    const at = new MouseEvent("pointermove");
    tip.show(["a", "1"], at);
    expect(press(one(frame, "button"), "x").defaultPrevented).toBe(false);
    expect(press(one(frame, "button"), "Escape").defaultPrevented).toBe(true);
    expect(node.hidden).toBe(true);
    expect(heard).toHaveBeenCalledOnce(); // with the x
    tip.show(["a", "2"], at);
    expect(node.hidden).toBe(true);
    expect(press(one(frame, "button"), "Escape").defaultPrevented).toBe(false);
    tip.show(["b", "1"], at);
    expect(node.hidden).toBe(false);
    tip.hide();
    tip.show(["b", "1"], at);
    expect(node.hidden).toBe(false);
  });
});

describe("a list of tokens", () => {
  let widget: Connected;
  let rows: HTMLElement;

  beforeEach(() => {
    widget = connected({ words: true });
    rows = h("div", {}, ...[0, 1, 2].map((token) => h("p", { "data-token": token }, h("b"))));
    document.body.append(rows);
  });

  afterEach(() => widget.controller.abort());

  const inRow = (token: number) => one(rows, `[data-token="${token}"] b`);

  it("hover and click say which token, and as what", () => {
    const { state } = widget;
    linkRows(rows, "key", state, controller.signal);
    point(inRow(0), "pointerover");
    expect(state.hovered.value).toEqual({ token: 0, as: "key" });
    inRow(2).click();
    expect([state.token.value, state.key_token.value]).toEqual([null, 2]);
    inRow(2).click();
    expect([state.token.value, state.key_token.value]).toEqual([null, null]);
    point(rows, "pointerleave");
    expect(state.hovered.value).toBeNull();
    controller.abort();
    point(inRow(1), "pointerover");
    inRow(1).click();
    expect([state.hovered.value, state.key_token.value]).toEqual([null, null]);
  });

  it("arrows walk within the text, Home and End go to its ends, Escape lets go", () => {
    const { state } = widget;
    const scroller = h("div");
    linkKeys(scroller, "query", state, controller.signal);
    const seen = ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "End", "ArrowDown", "Home"].map(
      (key) => {
        expect(press(scroller, key).defaultPrevented).toBe(true);
        return state.token.value;
      },
    );
    expect(seen).toEqual([0, 1, 0, 0, 6, 6, 0]);
    press(scroller, "Escape");
    expect(state.token.value).toBeNull();
    press(scroller, "ArrowUp");
    expect(state.token.value).toBe(6);
    expect(press(scroller, "x").defaultPrevented).toBe(false);
  });

  it("a newly selected token is scrolled into sight, one in sight leaves the list alone", () => {
    const { state } = widget;
    const scroller = h("div");
    const reveal = revealer(scroller, () => state.selected.value); // 220 pixels, ten rows
    scroller.scrollTop = 0;
    state.token.value = 4;
    reveal();
    expect(scroller.scrollTop).toBe(0);
    scroller.scrollTop = 5_000;
    reveal(); // the reader scrolled away from it
    expect(scroller.scrollTop).toBe(5_000);
    state.token.value = 5;
    reveal();
    expect(scroller.scrollTop).toBeLessThanOrEqual(5 * 22);
    expect(scroller.scrollTop + 220).toBeGreaterThanOrEqual(6 * 22);
  });

  it("a row shows what is hovered, selected, pinned, special", () => {
    const { state } = widget;
    const marks = (index: number, as: "query" | "key" = "query") => {
      const node = h("div");
      markRow(node, index, as, state);
      return [...node.classList].sort();
    };
    expect(marks(0)).toEqual(["aw-special"]);
    state.token.value = 1;
    state.pinned.value = [3]; // a word of tokens 3 and 4
    state.hovered.value = { token: 2, as: "key" };
    expect(marks(1)).toEqual(["aw-selected"]);
    expect(marks(2, "key")).toEqual(["aw-hovered", "aw-hovered-here"]);
    expect(marks(2, "query")).toEqual(["aw-hovered"]);
    expect([3, 4].map((index) => marks(index))).toEqual([["aw-pinned"], []]); // rows are words
    state.words.value = false;
    expect([3, 4].map((index) => marks(index))).toEqual([["aw-pinned"], []]);
    state.key_token.value = 5;
    expect([marks(5), marks(5, "key")]).toEqual([["aw-selected-key"], ["aw-selected-key"]]);
  });
});
