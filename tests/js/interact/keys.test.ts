import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KeyActs, listenToKeys, moved, walkIn } from "../../../js/interact/keys";
import { press } from "../helpers/page";

let controller: AbortController;
let element: HTMLElement;
let done: unknown[];

beforeEach(() => {
  controller = new AbortController();
  element = document.createElement("div");
  document.body.append(element);
  done = [];
});

afterEach(() => {
  controller.abort();
  document.body.replaceChildren();
});

const all: KeyActs = {
  move: (move) => done.push([move.by, move.x, move.y]),
  enter: () => done.push("enter"),
  space: () => done.push("space"),
  escape: () => done.push("escape"),
  zoom: (by) => done.push(["zoom", by]),
  fit: () => done.push("fit"),
};

describe("a key", () => {
  it.each([
    ["ArrowLeft", ["step", -1, 0]],
    ["ArrowRight", ["step", 1, 0]],
    ["ArrowUp", ["step", 0, -1]],
    ["ArrowDown", ["step", 0, 1]],
    ["PageUp", ["page", 0, -1]],
    ["PageDown", ["page", 0, 1]],
    ["Home", ["end", -1, 0]],
    ["End", ["end", 1, 0]],
    ["Enter", "enter"],
    [" ", "space"],
    ["Escape", "escape"],
    ["+", ["zoom", 1]],
    ["=", ["zoom", 1]],
    ["-", ["zoom", -1]],
    ["−", ["zoom", -1]],
    ["0", "fit"],
  ])("%s does its own", (key, does) => {
    listenToKeys(element, all, controller.signal);
    expect(press(element, key).defaultPrevented).toBe(true);
    expect(done).toEqual([does]);
    for (const held of ["ctrlKey", "metaKey", "altKey"]) {
      expect(press(element, key, { [held]: true }).defaultPrevented, held).toBe(false);
    }
    expect(done).toHaveLength(1);
    controller.abort();
    expect(press(element, key).defaultPrevented).toBe(false);
  });

  it("that nothing has a use for is the browser's", () => {
    listenToKeys(element, {}, controller.signal);
    listenToKeys(element, { escape: () => false, move: () => false }, controller.signal);
    for (const key of ["Escape", "Home", "Enter", " ", "0", "+", "x", "toString", "Tab"]) {
      expect(press(element, key).defaultPrevented, key).toBe(false);
    }
  });

  it("of a word that is being composed does nothing", () => {
    listenToKeys(element, all, controller.signal);
    expect(press(element, "Enter", { isComposing: true }).defaultPrevented).toBe(false);
    expect(done).toEqual([]);
  });

  it("is heard with Control where that is asked for, and never with Alt", () => {
    listenToKeys(element, all, controller.signal, (key) => key === "Home");
    expect(press(element, "Home", { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(press(element, "Home", { metaKey: true }).defaultPrevented).toBe(true);
    expect(press(element, "End", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(press(element, "Home", { ctrlKey: true, altKey: true }).defaultPrevented).toBe(false);
    expect(done).toHaveLength(2);
  });
});

describe("a move", () => {
  it("stays among so many", () => {
    expect([moved(1, 1, 3), moved(2, 1, 3), moved(0, -1, 3), moved(1, 9, 3)]).toEqual([2, 2, 0, 2]);
  });
});

describe("a row of buttons", () => {
  it("is walked round its ends, and the focus goes along", () => {
    const buttons = ["a", "b", "c"].map((name) => {
      const node = document.createElement("button");
      node.textContent = name;
      element.append(node);
      return node;
    });
    walkIn(
      element,
      () => buttons,
      (button) => done.push(button.textContent),
      controller.signal,
    );
    buttons[0]?.focus();
    for (const key of ["ArrowLeft", "ArrowUp", "Home", "End", "ArrowDown", "ArrowRight"]) {
      expect(press(document.activeElement, key).defaultPrevented).toBe(true);
    }
    expect(done).toEqual(["c", "b", "a", "c", "a", "b"]);
    expect(document.activeElement).toBe(buttons[1]);
    expect(press(buttons[1] ?? null, "PageDown").defaultPrevented).toBe(false);
  });
});
