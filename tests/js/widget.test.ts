/** The whole front end, with a kernel that answers from small arrays. */

import type { AnyModel } from "@anywidget/types";
import { describe, expect, it, vi } from "vitest";
import { numbersIn } from "../../js/language/numbers";
import type { State } from "../../js/trace/contract";
import widget from "../../js/widget";
import { close, el, host, INDICES, kernel, open, page, show, start, TEXT } from "./helpers/cell";
import { NotebookHost } from "./helpers/host";
import { all, one, point, press } from "./helpers/page";
import { TinyModel } from "./helpers/python";
import { layerOf, special, stateOf, token, tokensOf } from "./helpers/state";

const { weight: formatWeight } = numbersIn("en");

const view = (name: string) => one(el, `.aw-view-${name}`);
const shownViews = () => all(one(el, ".aw-views"), ":scope > section").map(nameOf);
const nameOf = (section: Element) => /aw-view-(\w+)/.exec(section.className)?.[1];
const note = (name: string) => one(view(name), ".aw-note").textContent;
const alerts = () => all(el, "[role=alert]").filter((each) => !each.hidden);
const tip = (name: string) => one(view(name), ".aw-tooltip");

const queryRow = (index: number) => one(view("lines"), `.aw-queries [data-token="${index}"]`);
const keyRow = (index: number) => one(view("lines"), `.aw-keys [data-token="${index}"]`);
const lineWeight = (index: number) => one(keyRow(index), ".aw-weight").textContent;
const numberRow = (index: number) =>
  one(view("neuron"), `.aw-neuron-numbers [data-token="${index}"]`);
const softmax = (index: number) => one(numberRow(index), ".aw-softmax b").textContent;
const units = () => all(view("text"), ".aw-unit");
const unit = (text: string) => {
  const [found] = units().filter(({ textContent }) => textContent === text);
  if (!found) throw new Error(`no unit ${text}`);
  return found;
};
const heat = (node: HTMLElement | undefined) => {
  const [name, ...more] = [...(node?.classList ?? [])].filter((each) => each.startsWith("aw-heat"));
  expect(more).toEqual([]);
  return name === undefined ? null : Number(name.replace("aw-heat-", ""));
};
const mouse = new MouseEvent("pointermove");

it("says that it is there as soon as there is a model, before any view", () => {
  start();
  close();
  const silent = new NotebookHost(stateOf({ text: TEXT, meta: new TinyModel(TEXT).meta }));
  widget.initialize({ model: silent as unknown as AnyModel<State> });
  expect(silent.sent).toEqual([{ id: 0, kind: "ready" }]);
});

describe("what is shown", () => {
  it("the model, the pickers and every view, in the order of the trait", async () => {
    await open({ views: ["text", "lines", "neuron"] });
    expect(one(el, ".aw-model").textContent).toBe("tiny · 2 layers · 8 tokens");
    expect(shownViews()).toEqual(["text", "lines", "neuron"]);
    expect(all(el, ".aw-picker .aw-chip")).toHaveLength(3);
    expect(all(el, ".aw-layer option")).toHaveLength(2);
    expect(alerts()).toEqual([]);
    expect(all(el, "[data-pending]")).toEqual([]);
    expect(all(view("lines"), ".aw-queries .aw-row")).toHaveLength(INDICES.length);
    expect(view("text").querySelector(".aw-text")?.textContent).toBe(
      "[CLS]a small novel idea .[SEP]",
    );
  });

  it("asks for each tensor once and saves nothing by itself", async () => {
    await open();
    expect(host.saved).toEqual([]);
    expect(new Set(host.keys).size).toBe(host.keys.length);
    // What comes after the six are the neighbours, where this machine is slow.
    expect(host.keys.slice(0, 6).sort()).toEqual(
      [
        "attention/encoder/0",
        "count_nan/encoder/0",
        "hidden_states/encoder/1",
        "key/encoder/0/0",
        "query/encoder/0/0",
        "scores/encoder/0/0/1",
      ].sort(),
    );
  });

  it("is light or dark as the notebook is, or as the trait says", async () => {
    await open({ theme: "auto" });
    const root = one(el, ".attention-widget");
    expect(root.dataset.theme).toBe("light");
    page.system.set(true);
    expect(root.dataset.theme).toBe("dark");
    host.receive({ theme: "light" });
    expect(root.dataset.theme).toBe("light");
  });
});

describe("tokens are data, never markup", () => {
  const HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script>",
    '"><svg onload=alert(1)>',
    "&lt;b&gt;",
    "javascript:alert(1)",
  ];

  it("whatever is hovered, selected or pinned", async () => {
    const tokens = [
      special("<style>*{display:none}</style>"),
      ...HOSTILE.map((text, word) => token(text, { word, lead: word ? " " : "" })),
    ];
    const model = new TinyModel(tokens, { model_name: "<img src=x>" });
    start({ text: HOSTILE.join(" "), views: ["lines", "neuron", "text"] }, model);
    kernel.failing.set("attention/encoder/1", HOSTILE.join());
    await page.frames();
    const tags = new Set(all(el, "*").map(({ tagName }) => tagName));
    for (const [index, text] of HOSTILE.entries()) {
      point(queryRow(index + 1), "pointerover");
      point(keyRow(index + 1), "pointermove");
      point(numberRow(index + 1), "pointerover");
      point(numberRow(index + 1), "pointermove");
      unit(text).click();
      point(unit(text), "pointermove");
      await page.frames();
      expect(tip("text").textContent).toContain(text);
      expect(note("text")).toContain(text);
      expect(note("neuron")).toContain(text);
      expect(one(keyRow(index + 1), ".aw-label").textContent).toBe(text);
    }
    host.receive({ layer: 1 });
    await page.frames();
    expect(alerts().map(({ textContent }) => textContent)).toContain(HOSTILE.join());
    const active = "img, svg:not(.aw-icon), script, style, iframe, object, [onerror], [onload]";
    expect(el.querySelector(active)).toBe(null);
    for (const { tagName } of all(el, "*")) expect(tags).toContain(tagName);
    expect(one(view("text"), ".aw-text").textContent).toContain(HOSTILE.join(" "));
  });
});

describe("linked", () => {
  const marked = (name: string) =>
    Object.fromEntries(
      ["lines", "neuron", "text"].map((each) => [
        each,
        [...new Set(all(view(each), `.${name}`).map((node) => node.textContent?.slice(0, 2)))],
      ]),
    );

  it("a token hovered in one view is hovered in all, and only in the browser", async () => {
    await open();
    point(unit("idea"), "pointermove", mouse);
    await page.frames();
    expect(queryRow(5).classList).toContain("aw-hovered");
    expect(keyRow(5).classList).toContain("aw-hovered");
    expect(numberRow(5).classList).toContain("aw-hovered");
    expect(unit("idea").classList).toContain("aw-hovered");
    expect(one(view("neuron"), ".aw-neuron-query").textContent).toBe("idea");

    point(one(view("text"), ".aw-text"), "pointerleave");
    point(keyRow(2), "pointerover");
    await page.frames();
    expect(unit("small").classList).toContain("aw-hovered");
    expect(unit("idea").classList).not.toContain("aw-hovered");
    expect(numberRow(2).classList).toContain("aw-hovered");
    expect(host.saved).toEqual([]);
    expect(marked("aw-selected")).toEqual({ lines: [], neuron: [], text: [] });
  });

  it("a token selected in one view is selected in all and in Python", async () => {
    await open();
    queryRow(5).click();
    await page.frames();
    expect(host.saved).toEqual([{ token: 5 }]);
    expect(unit("idea").classList).toContain("aw-selected");
    expect(numberRow(5).classList).toContain("aw-selected");
    press(one(view("neuron"), ".aw-scroll"), "ArrowDown");
    await page.frames();
    expect(host.state.token).toBe(6);
    expect(queryRow(6).classList).toContain("aw-selected");
    expect(unit("idea").classList).not.toContain("aw-selected");
  });

  it("a trait set in Python moves every view", async () => {
    await open();
    host.receive({ layer: 1, heads: [2], token: 5, pinned: [2], measure: "pinned_cosine" });
    await page.frames();
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(1, 2, 5).map(formatWeight));
    expect(INDICES.map(lineWeight)).toEqual(kernel.shown.weights(1, 2, 5).map(formatWeight));
    expect(heat(unit("small"))).toBe(31);
    expect(note("neuron")).toContain("layer 1, head 2");
    expect(host.saved).toEqual([]);
  });
});

describe("another text", () => {
  const write = async (text: string) => {
    const input = one<HTMLTextAreaElement>(el, "[aria-label=Text].aw-input");
    input.value = text;
    input.dispatchEvent(new Event("input"));
    press(input, "Enter");
    await page.frames();
  };

  it("is drawn in all views", async () => {
    await open({ token: 7, pinned: [2] });
    await write("two words");
    expect(host.state.meta.run).toBe(2);
    expect(one(el, ".aw-model").textContent).toBe("tiny · 2 layers · 4 tokens");
    expect(all(view("lines"), ".aw-queries .aw-row")).toHaveLength(4);
    expect(one(view("text"), ".aw-text").textContent).toBe("[CLS]two words[SEP]");
    expect(host.wishes.filter(({ run }) => run === 2).length).toBeGreaterThan(4);
    expect(alerts()).toEqual([]);
    expect(all(el, "[data-pending]")).toEqual([]);
    expect(host.saved).toEqual([]);
  });

  it("that fails leaves all as it was, and says why", async () => {
    await open();
    const before = view("text").textContent;
    await write(" ");
    expect(alerts().map(({ textContent }) => textContent)).toEqual(["the text is empty"]);
    expect(view("text").textContent).toBe(before);
    expect(host.state.meta.run).toBe(1);
  });

  it("is drawn also while the mouse rests on a token that it does not have", async () => {
    await open();
    point(queryRow(7), "pointerover");
    await page.frames();
    await write("two words");
    expect(alerts()).toEqual([]);
    expect(one(view("neuron"), ".aw-neuron-query").textContent).toBe("two");
    expect(note("lines")).toContain("of the attention");
    expect(host.keys.filter((key) => key.endsWith("/7") && key.startsWith("scores"))).toHaveLength(
      1,
    );
  });

  it("is on its way for all to see", async () => {
    await open();
    host.receive({ busy: true });
    const root = one(el, ".attention-widget");
    expect(root.hasAttribute("data-busy")).toBe(true);
    expect(one(el, ".aw-waiting").textContent).toBe("running the model …");
    host.receive({ busy: false });
    expect(root.hasAttribute("data-busy")).toBe(false);
    expect(one(el, ".aw-waiting").textContent).toBe("");
  });
});

describe("a kernel in trouble", () => {
  it("its words stand in the view that needed the tensor; the others go on", async () => {
    start({ words: true });
    kernel.failing.set("grouped/words/show/count_nan/encoder/0", "MemoryError: 3 GB");
    await page.frames();
    expect(alerts().map(({ textContent }) => textContent)).toEqual(["MemoryError: 3 GB"]);
    expect(view("lines").contains(alerts()[0] ?? null)).toBe(true);
    expect(softmax(0)).toMatch(/^\d\.\d{3}$/);
    expect(heat(unit("novel"))).not.toBeNull();
    host.receive({ layer: 1 });
    await page.frames();
    expect(alerts()).toEqual([]);
  });

  it("that does not answer is said to be waited for", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    try {
      start();
      kernel.awake = false;
      await vi.advanceTimersByTimeAsync(1_600);
      expect(one(el, ".aw-waiting").textContent).toBe("waiting for the kernel …");
      expect(all(el, ".aw-body[data-pending]")).toHaveLength(3);
      kernel.wake();
      await vi.advanceTimersByTimeAsync(10);
      expect(one(el, ".aw-waiting").textContent).toBe("");
      expect(all(el, ".aw-body[data-pending]")).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("without a kernel", () => {
  const MARK = "jupyter-widgets-disconnected";
  const standing = () => one(el, ".aw-standing");
  const GONE = "The kernel is gone, and this was not loaded before. Re-run the cell.";
  const lose = async () => {
    el.classList.add(MARK);
    await page.frames();
  };
  const errors = () => alerts().map(({ textContent }) => textContent);
  const text = () => one<HTMLTextAreaElement>(el, "[aria-label=Text].aw-input");

  it("the picture stands, with a note", async () => {
    await open();
    expect(standing().hidden).toBe(true);
    const before = [...INDICES.map(softmax), note("lines"), heat(unit("small"))];
    await lose();
    expect(standing().hidden).toBe(false);
    expect(standing().textContent).toBe(
      "The kernel is gone. You can still look at what is shown. To continue or to run another text, re-run the cell.",
    );
    expect([...INDICES.map(softmax), note("lines"), heat(unit("small"))]).toEqual(before);
    expect(errors()).toEqual([]);
    expect(text().readOnly).toBe(true);
    expect(one(el, ".aw-run").hidden).toBe(true);
    expect(one(el, ".aw-reason").textContent).toBe("To run another text, re-run the cell.");
  });

  it("that ended while memory was short is said to have", async () => {
    await open();
    const shortage = { work: "reading", needed: 3_000_000_000, free: 950_000_000 };
    host.message({ shortage });
    await page.frames();
    expect(one(el, ".aw-short").hidden).toBe(false);
    expect(one(el, ".aw-choice").hidden).toBe(true); // it is under way
    await lose();
    expect(one(el, ".aw-short").hidden).toBe(true);
    expect(standing().textContent).toMatch(
      /^The kernel ended during work that takes about 3\.0 GB of memory, with 950\.0 MB free\. The kernel is gone\./,
    );
  });

  it("of what reads no other text says nothing of another text", async () => {
    await open();
    host.receive({ meta: { ...host.state.meta, read_only: "trace" } });
    await page.frames();
    await lose();
    expect(standing().textContent).toBe(
      "The kernel is gone. You can still look at what is shown. To continue, re-run the cell.",
    );
  });

  it("what is here answers, the rest says so, and nothing is sent", async () => {
    await open({ token: 5 });
    host.receive({ layer: 1 });
    await page.frames();
    host.receive({ layer: 0 });
    await page.frames();
    await lose();
    const [sent, saved] = [host.sent.length, host.saved.length];
    const layer = one<HTMLSelectElement>(el, ".aw-layer select");
    layer.value = "1";
    layer.dispatchEvent(new Event("change"));
    await page.frames();
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(1, 0, 5).map(formatWeight));
    expect(errors()).toEqual([]);
    queryRow(3).click();
    await page.frames();
    expect(unit("no").classList).toContain("aw-selected"); // linked as ever
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(1, 0, 3).map(formatWeight));
    expect(
      all(view("neuron"), ".aw-score")
        .map((each) => each.textContent)
        .join(""),
    ).toBe("");
    expect(errors()).toEqual([GONE]);
    expect(all(el, "[data-pending]")).toEqual([]);
    expect([host.sent.length, host.saved.length]).toEqual([sent, saved]);
    host.receive({ locale: "ru" });
    await page.frames();
    expect(errors()[0]).toContain("Ядра больше нет");
    expect(standing().textContent).toContain("Ядра больше нет");
  });

  it("what waits for an answer is told at once", async () => {
    start();
    kernel.awake = false;
    await page.frames();
    expect(all(el, "[data-pending]")).toHaveLength(3);
    await lose();
    expect(all(el, "[data-pending]")).toEqual([]);
    expect(new Set(errors())).toEqual(new Set([GONE]));
  });

  it("a text on its way does not run for ever", async () => {
    await open();
    host.kernel = null;
    text().value = "another";
    text().dispatchEvent(new Event("input"));
    press(text(), "Enter");
    host.receive({ busy: true });
    await page.frames();
    expect(one(el, ".aw-run").textContent).toBe("Running …");
    await lose();
    expect(one(el, ".aw-run").textContent).toBe("Run");
    expect(one(el, ".attention-widget").hasAttribute("data-busy")).toBe(false);
    expect(one(el, ".aw-waiting").textContent).toBe("");
    expect(text().value).toBe("another"); // not thrown away
  });

  it("another kind of attention has heads and tokens of its own, as in Python", async () => {
    const layers = [layerOf(3)];
    const cross = { kind: "cross" as const, layers: [layerOf(2)] };
    const target = {
      tokens: tokensOf("un"),
      has_hidden_states: false,
      has_word_embeddings: false,
      generated: true,
      given: null,
      replaceable: false,
    };
    const attention = [{ kind: "encoder" as const, layers }, cross];
    const model = new TinyModel(TEXT, { attention, target });
    await open({ heads: [0, 1, 2], token: 6, pinned: [6] }, model);
    await lose();
    host.receive({}); // nothing of it comes from there
    const kind = one<HTMLSelectElement>(el, ".aw-kind select");
    kind.value = "cross";
    kind.dispatchEvent(new Event("change"));
    await page.frames();
    expect(host.state).toMatchObject({ attention_kind: "cross", heads: [0, 1], token: null });
    expect(host.state.pinned).toEqual([]);
  });

  it("goes on when the kernel comes back", async () => {
    await open({ token: 5 });
    await lose();
    queryRow(3).click();
    await page.frames();
    expect(errors()).toEqual([GONE]);
    el.classList.remove(MARK);
    await page.frames();
    expect(errors()).toEqual([]);
    expect(standing().hidden).toBe(true);
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(0, 0, 3).map(formatWeight));
    expect(text().readOnly).toBe(false);
  });

  describe("from the start, as in a saved notebook", () => {
    const save = async () => {
      await open({ token: 5, layer: 1, heads: [2] });
      const state = structuredClone(host.state);
      const before = INDICES.map(softmax);
      close();
      return { state, before };
    };
    const reopen = async (state: State) => {
      el.classList.add(MARK);
      show(state);
      await page.frames();
    };

    it("all views are drawn from what was saved", async () => {
      const { state, before } = await save();
      await reopen(state);
      expect(standing().textContent).toContain("Shown from the saved notebook");
      expect(errors()).toEqual([]);
      expect(INDICES.map(softmax)).toEqual(before);
      expect(INDICES.map(lineWeight)).toEqual(before);
      expect(heat(unit("small"))).not.toBeNull();
      expect(host.sent).toEqual([]);
    });

    it("a state without numbers says that they are not here", async () => {
      const { state } = await save();
      await reopen({ ...state, kept: {}, busy: true });
      expect(standing().textContent).toContain("The kernel is gone.");
      expect(new Set(errors())).toEqual(new Set([GONE]));
      expect(one(el, ".attention-widget").hasAttribute("data-busy")).toBe(false);
    });

    it("numbers that cannot be read are refused", async () => {
      const { state } = await save();
      const kept = { archive: { format: 7, run: 1, tensors: {} } };
      await reopen({ ...state, kept });
      expect(standing().textContent).toContain("cannot be read: format 7; known: 1.");
      expect(INDICES.map(softmax).join("")).toBe("");
    });

    it("a state that is none is refused", async () => {
      const { state } = await save();
      await reopen({ ...state, meta: {} as State["meta"] });
      expect(el.querySelector(".attention-widget")).toBe(null);
      expect(one(el, "[role=alert]").textContent).toContain("cannot be read");
    });
  });
});

describe("heights that the reader chose", () => {
  it("stay with another language, and when a view comes back", async () => {
    await open({ views: ["lines", "text"] });
    const handle = () => one(view("lines"), ".aw-resize");
    press(handle(), "Home");
    press(handle(), "PageDown");
    const chosen = view("lines").style.getPropertyValue("--aw-height");
    expect(chosen).toMatch(/^\d+px$/);
    host.receive({ locale: "vi" });
    await page.frames();
    const now = () => [
      view("lines").style.getPropertyValue("--aw-height"),
      "sized" in view("lines").dataset,
      `${handle().getAttribute("aria-valuenow")}px`,
    ];
    expect(now()).toEqual([chosen, true, chosen]);
    expect(view("text").style.getPropertyValue("--aw-height")).toBe("");
    host.receive({ views: ["text"] });
    host.receive({ views: ["text", "lines"] });
    await page.frames();
    expect(now()).toEqual([chosen, true, chosen]);
    press(handle(), "Enter");
    host.receive({ locale: "en" });
    await page.frames();
    expect(view("lines").style.getPropertyValue("--aw-height")).toBe("");
  });
});

describe("views come and go", () => {
  it("as the trait says; one that stays keeps its nodes", async () => {
    await open({ views: ["lines", "text"] });
    const [lines, text] = [view("lines"), view("text")];
    host.receive({ views: ["text", "neuron", "lines"] });
    await page.frames();
    expect(shownViews()).toEqual(["text", "neuron", "lines"]);
    expect([view("lines"), view("text")]).toEqual([lines, text]);
    expect(one(el, ".aw-views").dataset.views).toBe("text neuron lines");
    host.receive({ views: ["neuron"] });
    expect(shownViews()).toEqual(["neuron"]);
  });

  it("as the picker says, in Python too", async () => {
    await open();
    const toggle = (name: string) => one(el, `[data-view=${name}]`).click();
    toggle("neuron");
    expect(host.state.views).toEqual(["lines", "text"]);
    toggle("lines");
    toggle("text"); // the last one stays
    expect(host.state.views).toEqual(["text"]);
    expect(shownViews()).toEqual(["text"]);
    toggle("neuron");
    await page.frames();
    expect(shownViews()).toEqual(["text", "neuron"]);
    expect(softmax(0)).toMatch(/^\d\.\d{3}$/);
  });

  it("one that is gone asks for nothing and watches nothing", async () => {
    await open();
    const watched = page.observers.size;
    host.receive({ views: ["text"] });
    expect(page.observers.size).toBeLessThan(watched);
    const asked = host.keys.length;
    host.receive({ layer: 1, token: 4 });
    await page.frames();
    const since = host.keys.slice(asked);
    expect(host.keys).toContain("hidden_states/encoder/2"); // as a neighbour, on a slow machine
    expect(since.filter((key) => /^(edges|query|key|scores)/.test(key))).toEqual([]);
  });

  it("any number of times, without leaving anything behind", async () => {
    await open({ views: ["text"] });
    const before = [host.listenerCount, page.observers.size, all(el, "*").length];
    for (let round = 0; round < 5; round++) {
      host.receive({ views: ["lines", "neuron", "text"] });
      await page.frames();
      host.receive({ views: ["text"] });
      await page.frames();
    }
    expect([host.listenerCount, page.observers.size, all(el, "*").length]).toEqual(before);
  });
});

describe("the end", () => {
  it("leaves no node, no listener, no observer, and hears nothing more", async () => {
    await open();
    const input = one<HTMLTextAreaElement>(el, "[aria-label=Text].aw-input");
    const row = queryRow(2);
    close();
    expect(el.childNodes).toHaveLength(0);
    expect(host.listenerCount).toBe(0);
    expect(page.observers.size).toBe(0);
    const [sent, saved] = [host.sent.length, host.saved.length];
    host.receive({ layer: 1, views: ["text"], busy: true });
    row.click();
    press(input, "Enter");
    page.system.set(true);
    await page.frames();
    expect([host.sent.length, host.saved.length]).toEqual([sent, saved]);
    expect(el.childNodes).toHaveLength(0);
  });

  it("in the middle of waiting leaves no timer that asks again", () => {
    vi.useFakeTimers();
    try {
      start();
      kernel.awake = false;
      vi.advanceTimersByTime(100);
      close();
      const sent = host.sent.length;
      vi.advanceTimersByTime(120_000);
      expect(host.sent.length).toBe(sent);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("of one display leaves the other as it is", async () => {
    await open();
    const second = document.createElement("div");
    document.body.append(second);
    const closeSecond = widget.render({ model: host as unknown as AnyModel<State>, el: second });
    await page.frames();
    close();
    host.receive({ layer: 1, heads: [1], token: 3 });
    await page.frames();
    const shown = all(second, ".aw-neuron-numbers .aw-softmax b").map((each) => each.textContent);
    expect(shown.sort()).toEqual(kernel.shown.weights(1, 1, 3).map(formatWeight).sort());
    closeSecond();
    expect(host.listenerCount).toBe(0);
  });
});
