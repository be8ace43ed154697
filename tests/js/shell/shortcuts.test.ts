/** The list of shortcuts against the handlers: each does what it says, and each is listed. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Text } from "../../../js/language/say";
import { helpDialog } from "../../../js/shell/help";
import { shortcutsOf } from "../../../js/shell/shortcuts";
import { DOES, PLACES } from "../../../js/shell/texts/shortcuts";
import type { State, Suggestion } from "../../../js/trace/contract";
import { VIEWS } from "../../../js/views";
import { ATLAS_KEYS } from "../../../js/views/atlas/texts";
import { ATTRIBUTION_KEYS } from "../../../js/views/attribution/texts";
import { CALCULATION_KEYS } from "../../../js/views/calculation/texts";
import { GRID_KEYS } from "../../../js/views/grid/texts";
import { TABLE_KEYS } from "../../../js/views/heads/texts";
import { MATRIX_KEYS } from "../../../js/views/matrix/texts";
import { POSITION_KEYS } from "../../../js/views/positions/texts";
import { PLANE_KEYS } from "../../../js/views/predictions/plane_texts";
import { PREDICTED_KEYS } from "../../../js/views/predictions/texts";
import { TEXT_KEYS } from "../../../js/views/text/texts";
import { MASK_KEYS } from "../../../js/views/tokens/texts";
import widget from "../../../js/widget";
import { NotebookHost } from "../helpers/host";
import { all, one, openPage, type Page, press } from "../helpers/page";
import { Kernel, TinyModel } from "../helpers/python";
import { connected, stateOf } from "../helpers/state";

const TEXT = "a small no|vel idea .";
const LAST = 7; // its last token

let page: Page;
let el: HTMLElement;
let host: NotebookHost;
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

async function open(change: Partial<State> = {}): Promise<void> {
  const model = new TinyModel(TEXT);
  host = new NotebookHost(stateOf({ text: TEXT, meta: model.meta, ...change }));
  new Kernel(host, model, (text, run) => new TinyModel(text, { run }));
  close = widget.render({ model: host as unknown as AnyModel<State>, el });
  await page.frames();
}

const box = () => one<HTMLTextAreaElement>(el, '.aw-input[aria-label="Text"]');
const chip = () => one(el, '.aw-picker .aw-chips [tabindex="0"]');
const traitOf = (list: Element) =>
  list.matches(".aw-keys-scroll") ? ("key_token" as const) : ("token" as const);
const lists = () => all(el, '.aw-view .aw-scroll[tabindex="0"]');
const text = () => one(el, ".aw-view-text .aw-text");
const dialog = () => one<HTMLDialogElement>(el, "dialog");

/** What the handler of each listed shortcut does; the name is that of the list. */
const PROBES: Record<string, (keys: readonly string[], hold: KeyboardEventInit) => unknown> = {
  "everywhere help": async ([key = ""]) => {
    for (const place of [chip(), ...lists(), text()]) {
      expect(press(place, key).defaultPrevented).toBe(true);
      expect(dialog().open).toBe(true);
      dialog().close();
    }
    for (const field of all(el, "textarea, select")) {
      expect(press(field, key).defaultPrevented).toBe(false); // there it is written, or a choice
      expect(dialog().open).toBe(false);
    }
  },
  "everywhere nextHead": (keys) => {
    host.receive({ heads: [1, 2] });
    const heads = [...keys, ...[...keys].reverse()].map((key) => {
      press(text(), key, { shiftKey: key === "H" });
      return host.state.heads;
    });
    expect(heads).toEqual([[2], [1], [0], [1]]);
    host.receive({ heads: [2] });
    press(text(), "h");
    expect(host.state.heads).toEqual([0]); // round the end
    expectUnheard(keys, "heads");
    press(text(), "р", { code: "KeyH" }); // where the letters are Russian
    expect(host.state.heads).toEqual([1]);
  },
  "everywhere nextLayer": (keys) => {
    const layers = keys.map((key) => {
      press(text(), key, { shiftKey: key === "L" });
      return host.state.layer;
    });
    expect(layers).toEqual([1, 0]);
    expectUnheard(keys, "layer");
  },
  "everywhere suggest": (keys) => {
    const [key = ""] = keys;
    expect(press(text(), key).defaultPrevented).toBe(false); // nothing is suggested
    const suggestion = { kind: "encoder", layer: 1, head: 2, query: 3, key: 1 } as const;
    const suggestions = [{ ...suggestion, weight: 0.5, specificity: 0.4, label: "", score: 0 }];
    host.receive({ meta: { ...host.state.meta, suggestions } });
    expectUnheard(keys, "layer");
    press(text(), key);
    expect(host.state).toMatchObject({ layer: 1, heads: [2], token: 3, key_token: null });
  },
  "everywhere leaveOut": async ([key = "", back = ""]) => {
    host.receive({ layer: 1, heads: [2], token: null, key_token: null });
    expect(press(text(), back, { shiftKey: true }).defaultPrevented).toBe(false); // nothing is out
    expect(press(box(), key).defaultPrevented).toBe(false);
    expect(press(text(), key).defaultPrevented).toBe(true);
    await page.frames();
    expect(host.state.edits).toMatchObject([{ edit: "head_off", layer: 1, heads: [2] }]);
    expect(host.state.shown_pass).toBe("after");
    expect(press(text(), key).defaultPrevented).toBe(false); // it is left out already
    press(text(), back, { shiftKey: true });
    expect([host.state.edits, host.state.shown_pass]).toEqual([[], "before"]);
  },
  "everywhere full": async ([key = ""]) => {
    const root = one(el, ".attention-widget");
    press(box(), key);
    await page.frames();
    expect(root.classList).not.toContain("aw-full");
    press(text(), key);
    await page.frames();
    expect(root.classList).toContain("aw-full");
    press(text(), key);
    await page.frames();
    expect(root.classList).not.toContain("aw-full");
  },
  "everywhere next": ([key = ""]) => {
    const stops = all(el, 'button, select, textarea, summary, [tabindex="0"]');
    expect(stops.length).toBeGreaterThan(20);
    for (const each of stops) expect(press(each, key).defaultPrevented, each.outerHTML).toBe(false);
  },
  "everywhere leave": async ([key = ""]) => {
    const panel = one(el, ".aw-view-lines");
    one(panel, "[data-action=enter]").click();
    await page.frames();
    const root = one(el, ".attention-widget");
    expect(root.classList).toContain("aw-full");
    host.receive({ token: 3, key_token: 2 });
    press(one(panel, ".aw-queries-scroll"), key);
    expect([host.state.token, host.state.key_token]).toEqual([null, null]);
    expect(root.classList).toContain("aw-full");
    press(one(panel, ".aw-queries-scroll"), key);
    await page.frames();
    expect(root.classList).not.toContain("aw-full");
    for (const list of lists()) {
      host.receive({ token: 3, key_token: 2 });
      press(list, key);
      expect([host.state.token, host.state.key_token]).toEqual([null, null]);
    }
  },
  "everywhere nextView": async ([next = "", previous = ""]) => {
    const root = one(el, ".attention-widget");
    const shown = () => all(el, "[data-staged]").map((node) => node.classList[1]);
    press(text(), next);
    expect(root.classList).not.toContain("aw-full");
    one(el, ".aw-view-lines [data-action=enter]").click();
    await page.frames();
    expect(shown()).toEqual(["aw-view-lines"]);
    const { views } = host.state;
    press(text(), next);
    expect(shown()).toEqual([`aw-view-${views[1]}`]);
    press(document.body, previous, { shiftKey: true });
    expect(shown()).toEqual(["aw-view-lines"]);
    press(box(), next); // there it is written
    expect(shown()).toEqual(["aw-view-lines"]);
    press(root, "Escape");
  },
  "sentence run": async ([key = ""]) => {
    box().value = "a novel";
    press(box(), key);
    await page.frames();
    expect(host.state.text).toBe("a novel");
  },
  "sentence newLine": ([key = ""], hold) => {
    expect(press(box(), key, hold).defaultPrevented).toBe(false); // the browser's
    expect(host.runRequests).toEqual([]);
  },
  "sentence revert": ([key = ""]) => {
    box().value = "else";
    press(box(), key);
    expect(box().value).toBe(TEXT);
  },
  "heads otherHead": ([left = "", right = "", up = "", down = ""]) => {
    host.receive({ heads: [1] });
    const heads = [left, right, up, down].map((key) => {
      press(chip(), key);
      return host.state.heads;
    });
    expect(heads).toEqual([[0], [1], [0], [1]]);
  },
  "heads endHead": ([home = "", end = ""]) => {
    press(chip(), end);
    expect(host.state.heads).toEqual([2]);
    press(chip(), home);
    expect(host.state.heads).toEqual([0]);
  },
  "heads addHead": (keys, hold) => {
    for (const key of keys) {
      host.receive({ heads: [0] });
      press(chip(), key, hold);
      const other = key === "ArrowLeft" || key === "ArrowUp" ? 2 : 1;
      expect(host.state.heads).toEqual([0, other]);
    }
  },
  "heads walkHeads": (keys, hold) => {
    for (const key of keys) {
      host.receive({ heads: [0] });
      chip().focus();
      press(document.activeElement, key, hold);
      expect(host.state.heads).toEqual([0]);
      expect(document.activeElement).not.toBe(chip());
    }
  },
  "heads toggleHead": ([key = ""]) => {
    host.receive({ heads: [0, 2] });
    press(chip(), key);
    expect(host.state.heads).toEqual([2]);
    press(one(el, '.aw-picker [aria-label="Head 0"]'), key);
    expect(host.state.heads).toEqual([0, 2]);
  },
  "lists otherToken": ([up = "", down = ""]) => {
    expect(lists().length).toBeGreaterThanOrEqual(2);
    for (const list of lists()) {
      const name = traitOf(list);
      host.receive({ [name]: 3 });
      press(list, up);
      expect(host.state[name]).toBe(2);
      press(list, down);
      press(list, down);
      expect(host.state[name]).toBe(4);
    }
  },
  "lists endToken": ([home = "", end = ""]) => {
    for (const list of lists()) {
      press(list, end);
      expect(host.state[traitOf(list)]).toBe(LAST);
      press(list, home);
      expect(host.state[traitOf(list)]).toBe(0);
    }
  },
  "lists page": ([up = "", down = ""]) => {
    for (const list of lists()) {
      const name = traitOf(list);
      host.receive({ [name]: 0 });
      press(list, down);
      expect(host.state[name]).toBeGreaterThan(1);
      press(list, up);
      expect(host.state[name]).toBe(0);
    }
  },
  "lists toggleToken": ([key = ""]) => {
    for (const list of lists()) {
      const name = traitOf(list);
      host.receive({ [name]: 3 });
      press(list, key);
      expect(host.state[name]).toBeNull();
      press(list, key);
      expect(host.state[name]).toBe(3);
    }
  },
  "text otherUnit": ([left = "", right = "", up = "", down = ""]) => {
    const tokens = [right, down, right, left, up].map((key) => {
      press(text(), key);
      return host.state.token;
    });
    expect(tokens).toEqual([0, 1, 2, 1, 0]);
  },
  "text pin": (keys) => {
    for (const key of keys) {
      host.receive({ token: 3 });
      press(text(), key);
      expect(host.state.pinned).toEqual([3]);
      press(text(), key);
      expect(host.state.pinned).toEqual([]);
    }
  },
  "text endUnit": ([home = "", end = ""]) => {
    press(text(), end);
    expect(host.state.token).toBe(LAST);
    press(text(), home);
    expect(host.state.token).toBe(0);
  },
  "text pinMore": ([key = ""], hold) => {
    host.receive({ token: 3, pinned: [2] });
    press(text(), key, hold);
    expect(host.state.pinned).toEqual([2, 3]);
    press(text(), key, hold);
    expect(host.state.pinned).toEqual([2]);
  },
  "table otherRow": ([up = "", down = ""]) => {
    const scroller = table();
    const selected = [down, down, up].map((key) => {
      press(scroller, key);
      return [host.state.layer, ...host.state.heads];
    });
    expect(selected).toEqual([
      [0, 2],
      [1, 0],
      [0, 2],
    ]);
  },
  "table endRow": ([home = "", end = ""]) => {
    const scroller = table();
    press(scroller, end);
    expect([host.state.layer, host.state.heads]).toEqual([1, [2]]);
    press(scroller, home);
    expect([host.state.layer, host.state.heads]).toEqual([0, [0]]);
  },
  "table page": ([up = "", down = ""]) => {
    const scroller = table();
    press(scroller, down);
    expect([host.state.layer, host.state.heads]).toEqual([1, [2]]); // of two times three
    press(scroller, up);
    expect([host.state.layer, host.state.heads]).toEqual([0, [0]]);
  },
  "predictions otherPredicted": ([up = "", down = ""]) => {
    const scroller = predicted();
    const tokens = [down, up, up].map((key) => {
      press(scroller, key);
      return host.state.token;
    });
    expect(tokens).toEqual([3, 2, 1]);
  },
  "predictions endPredicted": ([home = "", end = ""]) => {
    const scroller = predicted();
    press(scroller, end);
    expect(host.state.token).toBe(7);
    press(scroller, home);
    expect(host.state.token).toBe(0);
  },
  "predictions page": ([up = "", down = ""]) => {
    const scroller = predicted();
    press(scroller, down);
    const { token: below } = host.state;
    expect(below).toBeGreaterThan(2);
    press(scroller, up);
    expect(host.state.token).toBeLessThan(below ?? 0);
  },
  "predictions openPredicted": ([key = ""]) => {
    const scroller = predicted();
    press(scroller, key);
    expect(host.state.token).toBeNull();
    press(scroller, key);
    expect(host.state.token).toBe(2);
  },
  "predictions movePlane": async ([left = "", right = "", up = "", down = ""]) => {
    const grid = await plane();
    const told = [left, up, down, down, right].map((key) => {
      press(grid, key);
      return one(grid, "[role=gridcell]").textContent?.replace(/, most likely.*/s, "");
    });
    const at = (token: number, layer: number) =>
      `“${host.state.meta.tokens[token]?.label}”, layer ${layer}`;
    // the first key goes to what is selected; below layer 0 there is none
    expect(told).toEqual([at(2, 0), at(2, 1), at(2, 0), at(2, 0), at(3, 0)]);
  },
  "predictions enterPlane": async (keys) => {
    const grid = await plane();
    press(grid, "ArrowLeft");
    for (const key of keys) {
      press(grid, key);
      expect(host.state.token).toBeNull();
      press(grid, key);
      expect(host.state.token).toBe(2);
    }
  },
  "attribution otherTerm": async ([up = "", down = ""]) => {
    const scroller = await written();
    const rows = [];
    for (const key of [down, down, down, up]) {
      press(scroller, key);
      rows.push(await currentTerm());
    }
    expect(rows).toEqual(["0", "1", "2", "1"]);
  },
  "attribution endTerm": async ([home = "", end = ""]) => {
    const scroller = await written();
    press(scroller, end);
    expect(await currentTerm()).toBe("6");
    press(scroller, home);
    expect(await currentTerm()).toBe("0");
  },
  "attribution page": async ([up = "", down = ""]) => {
    const scroller = await written();
    press(scroller, down);
    expect(Number(await currentTerm())).toBeGreaterThanOrEqual(0);
    press(scroller, up);
    expect(await currentTerm()).toBe("0");
  },
  "attribution openTerm": async (keys) => {
    for (const key of keys) {
      const scroller = await written();
      press(scroller, "Home");
      press(scroller, "ArrowDown");
      expect([host.state.layer, host.state.heads]).toEqual([0, [0]]);
      press(scroller, key);
      expect([host.state.layer, host.state.heads]).toEqual([1, [2]]);
    }
  },
  "text search": ([key = ""]) => {
    press(text(), key);
    expect(document.activeElement).toBe(one(el, ".aw-search-input"));
  },
  "calculation otherStep": async ([left = "", right = ""]) => {
    const steps = await calculation();
    press(steps, right);
    expect(host.state.calculation_step).toBe("scaled");
    press(steps, left);
    press(steps, left);
    expect(host.state.calculation_step).toBe("v");
  },
  "calculation endStep": async ([home = "", end = ""]) => {
    const steps = await calculation();
    press(steps, end);
    expect(host.state.calculation_step).toBe("output");
    press(steps, home);
    expect(host.state.calculation_step).toBe("q");
  },
  "calculation followToken": async ([up = "", down = ""]) => {
    const steps = await calculation();
    press(steps, down);
    expect(host.state.token).toBe(3);
    press(steps, up);
    press(steps, up);
    expect(host.state.token).toBe(1);
  },
  "calculation otherNumber": async ([left = "", right = "", up = "", down = ""]) => {
    await calculation();
    const plot = one(el, ".aw-calculation");
    const place = () => one(el, ".aw-calculation-terms b").textContent?.split(" = ")[0];
    const before = place();
    press(plot, down);
    const below = place();
    press(plot, up);
    expect([place(), below === before]).toEqual([before, false]);
    press(plot, "Home");
    const first = place();
    press(plot, right);
    expect(place()).not.toBe(first);
    press(plot, left);
    expect(place()).toBe(first);
  },
  "calculation selects": async (keys) => {
    await calculation();
    const plot = one(el, ".aw-calculation");
    for (const key of keys) {
      press(plot, "Escape");
      host.receive({ token: 2, key_token: null });
      press(plot, "Home");
      press(plot, "ArrowRight");
      press(plot, "ArrowDown");
      press(plot, key);
      expect([host.state.token, host.state.key_token]).toEqual([3, 1]);
    }
  },
  "text unpin": ([key = ""]) => {
    host.receive({ token: 3, pinned: [3] });
    press(text(), key);
    expect(host.state).toMatchObject({ token: null, pinned: [] });
  },
};

/** Where a person writes or chooses in a list, and with what the browser hears. */
function expectUnheard(keys: readonly string[], name: "heads" | "layer"): void {
  const before = host.state[name];
  for (const key of keys) {
    for (const field of all(el, "textarea, select, input")) press(field, key);
    for (const held of ["ctrlKey", "altKey", "metaKey"]) press(text(), key, { [held]: true });
  }
  expect(host.state[name]).toEqual(before);
}

const table = () => {
  host.receive({ views: ["heads"], heads: [1] });
  return one(el, ".aw-heads-table .aw-scroll");
};

const predicted = () => {
  host.receive({ views: ["predictions"], token: 2 });
  return one(el, ".aw-predicted .aw-scroll");
};

/** The steps, of which the scores are shown. */
const calculation = async () => {
  host.receive({ views: ["calculation"], heads: [1], token: 2, calculation_step: "scores" });
  for (let wait = 0; wait < 4; wait++) await page.frames();
  return one(el, ".aw-calculation-steps");
};

/** Open, with its focus at the token and the layer that are selected. */
const plane = async () => {
  host.receive({ views: ["predictions"], token: 2, layer: 0 });
  await page.frames();
  const fold = one<HTMLDetailsElement>(el, ".aw-lens-fold");
  fold.open = true;
  fold.dispatchEvent(new Event("toggle"));
  for (let wait = 0; wait < 3; wait++) await page.frames();
  return one(el, ".aw-lens-plane");
};

const written = async () => {
  host.receive({ views: ["attribution"], token: 1, layer: 0, heads: [0] });
  for (let wait = 0; wait < 3; wait++) await page.frames();
  return one(el, ".aw-terms .aw-scroll");
};

const currentTerm = async () => {
  await page.frames();
  return one(el, ".aw-term-rows > .aw-current").dataset.token;
};

const LISTS = shortcutsOf(VIEWS);

const WHERE = {
  ...PLACES,
  grid: GRID_KEYS.where,
  matrix: MATRIX_KEYS.where,
  mask: MASK_KEYS.where,
  text: TEXT_KEYS.where,
  table: TABLE_KEYS.where,
  predictions: PREDICTED_KEYS.where,
  attribution: ATTRIBUTION_KEYS.where,
  calculation: CALCULATION_KEYS.where,
  positions: POSITION_KEYS.where,
  atlas: ATLAS_KEYS.where,
};
const KEYS: Record<string, Text> = {
  ...DOES,
  ...GRID_KEYS,
  ...MATRIX_KEYS,
  ...MASK_KEYS,
  ...TEXT_KEYS,
  ...TABLE_KEYS,
  ...PREDICTED_KEYS,
  ...PLANE_KEYS,
  ...ATTRIBUTION_KEYS,
  ...CALCULATION_KEYS,
  ...POSITION_KEYS,
  ...ATLAS_KEYS,
};
const named = (texts: Record<string, Text>, text: Text) =>
  Object.entries(texts).find(([name, each]) => each === text && name !== "where")?.[0] ?? "?";

const SHORTCUTS = LISTS.flatMap(({ where, shortcuts }) =>
  shortcuts.map((each) => ({ ...each, place: named(WHERE, where), name: named(KEYS, each.does) })),
);
type Named = (typeof SHORTCUTS)[number];

/** These need a browser that lays out: tests/browser/test_view_keys.py holds them. */
const needsLayout = ({ place }: Named) =>
  ["grid", "matrix", "mask", "positions", "atlas"].includes(place);

const nameOf = ({ place, name }: Named) => `${place} ${name}`;

describe("a shortcut", () => {
  it.each(
    SHORTCUTS.filter((each) => !needsLayout(each)).map((each) => [nameOf(each), each] as const),
  )("%s does so", async (name, { keys, hold }) => {
    await open();
    const probe = PROBES[name];
    if (!probe) throw new Error(`no test presses the keys of "${name}"`);
    await probe(keys, hold ? { [hold === "Shift" ? "shiftKey" : "ctrlKey"]: true } : {});
  });

  it("of every place and every text is listed, once", async () => {
    await open();
    const names = SHORTCUTS.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    const here = SHORTCUTS.filter((each) => !needsLayout(each)).map(nameOf);
    expect(here.sort()).toEqual(Object.keys(PROBES).sort());
    expect(new Set(SHORTCUTS.map(({ place }) => place))).toEqual(new Set(Object.keys(WHERE)));
    const { where: _, ...does } = KEYS;
    expect(new Set(SHORTCUTS.map(({ name }) => name))).toEqual(new Set(Object.keys(does)));
  });
});

describe("the list of shortcuts", () => {
  it("shows every one, below its place, in the language", async () => {
    await open({ locale: "ru" });
    expect(dialog().open).toBe(false);
    one(el, '[data-setting="help"]').click();
    expect(dialog().open).toBe(true);
    expect(dialog().getAttribute("aria-label")).toBe("Сочетания клавиш");
    const shown = all(dialog(), "section:not(.aw-hidden)").map((section) => [
      one(section, "h3").textContent,
      all(section, "dd").map(({ textContent }) => textContent),
    ]);
    const inRussian = (text: Text) => (text as { ru: string }).ru;
    expect(shown).toEqual(
      LISTS.map(({ where, shortcuts }) => [
        inRussian(where),
        shortcuts.map(({ does }) => inRussian(does)),
      ]),
    );
    const caps = all(dialog(), "kbd").map(({ textContent }) => textContent);
    expect(caps).toContain("Пробел");
    expect(caps).toContain("←");
  });

  it.each(["en", "vi", "ru"] as const)(
    "names every control that is hidden (%s)",
    async (locale) => {
      await open({ locale });
      const names = all(dialog(), ".aw-hidden dt").map(({ textContent }) => textContent ?? "");
      const said = all(dialog(), ".aw-hidden dd").map(({ textContent }) => textContent ?? "");
      const boxes = all(el, ".aw-top [popover]").map((each) => each.getAttribute("aria-label"));
      expect(boxes).toHaveLength(4);
      expect(names).toEqual(expect.arrayContaining(boxes));
      const labels = [
        ...all(el, ".aw-settings .aw-field > span, [data-view]").map((each) => each.textContent),
      ];
      expect(labels.length).toBeGreaterThan(10);
      for (const label of labels) expect(said.join(" ")).toContain(label);
    },
  );

  it("closes with its button and a click beside it; keys in it go no further", async () => {
    await open();
    const heard: string[] = [];
    el.addEventListener("keydown", ({ key }) => heard.push(key));
    const help = one(el, '[data-setting="help"]');
    help.click();
    press(one(dialog(), "h2"), "Escape");
    expect(heard).toEqual([]);
    one(dialog(), "h2").click();
    expect(dialog().open).toBe(true);
    one(dialog(), "button").click();
    expect(dialog().open).toBe(false);
    help.click();
    dialog().click();
    expect(dialog().open).toBe(false);
  });

  it("opens no more after the end", () => {
    const { state, controller } = connected();
    const root = document.createElement("div");
    const { element } = helpDialog(root, LISTS, [], state, controller.signal);
    root.append(element);
    close = () => undefined;
    controller.abort();
    press(root, "?");
    expect(element.open).toBe(false);
  });
});

describe("Escape", () => {
  const select = () => host.receive({ token: 3, key_token: 2 });
  const selected = () => [host.state.token, host.state.key_token];

  it("on a button lets go of the tokens, and only then leaves the full window", async () => {
    await open({ heads: [] });
    const suggestions: Suggestion[] = [
      {
        kind: "encoder",
        layer: 1,
        head: 2,
        query: 3,
        key: 2,
        weight: 0.6,
        specificity: 0.4,
        label: "",
        score: 0,
      },
    ];
    host.receive({ meta: { ...host.state.meta, suggestions } });
    await page.frames();
    const root = one(el, ".attention-widget");
    const buttons = all<HTMLButtonElement>(el, ".aw-top button, .aw-headline button").filter(
      (each) => !each.closest("[popover]") && !each.hidden,
    );
    expect(buttons.map(({ className }) => className)).toContain("aw-next");
    expect(buttons.length).toBeGreaterThan(4);
    for (const button of [...buttons, ...all(el, ".aw-view .aw-header button"), root]) {
      select();
      expect(press(button, "Escape").defaultPrevented, button.outerHTML).toBe(true);
      expect(selected()).toEqual([null, null]);
      expect(press(button, "Escape").defaultPrevented).toBe(false);
    }
    one(el, ".aw-top [data-action=enter]").click();
    await page.frames();
    select();
    press(one(el, ".aw-next"), "Escape");
    expect([...selected(), root.classList.contains("aw-full")]).toEqual([null, null, true]);
    press(one(el, ".aw-next"), "Escape");
    await page.frames();
    expect(root.classList).not.toContain("aw-full");
  });

  it("where a person writes or chooses is not the widget's", async () => {
    await open();
    select();
    for (const place of [box(), one(el, ".aw-layer select")]) press(place, "Escape");
    expect(selected()).toEqual([3, 2]);
  });
});
