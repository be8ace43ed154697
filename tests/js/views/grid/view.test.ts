import { describe, expect, it } from "vitest";
import { scoreStep } from "../../../../js/draw/score_colours";
import { NUMBERS, type State } from "../../../../js/trace/contract";
import { grid } from "../../../../js/views/grid";
import { settled } from "../../helpers/host";
import { answer, element, mount, mountsViews, page, source, widget } from "../../helpers/mounted";
import { all, one, point, press } from "../../helpers/page";
import { attentionOf, type Connected, layerOf, metaOf, tokensOf } from "../../helpers/state";
import { tensorOf } from "../../helpers/tensors";

const META = metaOf("a b", { attention: attentionOf([layerOf(3), null, layerOf(2)]) });
const TRANSLATOR = metaOf("a b", {
  target: {
    tokens: tokensOf("x y z"),
    has_hidden_states: true,
    has_word_embeddings: true,
    generated: false,
    given: null,
    replaceable: false,
  },
  attention: [
    ...attentionOf([layerOf(2), layerOf(2)]),
    ...attentionOf([layerOf(2)], "decoder"),
    ...attentionOf([null, layerOf(2)], "cross"),
  ],
});

mountsViews();

async function show(change: Partial<State> = {}): Promise<Connected> {
  const colours = "--aw-raised: #0000ff";
  await mount("grid", grid, { meta: META, ...change }, colours);
  return widget;
}

const levels = (heads: number, level = 254) => ({
  shape: [heads, 4, 4],
  data: new Uint8Array(16 * heads).fill(level),
});
/** (summary, head): the n-th summary of head h is n + h / 10, but NaN for the first token. */
const numbers = (heads: number) =>
  tensorOf(
    [NUMBERS.length, heads],
    ...Array.from({ length: NUMBERS.length * heads }, (_, index) => {
      const summary = Math.floor(index / heads);
      return NUMBERS[summary] === "first" ? Number.NaN : summary + (index % heads) / 10;
    }),
  );

const answerAll = (level = 254) =>
  answer((name, _, heads) => (name === "thumbnails" ? levels(heads, level) : numbers(heads)));

const scroller = () => one(element, ".aw-grid");
const canvas = () => one<HTMLCanvasElement>(element, ".aw-grid canvas");
const images = () => page.drawnOn(canvas()).filter(({ what }) => what === "image");
const note = () => one(element, ".aw-note").textContent ?? "";
const tip = () => one(element, ".aw-tooltip");
const written = () => all(element, ".aw-grid-marks text").map(({ textContent }) => textContent);
const cell = () => one(element, "[role=gridcell]").textContent ?? "";
const selects = () => all<HTMLSelectElement>(element, ".aw-controls select");
const sort = () => one<HTMLButtonElement>(element, '[data-option="sort_heads"]');
const WEIGHT = "weight00.10.51"; // 0, the ticks that have room, 1
const legend = () => all(element, ".aw-legend-item").map(({ textContent }) => textContent);

/** A mouse event over the picture of a head that stands in this row and column. */
function over(type: string, row: number, column: number, held: MouseEventInit = {}): void {
  const frames = all<SVGElement>(element, ".aw-grid-marks > svg");
  const [left, top] = ["x", "y"].map((name) => Number(frames[0]?.getAttribute(name)));
  const size = pitch();
  const at = {
    clientX: (left ?? 0) + column * size + size / 2,
    clientY: (top ?? 0) + rowY(row) + 10,
  };
  if (type.startsWith("pointer")) point(scroller(), type, { ...at, ...held });
  else scroller().dispatchEvent(new MouseEvent(type, { bubbles: true, ...at, ...held }));
}

/** 120 px pictures with gaps of 2; the row without attention is 16 px tall. */
const pitch = () => 122;
const rowY = (row: number) => [2, 124, 142][row] ?? 0;

describe("what is asked for", () => {
  it("the pictures of the layers in sight", async () => {
    await show();
    expect(source.keys).toEqual(["thumbnails/encoder/0", "thumbnails/encoder/2"]);
    expect(scroller().hasAttribute("data-pending")).toBe(true);
    source.answer("thumbnails/encoder/0", levels(3));
    await settled();
    expect(scroller().hasAttribute("data-pending")).toBe(true);
    source.answer("thumbnails/encoder/2", levels(2));
    await settled();
    expect(scroller().hasAttribute("data-pending")).toBe(false);
    expect(source.keys).toHaveLength(2);
  });

  it("numbers only for a head under the mouse, or where they colour", async () => {
    await show();
    await answerAll();
    over("pointermove", 2, 0);
    expect(source.keys.at(-1)).toBe("summaries/encoder/2");
    await answerAll();
    const before = source.keys.length;
    widget.state.summary.value = "entropy";
    await answerAll();
    expect(source.keys.slice(before)).toEqual(["summaries/encoder/0"]);
  });

  it("of words and without special tokens, as the rows are", async () => {
    await show({ words: true, special_tokens: "hide" });
    expect(source.keys[0]).toBe("grouped/words/hide/thumbnails/encoder/0");
    await answerAll();
    widget.state.words.value = false;
    await answerAll();
    expect(source.keys.at(-1)).toBe("grouped/tokens/hide/thumbnails/encoder/2");
    expect(images()).toHaveLength(5);
  });

  it("of the window that is shown", async () => {
    const window = (start: number, stop: number) => ({
      positions: [start, start + 1],
      specials: [],
      own: [start, stop],
    });
    await show({ meta: { ...META, windows: [window(0, 2), window(2, 4)] }, token: 3 });
    expect(source.keys[0]).toBe("window/1/thumbnails/encoder/0");
    expect(one(element, ".aw-where").textContent).toContain("window 2 of 2");
  });

  it("another text is another run, and what comes late of the old one is dropped", async () => {
    const { host } = await show();
    host.receive({ meta: { ...META, run: 2 } });
    await settled();
    expect(source.wishes.map(({ run }) => run)).toEqual([1, 1, 2, 2]);
    expect(source.wishes[0]?.signal.aborted).toBe(true);
    await answerAll();
    expect(images()).toHaveLength(5);
  });

  it("what is refused is said, and the rest comes", async () => {
    await show();
    source.wishFor("thumbnails/encoder/0").reject(new Error("not included in this export"));
    await settled();
    await answerAll();
    expect(one(element, ".aw-error").textContent).toBe("not included in this export");
    expect(images()).toHaveLength(2);
  });
});

describe("what is drawn", () => {
  it("a picture for each head, from pictures that are made once", async () => {
    await show();
    expect(images()).toHaveLength(0);
    await answerAll();
    expect(images()).toHaveLength(5);
    expect(canvas().dataset.made).toBe("5");
    widget.state.layer.value = 2;
    await page.frames();
    expect(images()).toHaveLength(5);
    expect(canvas().dataset.made).toBe("5");
  });

  it("layers and heads by number, and a layer without attention as what it is", async () => {
    await show();
    await answerAll();
    expect(written()).toEqual([
      "head →",
      "layer ↓",
      ...["0", "1", "2"],
      ...["0", "2"],
      "layer 1: no attention of this kind",
    ]);
    expect(note()).toMatch(/^5 heads in 2 layers\./);
  });

  it("one row for layers that have no pictures, with the reason", async () => {
    const attention = attentionOf([
      { ...layerOf(3), held: [] },
      { ...layerOf(3), held: [] },
      layerOf(3),
      null,
    ]);
    await show({ meta: metaOf("a b", { attention }), layer: 1 });
    expect(written()).toContain("layers 0–1: not included in this export");
    expect(written()).toContain("layer 3: no attention of this kind");
    const bold = all(element, '.aw-grid-marks [font-weight="700"]');
    expect(bold.map(({ textContent }) => textContent)).toContain(
      "layers 0–1: not included in this export", // the layer that is shown is one of them
    );
    expect(source.keys).toEqual(["thumbnails/encoder/2"]);
  });

  it("a summary's colour alone where there is no room for its number", async () => {
    await show({
      meta: metaOf("a b", { attention: attentionOf(Array(60).fill(layerOf(30))) }),
      summary: "entropy",
    });
    await answerAll();
    expect(source.keys.every((key) => key.startsWith("summaries/"))).toBe(true); // no picture
    expect(images()).toHaveLength(0);
    expect(legend()).toEqual(["entropy02.90 nats"]);
  });

  it("one frame around selected heads that stand side by side", async () => {
    await show({ heads: [0, 1, 2] });
    const [whole, ...others] = all(element, ".aw-grid-marks > svg rect");
    expect(others).toHaveLength(0);
    expect(Number(whole?.getAttribute("width"))).toBe(3 * pitch() - 2 + 2);
    const bold = all(element, '.aw-grid-marks [font-weight="700"]');
    expect(bold.map(({ textContent }) => textContent)).toEqual(["0", "1", "2", "0"]);
  });

  it("frames around the selected heads of the layer", async () => {
    await show({ heads: [0, 2] });
    const framed = () => all(element, ".aw-grid-marks > svg rect").length;
    expect(framed()).toBe(2);
    widget.state.layer.value = 2; // which has no third
    await page.frames();
    expect(framed()).toBe(1);
  });

  it("a summary's colours and numbers", async () => {
    await show();
    expect(sort().hidden).toBe(true);
    widget.state.summary.value = "distance";
    await answerAll();
    expect(written().slice(-6)).toEqual([
      "layer 1: no attention of this kind",
      ...["1.0", "1.1", "1.2", "1.0", "1.1"],
    ]);
    expect(legend()).toEqual(["distance01.2 tokens", WEIGHT]);
    expect(sort().hidden).toBe(false);
    const papers = page.drawnOn(canvas()).filter(({ what }) => what === "rect");
    const share = (value: number) => scoreStep(widget.state, value / 1.2).colour;
    const seen = papers.slice(-10).map(({ colour }) => colour); // a picture's paper, its number's
    expect(seen.filter((_, place) => place % 2)).toEqual(
      [1, 1.1, 1.2, 1, 1.1].map((value) => share(value)),
    );
    expect(new Set(seen.filter((_, place) => place % 2 === 0)).size).toBe(1);
  });

  it("NaN, with its own colour in the legend", async () => {
    await show();
    await answerAll(255);
    expect(legend()).toEqual([WEIGHT, "NaN"]);
  });

  it("heads by rank, largest first, once all numbers are here", async () => {
    await show({ summary: "entropy", sort_heads: true });
    expect(written()).toContain("layer ↓");
    expect(note()).toContain("left …");
    await answerAll();
    expect(written().filter((text) => text?.includes("·"))).toEqual([
      ...["0·2", "0·1", "2·1", "0·0", "2·0"],
    ]);
    expect(note()).toMatch(/^5 heads by entropy, largest first/);
    widget.state.sort_heads.value = false;
    await page.frames();
    expect(written()).toContain("layer ↓");
  });

  it("all kinds of attention of a translator, each under its name", async () => {
    await show({ meta: TRANSLATOR });
    await answerAll();
    expect(images()).toHaveLength(8);
    expect(written()).toEqual(
      expect.arrayContaining([
        "Encoder: self-attention",
        "Decoder: self-attention",
        "Cross-attention: decoder to encoder",
      ]),
    );
  });

  it("what a long text leaves out is said", async () => {
    const tokens = tokensOf(Array.from({ length: 998 }, () => "a").join(" "));
    await show({ meta: metaOf(tokens, { attention: META.attention }) });
    expect(note()).toContain("up to 16 × 32 weights and shows the largest");
    expect(note()).toContain("Computed from 512 of 1,000 queries, evenly spaced.");
  });

  it("in three languages", async () => {
    await show({ locale: "ru", summary: "previous" });
    await answerAll();
    expect(one(element, ".aw-title").textContent).toBe("Сетка голов");
    expect(legend()[0]).toBe("предыдущий токен03,200");
    expect(note()).toMatch(/^5 голов в 2 слоях\./);
  });

  it("summaries that tell nothing here cannot be chosen", async () => {
    await show({ special_tokens: "hide" });
    const off = () =>
      [...(selects()[0]?.options ?? [])].flatMap((o) => (o.disabled ? o.value : []));
    expect(off()).toEqual(["special", "sink", "divergence"]);
    widget.state.special_tokens.value = "show";
    expect(off()).toEqual(["sink", "divergence"]);
    const lone = metaOf("a", { attention: attentionOf([layerOf(1)], "cross") });
    widget.host.receive({ meta: lone, attention_kind: "cross" });
    const compared = ["distance", "distance_variance", "previous", "next", "self"];
    expect(off()).toEqual([
      ...compared,
      "duplicate",
      "induction",
      "same_word",
      "sink",
      "divergence",
    ]);
  });
});

it("where all tokens are hidden there is nothing to draw", async () => {
  await show({ special_tokens: "hide" });
  source.answer("grouped/tokens/hide/thumbnails/encoder/0", {
    shape: [3, 0, 0],
    data: new Uint8Array(),
  });
  await settled();
  await page.frames();
  expect(images()).toHaveLength(0);
  expect(scroller().hasAttribute("data-pending")).toBe(true); // the next layer
});

describe("the mouse", () => {
  it("a click is that head alone, in Python too", async () => {
    const { host } = await show();
    over("click", 2, 1);
    expect(host.saved).toEqual([{ layer: 2, heads: [1] }]);
    expect(widget.state.focusHead.value).toBe(1);
    over("click", 0, 2);
    expect(host.saved.at(-1)).toEqual({ layer: 0, heads: [2] });
  });

  it("a Ctrl-click adds a head or takes it away, of another layer too", async () => {
    const { state } = await show();
    over("click", 0, 2, { ctrlKey: true });
    expect(state.heads.value).toEqual([0, 2]);
    over("click", 0, 0, { ctrlKey: true });
    expect(state.heads.value).toEqual([2]);
    over("click", 2, 1, { metaKey: true });
    expect([state.layer.value, state.heads.value]).toEqual([2, [1]]);
    expect(state.head_pairs.value).toEqual([
      [0, 2],
      [2, 1],
    ]);
    over("click", 2, 0);
    expect(state.head_pairs.value).toEqual([]);
  });

  it("a click beside the pictures is none", async () => {
    const { host } = await show();
    scroller().dispatchEvent(new MouseEvent("click", { clientX: 3, clientY: 3 }));
    over("click", 1, 0); // no attention
    over("click", 0, 3);
    expect(host.saved).toEqual([]);
  });

  it("a double click opens the lines, beside the grid where they were not shown", async () => {
    const { state } = await show({ views: ["text", "grid", "neuron"] });
    over("dblclick", 2, 0);
    expect(state.views.value).toEqual(["text", "grid", "lines", "neuron"]);
    expect([state.layer.value, state.heads.value]).toEqual([2, [0]]);
    over("dblclick", 0, 0);
    expect(state.views.value).toEqual(["text", "grid", "lines", "neuron"]);
  });

  it("the chosen number of the head under it, once it is here, and no other", async () => {
    await show();
    await answerAll();
    over("pointermove", 2, 1);
    const lines = () => all(tip(), "div").map(({ textContent }) => textContent);
    expect(lines()).toEqual(["layer 2, head 1"]);
    widget.state.summary.value = "entropy";
    expect(lines()).toEqual(["layer 2, head 1", "…"]);
    await answerAll();
    expect(lines()).toEqual(["layer 2, head 1", "entropy: 0.10 nats"]);
    widget.state.summary.value = "distance_variance";
    expect(lines()).toEqual(["layer 2, head 1", "variance of distance: 2.1 tokens²"]);
    widget.state.summary.value = "first"; // which is NaN
    expect(lines()).toEqual(["layer 2, head 1"]);
    point(scroller(), "pointerleave");
    expect(tip().hidden).toBe(true);
  });

  it("a head of another kind brings that kind, and lets go of another text's tokens", async () => {
    const { state } = await show({ meta: TRANSLATOR, token: 1, key_token: 2, pinned: [0] });
    press(scroller(), "End", { ctrlKey: true });
    press(scroller(), " ");
    expect(state.attention_kind.value).toBe("cross");
    expect([state.layer.value, state.heads.value]).toEqual([1, [1]]);
    expect([state.token.value, state.pinned.value]).toEqual([null, []]);
    expect(state.key_token.value).toBe(2); // the keys are the same text
  });
});

describe("the keyboard", () => {
  it("walks from the selected head, past layers without attention", async () => {
    await show({ heads: [2] });
    scroller().focus();
    expect(cell()).toContain("layer 0, head 2");
    press(scroller(), "ArrowDown");
    expect(cell()).toContain("layer 2, head 1"); // the nearest that it has
    press(scroller(), "ArrowLeft");
    expect(cell()).toContain("layer 2, head 0");
    press(scroller(), "Home", { ctrlKey: true });
    expect(cell()).toContain("layer 0, head 0");
    press(scroller(), "End");
    expect(cell()).toContain("layer 0, head 2");
    expect(cell()).toContain("selected");
    expect(widget.state.layer.value).toBe(0);
  });

  it("Space selects, with Ctrl several, Enter opens", async () => {
    const { state } = await show();
    scroller().focus();
    press(scroller(), "ArrowRight");
    press(scroller(), " ", { ctrlKey: true });
    expect(state.heads.value).toEqual([0, 1]);
    press(scroller(), " ");
    expect(state.heads.value).toEqual([1]);
    press(scroller(), "PageDown");
    press(scroller(), "Enter");
    expect([state.layer.value, state.heads.value]).toEqual([2, [1]]);
    expect(state.views.value).toEqual(["grid", "lines"]);
  });

  it("a screen reader hears of one cell in its place, and of the number", async () => {
    await show({ heads: [1], summary: "entropy" });
    scroller().focus();
    await answerAll();
    const told = one(element, "[role=gridcell]");
    expect(scroller().getAttribute("aria-activedescendant")).toBe(told.id);
    expect(scroller().getAttribute("aria-rowcount")).toBe("3");
    expect(scroller().getAttribute("aria-colcount")).toBe("3");
    expect(told.getAttribute("aria-colindex")).toBe("2");
    expect(told.getAttribute("aria-selected")).toBe("true");
    expect(cell()).toContain("entropy: 0.10 nats");
    press(scroller(), "ArrowRight");
    expect(told.getAttribute("aria-selected")).toBe("false");
  });

  it("keys that mean nothing here are left to the page", async () => {
    await show();
    expect(press(scroller(), "a").defaultPrevented).toBe(false);
    expect(press(scroller(), "Tab").defaultPrevented).toBe(false);
    expect(press(scroller(), "ArrowUp").defaultPrevented).toBe(true);
  });

  it("+ and − change the size, 0 fits again; buttons are there only while they are of use", async () => {
    await show();
    const larger = one<HTMLButtonElement>(element, '[aria-label="Larger pictures"]');
    const isOffered = () => !larger.closest<HTMLElement>("[hidden]");
    expect(isOffered()).toBe(false);
    const wide = () => Number.parseFloat(one(element, ".aw-grid-space").style.width);
    const fitted = wide();
    press(scroller(), "-");
    await page.frames();
    expect(wide()).toBeLessThan(fitted);
    expect(isOffered()).toBe(true);
    press(scroller(), "0");
    await page.frames();
    expect(wide()).toBe(fitted);
    expect(isOffered()).toBe(false);
    larger.click();
    await page.frames();
    expect(wide()).toBeGreaterThan(fitted);
  });
});

it("leaves nothing behind", async () => {
  await show();
  widget.controller.abort();
  expect(page.observers.size).toBe(0);
  const { length } = source.wishes;
  widget.state.words.value = true;
  await page.frames();
  expect(source.wishes).toHaveLength(length);
});

const LONG = metaOf("a b c d e f g", { attention: attentionOf([layerOf(3), layerOf(2)]) });
const SCORES: Partial<Record<string, number[][]>> = {
  previous: [
    [0.2, 0.9, 0],
    [0.6, 0],
  ],
  first: [
    [0, 0, 0.95],
    [0, 0.5],
  ],
};

/** Heads 0.1 and 1.0 attend to the previous token, 0.2 to the first one. */
const labelledHeads = () =>
  answer((name, layer, heads) => {
    if (name === "thumbnails") return levels(heads);
    const data = NUMBERS.flatMap((each) =>
      Array.from({ length: heads }, (_, head) => SCORES[each]?.[layer]?.[head] ?? 0),
    );
    return tensorOf([NUMBERS.length, heads], ...data);
  });

const names = () =>
  written().filter((text) => ["previous", "first", "P", "F"].includes(text ?? ""));

describe("labels", () => {
  it("stand below pictures, in a tooltip and in what is read out", async () => {
    await show({ meta: LONG });
    await labelledHeads();
    await page.frames();
    expect(names()).toEqual(["previous", "first", "previous"]);
    press(scroller(), "ArrowRight");
    expect(cell()).toContain("attends to the previous token (0.90)");
    widget.state.head_label.value = "none";
    await page.frames();
    expect(names()).toEqual([]);
  });

  it("are letters where names have no room, and the note tells of which", async () => {
    await show({ meta: LONG });
    await labelledHeads();
    for (let step = 0; step < 9; step++) press(scroller(), "-"); // to 16 px
    await page.frames();
    expect(names()).toEqual(["P", "P"]); // patterns alone
    expect(note()).toContain("P previous.");
    expect(note()).not.toContain("F first");
    expect(legend()).toEqual([WEIGHT]);
  });

  it("choose heads, in the order of layers or of a summary", async () => {
    await show({ meta: LONG, head_label: "previous" });
    await labelledHeads();
    await page.frames();
    expect(written()).toEqual(["0·1", "0.90", "1·0", "0.60"]);
    expect(note()).toMatch(/^2 of 5 heads called “previous”, in the order of layers/);
    widget.state.summary.value = "first";
    widget.state.sort_heads.value = true;
    await labelledHeads();
    await page.frames();
    expect(written().filter((text) => text?.includes("·"))).toEqual(["0·1", "1·0"]);
    const label = one<HTMLSelectElement>(element, '[data-option="head_label"] select');
    const off = [...label.options].flatMap((each) => (each.disabled ? [] : each.value));
    expect(off).toEqual(["all", "none", "previous", "first"]);
  });

  it("are not told of a short text, nor asked for", async () => {
    await show();
    await answerAll();
    expect(source.keys.some((key) => key.includes("summaries"))).toBe(false);
  });
});
