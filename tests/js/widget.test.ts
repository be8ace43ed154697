/** The whole front end, with a kernel that answers from small arrays. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MeasureName, State } from "../../js/contract";
import { headColours } from "../../js/palette";
import { formatNumber, formatWeight } from "../../js/scales";
import widget from "../../js/widget";
import { NotebookHost } from "./helpers/host";
import { all, one, openPage, type Page, point, press } from "./helpers/page";
import { Kernel, mean, TinyModel } from "./helpers/python";
import { below, randomFrom } from "./helpers/random";
import { special, stateOf, token, tokensOf } from "./helpers/state";

const TEXT = "a small no|vel idea .";
const N = 8;

vi.setConfig({ testTimeout: 30_000 }); // jsdom is slow on a busy machine

let page: Page;
let host: NotebookHost;
let kernel: Kernel;
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

function start(change: Partial<State> = {}, model = new TinyModel(TEXT)): void {
  host = new NotebookHost(stateOf({ text: TEXT, meta: model.meta, ...change }));
  kernel = new Kernel(host, model, (text, run) => {
    if (!text.trim()) throw new Error("the text is empty");
    return new TinyModel(text, { run });
  });
  close = widget.render({ model: host as unknown as AnyModel<State>, el });
}

async function open(...given: Parameters<typeof start>): Promise<void> {
  start(...given);
  await page.frames();
}

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
const legend = () =>
  ["low", "high"].map((end) => one(view("text"), `.aw-legend-${end}`).textContent);
const strokes = () =>
  page
    .drawnOn(one<HTMLCanvasElement>(view("lines"), "canvas"))
    .filter(({ what }) => what === "stroke");

const INDICES = Array.from({ length: N }, (_, index) => index);
const mouse = new MouseEvent("pointermove");

describe("what is shown", () => {
  it("the model, the pickers and every view, in the order of the trait", async () => {
    await open({ views: ["text", "lines", "neuron"] });
    expect(one(el, ".aw-model").textContent).toBe("tiny · 2 layers · 8 tokens");
    expect(shownViews()).toEqual(["text", "lines", "neuron"]);
    expect(all(el, ".aw-picker .aw-chip")).toHaveLength(2 + 3);
    expect(alerts()).toEqual([]);
    expect(all(el, "[data-pending]")).toEqual([]);
    expect(all(view("lines"), ".aw-queries .aw-row")).toHaveLength(N);
    expect(view("text").querySelector(".aw-text")?.textContent).toBe(
      "[CLS]a small novel idea .[SEP]",
    );
  });

  it("asks for each tensor once and saves nothing by itself", async () => {
    await open();
    expect(host.saved).toEqual([]);
    expect(new Set(host.keys).size).toBe(host.keys.length);
    expect([...host.keys].sort()).toEqual(
      [
        "attention/encoder/0",
        "count_nan/encoder/0",
        "edges/encoder/0",
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
    await open({ text: HOSTILE.join(" "), views: ["lines", "neuron", "text"] }, model);
    kernel.failing.set("attention/encoder/1", HOSTILE.join());
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
    expect(el.querySelector("img, svg, script, style, iframe, object, [onerror], [onload]")).toBe(
      null,
    );
    for (const { tagName } of all(el, "*")) expect(tags).toContain(tagName);
    expect(one(view("text"), ".aw-text").textContent).toContain(HOSTILE.join(" "));
  });
});

describe("lines", () => {
  it("are drawn in the colours of the selected heads alone", async () => {
    await open();
    const drawn = () => new Set(strokes().map(({ colour }) => colour));
    expect(drawn()).toEqual(new Set(headColours(3, false)));
    host.receive({ heads: [1] });
    await page.frames();
    expect(drawn()).toEqual(new Set([headColours(3, false)[1]]));
    host.receive({ heads: [] });
    await page.frames();
    expect(strokes()).toEqual([]);
    expect(note("lines")).toBe("No head is selected.");
  });

  it("are fainter the smaller the weight, and never more than the weights there are", async () => {
    await open({ heads: [0] });
    const drawn = strokes();
    expect(drawn.length).toBeGreaterThan(3);
    for (const { alpha } of drawn) {
      expect(alpha).toBeGreaterThan(0);
      expect(alpha).toBeLessThanOrEqual(1);
    }
    const count = drawn.reduce((sum, { segments }) => sum + segments, 0);
    expect(count).toBeGreaterThan(N);
    expect(count).toBeLessThanOrEqual(N * N);
  });

  it.each([
    [[2], "overlay"],
    [[0, 2], "overlay"],
    [[0, 1, 2], "mean"],
  ] as const)(
    "of one token stand beside its exact weights (heads %j, %s)",
    async (heads, combine) => {
      await open({ token: 3, heads: [...heads], combine });
      const expected = mean(heads.map((head) => kernel.shown.weights(0, head, 3)));
      expect(INDICES.map(lineWeight)).toEqual(expected.map(formatWeight));
      const strongest = Math.max(...expected);
      const label = host.state.meta.tokens[expected.indexOf(strongest)]?.label ?? "";
      expect(note("lines")).toContain(`no → ${label} ${formatWeight(strongest)}`);
    },
  );

  it("hovering a query token shows its own, and leaving shows all again", async () => {
    await open({ heads: [0] });
    const before = strokes();
    point(queryRow(2), "pointerover");
    await page.frames();
    expect(INDICES.map(lineWeight)).toEqual(kernel.shown.weights(0, 0, 2).map(formatWeight));
    expect(strokes().reduce((sum, { segments }) => sum + segments, 0)).toBeLessThanOrEqual(N);
    expect(host.saved).toEqual([]);
    point(one(view("lines"), ".aw-rows.aw-queries"), "pointerleave");
    await page.frames();
    expect(strokes()).toEqual(before);
    expect(lineWeight(0)).toBe("");
  });

  it("hovering a key shows which queries attend to it", async () => {
    await open({ heads: [1] });
    point(keyRow(4), "pointerover");
    await page.frames();
    const received = INDICES.map((query) => kernel.shown.weights(0, 1, query)[4] ?? 0);
    const shown = INDICES.map((query) => one(queryRow(query), ".aw-weight").textContent);
    expect(shown).toEqual(received.map(formatWeight));
  });

  it("of a selected token tell each head's weight at the key under the mouse", async () => {
    await open({ token: 3 });
    point(keyRow(5), "pointerover");
    point(keyRow(5), "pointermove");
    const lines = [...tip("lines").children].map(({ textContent }) => textContent);
    const perHead = [0, 1, 2]
      .map((head) => [head, kernel.shown.weights(0, head, 3)[5] ?? 0] as const)
      .sort((a, b) => b[1] - a[1]);
    expect(lines).toEqual([
      "no → idea",
      ...perHead.map(([head, weight]) => `head ${head}: ${formatWeight(weight)}`),
    ]);
  });

  it("of the mean of heads are the mean's own, in one neutral colour", async () => {
    await open({ combine: "mean", heads: [0, 2] });
    expect(host.keys).toContain("edges_mean/encoder/0/0,2");
    const colours = new Set(strokes().map(({ colour }) => colour));
    expect(colours.size).toBe(1);
    expect(headColours(3, false)).not.toContain([...colours][0]);
  });
});

describe("the text", () => {
  const read = (change: Partial<State> = {}, ...more: [TinyModel?]) =>
    open({ words: true, ...change }, ...more);

  /** Units of the text: its words, by their tokens. */
  const WORDS = [[1], [2], [3, 4], [5], [6]];

  const wordVector = (index: number, tokens: number[]) =>
    mean(tokens.map((each) => kernel.shown.vector(index, each)));
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

  function check(scores: number[]): void {
    const known = scores.filter((score) => !Number.isNaN(score));
    const [low, high] = [Math.min(...known), Math.max(...known)];
    expect(legend()).toEqual([formatNumber(low), formatNumber(high)]);
    const [cls, ...rest] = units();
    const shown = rest.slice(0, -1).map(heat);
    expect(shown).toEqual(
      scores.map((score) =>
        Number.isNaN(score) ? null : Math.round((31 * (score - low)) / (high - low)),
      ),
    );
    expect([heat(cls), heat(rest.at(-1))]).toEqual([null, null]); // special tokens
  }

  it.each([
    ["embeddings", 0],
    ["hidden_states", 2],
  ] as const)("is coloured by the norm, in %s", async (space, index) => {
    await read({ measure: "norm", space, layer: 1 });
    check(WORDS.map((tokens) => Math.hypot(...wordVector(index, tokens))));
  });

  it("is coloured by the cosine to the word before; the first has none", async () => {
    await read({ measure: "previous_cosine", space: "embeddings" });
    const vectors = WORDS.map((tokens) => wordVector(0, tokens));
    check(vectors.map((v, i) => (i ? cosine(v, vectors[i - 1] ?? []) : Number.NaN)));
    expect(heat(unit("a"))).toBeNull();
  });

  it("is coloured by the cosine to the pinned word: 1 for itself", async () => {
    await read({ measure: "pinned_cosine", pinned: [4], space: "embeddings" });
    const vectors = WORDS.map((tokens) => wordVector(0, tokens));
    check(vectors.map((v) => cosine(v, vectors[2] ?? [])));
    expect(legend()[1]).toBe("1.000");
    expect(unit("novel").classList).toContain("aw-pinned");
    expect(heat(unit("novel"))).toBe(31);
  });

  it("is coloured by the attention from the selected word: mean of its tokens, sum over keys", async () => {
    await read({ measure: "attention_from", token: 3, heads: [0, 2] });
    const rows = [3, 4].flatMap((query) => [0, 2].map((h) => kernel.shown.weights(0, h, query)));
    const weights = mean(rows);
    check(WORDS.map((tokens) => tokens.reduce((sum, each) => sum + (weights[each] ?? 0), 0)));
  });

  it("is coloured by the attention received", async () => {
    await read({ measure: "attention_received", heads: [1], words: false });
    const weights = mean(INDICES.map((query) => kernel.shown.weights(0, 1, query)));
    check(weights.slice(1, -1));
  });

  it("a click pins a word at once, without the kernel; another click lets go", async () => {
    await read({ measure: "previous_cosine", space: "embeddings" });
    const asked = host.keys.length;
    kernel.awake = false;
    unit("novel").click();
    expect(host.state).toMatchObject({ pinned: [3], token: 3, measure: "pinned_cosine" });
    expect(host.saved).toHaveLength(1);
    expect(unit("novel").classList).toContain("aw-pinned");
    expect(heat(unit("novel"))).toBe(31);
    expect(legend()[1]).toBe("1.000");
    expect(heat(unit("small"))).not.toBeNull();
    expect(host.keys.slice(asked).filter((key) => key.startsWith("hidden_states"))).toEqual([]);

    unit("novel").click();
    expect(host.state).toMatchObject({ pinned: [], token: null, measure: "previous_cosine" });
    expect(unit("novel").classList).not.toContain("aw-pinned");
  });

  it("a click on another word pins that one instead", async () => {
    await read();
    unit("novel").click();
    unit("idea").click();
    expect(host.state.pinned).toEqual([5]);
    expect(all(view("text"), ".aw-pinned")).toEqual([unit("idea")]);
    unit("idea").click();
    expect(host.state).toMatchObject({ pinned: [], measure: "norm" });
  });

  it("a word set in Python by any of its tokens is the word; without words it is the token", async () => {
    await read({ pinned: [4], measure: "pinned_cosine" });
    expect(all(view("text"), ".aw-pinned")).toEqual([unit("novel")]);
    host.receive({ words: false });
    await page.frames();
    expect(all(view("text"), ".aw-pinned")).toEqual([unit("vel")]);
    expect(heat(unit("vel"))).toBe(31);
    expect(heat(unit("no"))).not.toBeNull();
  });

  it("the number stands beside the mouse", async () => {
    await read({ measure: "norm", space: "embeddings" });
    point(unit("novel"), "pointermove", mouse);
    const norm = Math.hypot(...wordVector(0, [3, 4]));
    const [pieces, place, score] = [...tip("text").children].map((each) => each.textContent);
    expect([pieces, place]).toEqual(["no · vel", "tokens 3–4"]);
    expect(Number(/^L2 norm: (.+)$/.exec(score ?? "")?.[1])).toBeCloseTo(norm, 5);
    point(one(view("text"), ".aw-text"), "pointerleave");
    expect(tip("text").hidden).toBe(true);
  });

  it("the keyboard walks from word to word, pins, and lets go", async () => {
    await read();
    const text = one(view("text"), ".aw-text");
    for (let step = 0; step < 4; step++) press(text, "ArrowRight");
    expect(host.state.token).toBe(3);
    press(text, "Enter");
    expect(host.state).toMatchObject({ pinned: [3], measure: "pinned_cosine" });
    press(text, "ArrowRight");
    expect(host.state).toMatchObject({ token: 5, pinned: [3] });
    press(text, "Escape");
    expect(host.state).toMatchObject({ token: null, pinned: [] });
    expect(units().slice(1, -1).map(heat)).not.toContain(null); // not left without a colour
  });

  it("keeps every word coloured whatever changes, in whatever order", async () => {
    await read({ pinned: [2], token: 3 });
    const random = randomFrom(11);
    const measures: MeasureName[] = [
      "norm",
      "previous_cosine",
      "pinned_cosine",
      "attention_from",
      "attention_received",
    ];
    for (let step = 0; step < 60; step++) {
      const choice = below(random, 6);
      if (choice === 0) host.receive({ words: !host.state.words });
      if (choice === 1) host.receive({ measure: measures[below(random, 5)] ?? "norm" });
      if (choice === 2) host.receive({ layer: below(random, 2) });
      if (choice === 3) host.receive({ space: random() < 0.5 ? "embeddings" : "hidden_states" });
      if (choice === 4) host.receive({ heads: [below(random, 3)] });
      if (choice === 5) {
        kernel.show(new TinyModel(TEXT, { run: kernel.shown.meta.run + 1 }), TEXT);
      }
      await page.frames();
      const { measure, words } = host.state;
      const inText = units().filter((node) => !node.classList.contains("aw-special"));
      expect(inText).toHaveLength(words ? 5 : 6);
      const uncoloured = inText.filter((node) => heat(node) === null);
      const expected = measure === "previous_cosine" ? 1 : 0;
      expect(uncoloured.length, `${measure}, words: ${words}, step ${step}`).toBe(expected);
    }
  });

  it("of many words is the same text, in blocks", async () => {
    const lines = Array.from({ length: 60 }, (_, line) => `line ${line} of a long text`);
    const tokens = tokensOf(lines.join(" ")).map((each) =>
      each.text === "line" && each.word ? { ...each, lead: "\n" } : each,
    );
    const long = lines.map((line) => line).join("\n");
    const many = [...tokens, ...tokens.slice(1)].map((each, index) => ({
      ...each,
      word: each.word === null ? null : each.word + (index < tokens.length ? 0 : 1000),
    }));
    await read({ views: ["text"], text: long }, new TinyModel(many));
    expect(one(view("text"), ".aw-text").textContent).toBe(`[CLS]${long}[SEP]${long}[SEP]`);
    expect(all(view("text"), ".aw-text > div").length).toBeGreaterThan(0);
    expect(units().map(({ dataset }) => Number(dataset.unit))).toEqual(
      units().map((_, index) => index),
    );
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
    expect(host.tensorRequests.filter(({ run }) => run === 2).length).toBeGreaterThan(4);
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
    expect(note("lines")).toContain("strongest lines");
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
    kernel.failing.set("grouped/words/show/edges/encoder/0", "MemoryError: 3 GB");
    await page.frames();
    expect(alerts().map(({ textContent }) => textContent)).toEqual(["MemoryError: 3 GB"]);
    expect(view("lines").contains(alerts()[0] ?? null)).toBe(true);
    expect(softmax(0)).toMatch(/^\d\.\d{4}$/);
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
    expect(softmax(0)).toMatch(/^\d\.\d{4}$/);
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
    expect(since).toContain("hidden_states/encoder/2");
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
