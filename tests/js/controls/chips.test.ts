import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Chips, type Choice, chipRow } from "../../../js/controls/chips";
import { all, press } from "../helpers/page";

let controller: AbortController;
let chosen: [index: number, choice: Choice][];

beforeEach(() => {
  controller = new AbortController();
  chosen = [];
});

afterEach(() => {
  controller.abort();
  document.body.replaceChildren();
});

function row(
  role: "radiogroup" | "group",
  options: Parameters<Chips["set"]>[0],
  parent: ParentNode = document.body,
): Chips & { chips: () => HTMLButtonElement[] } {
  const names = {
    row: "Heads",
    chip: (index: number) => `Head ${index}`,
    off: (index: number) => `Head ${index} is off`,
  };
  const chips = chipRow(names, role, controller.signal, (index, choice) => {
    chosen.push([index, choice]);
  });
  chips.set(options);
  parent.append(chips.element);
  return { ...chips, chips: () => all<HTMLButtonElement>(chips.element, "button") };
}

function click(chip: HTMLButtonElement | undefined, held: MouseEventInit = {}): void {
  chip?.dispatchEvent(new MouseEvent("click", { bubbles: true, ...held }));
}

const focused = () => (document.activeElement as HTMLElement | null)?.dataset.index;

describe("what it shows", () => {
  it("numbered chips, pressed or not, named for a screen reader", () => {
    const { element, chips } = row("group", {
      count: 3,
      pressed: [0, 2],
      colours: ["red", "lime"],
    });
    expect(element.getAttribute("role")).toBe("group");
    expect(element.getAttribute("aria-label")).toBe("Heads");
    expect(chips().map((chip) => chip.textContent)).toEqual(["0", "1", "2"]);
    expect(chips().map((chip) => chip.getAttribute("aria-pressed"))).toEqual([
      "true",
      "false",
      "true",
    ]);
    expect(chips()[1]?.getAttribute("aria-label")).toBe("Head 1");
    expect(chips()[1]?.style.getPropertyValue("--aw-head")).toBe("lime");
  });

  it("a choice of one is a radio group", () => {
    const { chips } = row("radiogroup", { count: 2, pressed: [1] });
    expect(
      chips().map((chip) => [chip.getAttribute("role"), chip.getAttribute("aria-checked")]),
    ).toEqual([
      ["radio", "false"],
      ["radio", "true"],
    ]);
    expect(chips()[0]?.hasAttribute("aria-pressed")).toBe(false);
  });

  it("a chip that is off says why", () => {
    const { chips } = row("radiogroup", { count: 3, pressed: [0], off: [1] });
    expect(chips().map((chip) => chip.disabled)).toEqual([false, true, false]);
    expect(chips()[1]?.title).toBe("Head 1 is off");
    expect(chips()[0]?.title).toBe("");
  });

  it("has one place in the tab order: the first pressed chip, else the first", () => {
    const places = (pressed: number[]) => {
      const { chips, element } = row("group", { count: 4, pressed });
      const tabbable = chips().flatMap((chip, index) => (chip.tabIndex === 0 ? [index] : []));
      element.remove();
      return tabbable;
    };
    expect(places([2, 3])).toEqual([2]);
    expect(places([])).toEqual([0]);
  });

  it("with nothing pressed the place in the tab order is a chip that can be used", () => {
    const { chips } = row("radiogroup", { count: 3, pressed: [], off: [0] });
    expect(chips().findIndex((chip) => chip.tabIndex === 0)).toBe(1);
  });

  it("keeps its nodes while the number stays, and the focus with them", () => {
    const { chips, set } = row("group", { count: 3, pressed: [0] });
    const before = chips();
    before[1]?.focus();
    set({ count: 3, pressed: [1] });
    expect(chips()).toEqual(before);
    expect(focused()).toBe("1");
    expect(chips().map((chip) => chip.tabIndex)).toEqual([-1, 0, -1]);
    set({ count: 5, pressed: [1] });
    expect(chips()).toHaveLength(5);
  });
});

describe("the mouse", () => {
  it("a click chooses one", () => {
    const { chips } = row("group", { count: 3, pressed: [0] });
    click(chips()[2]);
    expect(chosen).toEqual([[2, "only"]]);
    expect(focused()).toBe("2");
  });

  it.each([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }])(
    "a click with %j adds or takes away",
    (held) => {
      const { chips } = row("group", { count: 3, pressed: [0] });
      click(chips()[1], held);
      expect(chosen).toEqual([[1, "toggle"]]);
    },
  );

  it("of a radio group there is always one", () => {
    const { chips } = row("radiogroup", { count: 3, pressed: [0] });
    click(chips()[1], { ctrlKey: true });
    expect(chosen).toEqual([[1, "only"]]);
  });

  it("neither a chip that is off nor the gap between chips can be chosen", () => {
    const { chips, element } = row("radiogroup", { count: 3, pressed: [0], off: [1] });
    click(chips()[1]);
    element.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    expect(chosen).toEqual([]);
  });
});

describe("the keyboard", () => {
  it("arrows choose the neighbour, round the ends", () => {
    const { chips } = row("group", { count: 3, pressed: [0] });
    chips()[0]?.focus();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp"]) {
      const event = press(document.activeElement, key);
      expect(event.defaultPrevented).toBe(true); // else the notebook would scroll
    }
    expect(chosen.map(([index]) => index)).toEqual([1, 2, 0, 2, 1]);
    expect(chosen.every(([, choice]) => choice === "only")).toBe(true);
    expect(focused()).toBe("1");
  });

  it("Home and End choose the first and the last", () => {
    const { chips } = row("group", { count: 5, pressed: [2] });
    chips()[2]?.focus();
    press(document.activeElement, "End");
    press(document.activeElement, "Home");
    expect(chosen).toEqual([
      [4, "only"],
      [0, "only"],
    ]);
  });

  it("arrows, Home and End leave out what is off", () => {
    const { chips } = row("radiogroup", { count: 6, pressed: [1], off: [0, 2, 3, 5] });
    chips()[1]?.focus();
    for (const key of ["ArrowRight", "ArrowRight", "End", "Home", "ArrowLeft"]) {
      press(document.activeElement, key);
    }
    expect(chosen.map(([index]) => index)).toEqual([4, 1, 4, 1, 4]);
  });

  it("Shift and an arrow adds, Ctrl and an arrow only goes there, Space adds or takes away", () => {
    const { chips } = row("group", { count: 4, pressed: [0] });
    chips()[0]?.focus();
    press(document.activeElement, "ArrowRight", { shiftKey: true });
    expect(chosen).toEqual([[1, "toggle"]]);
    press(document.activeElement, "ArrowRight", { ctrlKey: true });
    expect(focused()).toBe("2");
    expect(chosen).toHaveLength(1);
    expect(press(document.activeElement, " ").defaultPrevented).toBe(true);
    expect(chosen[1]).toEqual([2, "toggle"]);
  });

  it("leaves all other keys to the notebook", () => {
    const { chips } = row("group", { count: 2, pressed: [0] });
    chips()[0]?.focus();
    for (const key of ["Tab", "a", "Escape"]) {
      expect(press(document.activeElement, key).defaultPrevented).toBe(false);
    }
    expect(chosen).toEqual([]);
  });

  it("works in a shadow root, where marimo draws widgets", () => {
    const host = document.createElement("div");
    document.body.append(host);
    const root = host.attachShadow({ mode: "open" });
    const { chips } = row("group", { count: 4, pressed: [2] }, root);
    chips()[2]?.focus();
    press(chips()[2] ?? null, "ArrowRight");
    press(chips()[3] ?? null, " ");
    expect(chosen).toEqual([
      [3, "only"],
      [3, "toggle"],
    ]);
  });

  it("a row without chips has nothing to choose", () => {
    const { element } = row("group", { count: 0, pressed: [] });
    expect(press(element, "ArrowRight").defaultPrevented).toBe(false);
    expect(chosen).toEqual([]);
  });
});

describe("the end", () => {
  it("chips choose nothing any more", () => {
    const { chips } = row("group", { count: 3, pressed: [0] });
    controller.abort();
    click(chips()[1]);
    chips()[1]?.focus();
    press(document.activeElement, "ArrowRight");
    expect(chosen).toEqual([]);
  });
});
