/** The text view within the whole front end, with a kernel that answers from small arrays. */

import { describe, expect, it, vi } from "vitest";
import { shareOf } from "../../../../js/draw/weight_scale";
import { numbersIn } from "../../../../js/language/numbers";
import type { State } from "../../../../js/trace/contract";
import type { Measure } from "../../../../js/trace/options";
import { el, host, kernel, opensWidgets, openWidget, page } from "../../helpers/opened";
import { all, one, point, press } from "../../helpers/page";
import { mean, TinyModel } from "../../helpers/python";
import { below, randomFrom } from "../../helpers/random";
import { special, token, tokensOf } from "../../helpers/state";

const { end: formatEnd, glance: formatNumber } = numbersIn("en");

const TEXT = "a small no|vel idea .";
const N = 8;
const INDICES = Array.from({ length: N }, (_, index) => index);

vi.setConfig({ testTimeout: 30_000 }); // jsdom is slow on a busy machine

opensWidgets();

/** Words are the units, where nothing else is said. */
const open = (change: Partial<State> = {}, model?: TinyModel) =>
  openWidget(TEXT, { views: ["text"], words: true, ...change }, model);

const view = () => one(el, ".aw-view-text");
const text = () => one(view(), ".aw-text");
const note = () => one(view(), ".aw-note").textContent;
const tip = () => one(view(), ".aw-tooltip");
const tipLines = () => [...tip().children].map(({ textContent }) => textContent);
const units = () => all(view(), ".aw-unit");
const unit = (words: string) => {
  const [found] = units().filter(({ textContent }) => textContent === words);
  if (!found) throw new Error(`no unit ${words}`);
  return found;
};
const numbered = (node: HTMLElement | undefined, kind: string) => {
  const [name, ...more] = [...(node?.classList ?? [])].filter((each) => each.startsWith(kind));
  expect(more).toEqual([]);
  return name === undefined ? null : Number(name.replace(kind, ""));
};
const heat = (node: HTMLElement | undefined) => numbered(node, "aw-heat-");
const hue = (node: HTMLElement | undefined) => numbered(node, "aw-hue-");
const legend = () => ["low", "high"].map((end) => one(view(), `.aw-legend-${end}`).textContent);
const ramp = () => one(view(), ".aw-ramp i").style.background.match(/rgb\([^)]*\)/g) ?? [];
const chips = () => all<HTMLButtonElement>(view(), ".aw-pin");
const chipNames = () => chips().map((chip) => one(chip, ".aw-pin-name").textContent);
const field = (label: string) => {
  const [found] = all(view(), ".aw-field").filter(
    (each) => each.querySelector("span")?.textContent === label,
  );
  if (!found) throw new Error(`no field ${label}`);
  return found;
};
const choose = (label: string, value: string) => {
  const list = one<HTMLSelectElement>(field(label), "select");
  list.value = value;
  list.dispatchEvent(new Event("change"));
};
const click = (node: Element, held: MouseEventInit = {}) =>
  node.dispatchEvent(new MouseEvent("click", { bubbles: true, ...held }));
const mouse = new MouseEvent("pointermove");

const WORD_NAMES = ["small", "novel", "idea"];

describe("the text", () => {
  /** Units of the text: its words, by their tokens. */
  const WORDS = [[1], [2], [3, 4], [5], [6]];

  const wordVector = (index: number, tokens: number[]) =>
    mean(tokens.map((each) => kernel.shown.vector(index, each)));
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

  function check(scores: number[]): void {
    const known = scores.filter((score) => !Number.isNaN(score));
    const [low, high] = [Math.min(...known), Math.max(...known)];
    expect(legend()).toEqual([formatEnd(low), formatEnd(high)]);
    const [cls, ...rest] = units();
    const shown = rest.slice(0, -1).map(heat);
    expect(shown).toEqual(
      scores.map((score) =>
        Number.isNaN(score) ? null : Math.round((31 * (score - low)) / (high - low)),
      ),
    );
    expect([heat(cls), heat(rest.at(-1))]).toEqual([null, null]); // special tokens
  }

  /** Weights are on the scale that all views share, from 0 to 1. */
  function checkWeights(weights: number[]): void {
    expect(legend()).toEqual(["0", "1"]);
    const shown = units().slice(1, -1).map(heat);
    expect(shown).toEqual(weights.map((weight) => Math.round(31 * Math.sqrt(weight))));
  }

  it.each([
    ["embeddings", 0],
    ["hidden_states", 2],
  ] as const)("is coloured by the norm, in %s", async (space, index) => {
    await open({ measure: "norm", space, layer: 1 });
    check(WORDS.map((tokens) => Math.hypot(...wordVector(index, tokens))));
  });

  it("is coloured by the cosine to the word before; the first has none", async () => {
    await open({ measure: "previous_cosine", space: "embeddings" });
    const vectors = WORDS.map((tokens) => wordVector(0, tokens));
    check(vectors.map((v, i) => (i ? cosine(v, vectors[i - 1] ?? []) : Number.NaN)));
    expect(heat(unit("a"))).toBeNull();
  });

  it("is coloured by the cosine to the pinned word: 1 for itself", async () => {
    await open({ measure: "pinned_cosine", pinned: [4], space: "embeddings" });
    const vectors = WORDS.map((tokens) => wordVector(0, tokens));
    check(vectors.map((v) => cosine(v, vectors[2] ?? [])));
    expect(legend()[1]).toBe("1.000");
    expect(unit("novel").classList).toContain("aw-pinned");
    expect(heat(unit("novel"))).toBe(31);
  });

  it("is coloured by the attention from the selected word: mean of its tokens, sum over keys", async () => {
    await open({ measure: "attention_from", token: 3, heads: [0, 2] });
    const rows = [3, 4].flatMap((query) => [0, 2].map((h) => kernel.shown.weights(0, h, query)));
    const weights = mean(rows);
    checkWeights(
      WORDS.map((tokens) => tokens.reduce((sum, each) => sum + (weights[each] ?? 0), 0)),
    );
  });

  it("leaves the colours to the others where one is far beyond them, and marks it", async () => {
    const model = new TinyModel(TEXT);
    const vectors = model.hidden[1] as Float32Array;
    const size = vectors.length / model.n;
    for (let i = 0; i < size; i++) vectors[size + i] = 500 * (vectors[size + i] ?? 0); // "a"
    await open({ measure: "norm", layer: 0 }, model);
    const norms = WORDS.map((tokens) => Math.hypot(...wordVector(1, tokens)));
    const [far = 0, ...others] = norms;
    const [low, high] = [Math.min(...others), Math.max(...others)];
    expect(legend()).toEqual([formatEnd(low), formatEnd(high)]);
    expect(one(view(), ".aw-legend-beyond").textContent).toBe(`▲ 1 above: ${formatEnd(far)}`);
    expect(all(view(), ".aw-above")).toEqual([unit("a")]);
    expect(all(view(), ".aw-below")).toEqual([]);
    const heats = ["a", "small", "novel", "idea"].map((name) => heat(unit(name)));
    expect(heats[0]).toBe(31);
    expect(heats.slice(1)).toContain(0);
    point(unit("a"), "pointermove");
    expect(one(view(), ".aw-tooltip").textContent).toContain(formatNumber(far));
    host.receive({ colour_map: "diverging" });
    await page.frames();
    expect(legend()).toEqual([formatEnd(-high), `+${formatEnd(high)}`]);
    expect(all(view(), ".aw-above")).toEqual([unit("a")]);
    host.receive({ space: "embeddings" });
    await page.frames();
    expect(all(view(), ".aw-above")).toEqual([]);
    expect(all(view(), ".aw-legend-beyond")).toEqual([]);
  });

  it("has no contrast where all are alike, and says so", async () => {
    const model = new TinyModel(TEXT);
    const vectors = model.hidden[1] as Float32Array;
    const size = vectors.length / model.n;
    vectors.forEach((_, at) => {
      vectors[at] = at % size ? 0 : 13.86 + 1e-5 * (at / size);
    });
    await open({ measure: "norm", layer: 0, words: false }, model);
    expect(legend()).toEqual(["all 13.86", ""]);
    const heats = ["a", "small", "idea"].map((name) => heat(unit(name)));
    expect(new Set(heats).size).toBe(1);
    expect(new Set(ramp()).size).toBe(1);
  });

  it("is coloured by the attention received", async () => {
    await open({ measure: "attention_received", heads: [1], words: false });
    const weights = mean(INDICES.map((query) => kernel.shown.weights(0, 1, query)));
    checkWeights(weights.slice(1, -1));
  });

  it("a click pins a word at once, without the kernel; another click lets go", async () => {
    await open({ measure: "previous_cosine", space: "embeddings" });
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

  it("a click pins while attention from a token is shown, and a second shows that again", async () => {
    await open({ measure: "attention_from", token: 3, heads: [1] });
    const heats = () => WORD_NAMES.map((name) => heat(unit(name)));
    const before = heats();
    unit("idea").click();
    await page.frames();
    expect(host.state).toMatchObject({ token: 5, pinned: [5], measure: "pinned_cosine" });
    expect(note()).toContain("Cosine to “idea”");
    unit("small").click();
    expect(host.state).toMatchObject({ token: 2, pinned: [2], measure: "pinned_cosine" });
    unit("small").click();
    await page.frames();
    expect(host.state).toMatchObject({ token: 3, pinned: [], measure: "attention_from" });
    expect(heats()).toEqual(before);
  });

  it("a click with Alt selects, and does not pin", async () => {
    await open({ measure: "attention_from", token: 3, heads: [1] });
    click(unit("idea"), { altKey: true });
    expect(host.state).toMatchObject({ token: 5, pinned: [], measure: "attention_from" });
    click(unit("idea"), { altKey: true });
    expect(host.state).toMatchObject({ token: null, pinned: [] });
  });

  it("its key goes to the search, and its pins have a row while there are any", async () => {
    await open();
    const bar = one(view(), ".aw-pin-bar");
    expect(bar.hidden).toBe(true);
    unit("novel").click();
    expect(bar.hidden).toBe(false);
    expect(one(text().parentElement as HTMLElement, ".aw-text + .aw-pin-bar")).toBe(bar);
    text().focus();
    press(text(), "/");
    expect(document.activeElement).toBe(one(view(), ".aw-search-input"));
  });

  it("a click on another word pins that one instead", async () => {
    await open();
    unit("novel").click();
    unit("idea").click();
    expect(host.state.pinned).toEqual([5]);
    expect(all(view(), ".aw-pinned")).toEqual([unit("idea")]);
    unit("idea").click();
    expect(host.state).toMatchObject({ pinned: [], measure: "norm" });
  });

  it("a word set in Python by any of its tokens is the word; without words it is the token", async () => {
    await open({ pinned: [4], measure: "pinned_cosine" });
    expect(all(view(), ".aw-pinned")).toEqual([unit("novel")]);
    host.receive({ words: false });
    await page.frames();
    expect(all(view(), ".aw-pinned")).toEqual([unit("vel")]);
    expect(heat(unit("vel"))).toBe(31);
    expect(heat(unit("no"))).not.toBeNull();
  });

  it("the number stands beside the mouse", async () => {
    await open({ measure: "norm", space: "embeddings" });
    point(unit("novel"), "pointermove", mouse);
    const norm = Math.hypot(...wordVector(0, [3, 4]));
    const [pieces, place, score] = [...tip().children].map((each) => each.textContent);
    expect([pieces, place]).toEqual(["no · vel", "tokens 3–4"]);
    expect(score).toBe(`L2 norm: ${formatNumber(norm)}`);
    point(text(), "pointerleave");
    expect(tip().hidden).toBe(true);
  });

  it("the keyboard walks from word to word, pins, and lets go", async () => {
    await open();
    const place = text();
    for (let step = 0; step < 4; step++) press(place, "ArrowRight");
    expect(host.state.token).toBe(3);
    press(place, "Enter");
    expect(host.state).toMatchObject({ pinned: [3], measure: "pinned_cosine" });
    press(place, "ArrowRight");
    expect(host.state).toMatchObject({ token: 5, pinned: [3] });
    press(place, "Escape");
    expect(host.state).toMatchObject({ token: null, pinned: [] });
    expect(units().slice(1, -1).map(heat)).not.toContain(null); // not left without a colour
  });

  it("keeps every word coloured whatever changes, in whatever order", async () => {
    await open({ pinned: [2], token: 3 });
    const random = randomFrom(11);
    const measures: Measure[] = [
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
    const lines = Array.from({ length: 90 }, (_, line) => `line ${line} of a long text`);
    const tokens = tokensOf(lines.join(" ")).map((each) =>
      each.text === "line" && each.word ? { ...each, lead: "\n" } : each,
    );
    const long = lines.map((line) => line).join("\n");
    const many = [...tokens, ...tokens.slice(1)].map((each, index) => ({
      ...each,
      word: each.word === null ? null : each.word + (index < tokens.length ? 0 : 1000),
    }));
    await open({ views: ["text"], text: long }, new TinyModel(many));
    expect(text().textContent).toBe(`[CLS]${long}[SEP]${long}[SEP]`);
    expect(all(view(), ".aw-block").length).toBeGreaterThan(1);
    expect(units().map(({ dataset }) => Number(dataset.unit))).toEqual(
      units().map((_, index) => index),
    );
  });

  // ---- several pins --------------------------------------------------------------------------

  const cosinesTo = (index: number, targets: number[][]) => {
    const vectors = WORDS.map((tokens) => wordVector(index, tokens));
    return targets.map((target) => vectors.map((v) => cosine(v, wordVector(index, target))));
  };

  it("a click with Ctrl, ⌘ or Shift pins one more, and lets go of it", async () => {
    await open({ space: "embeddings" });
    click(unit("novel"));
    click(unit("idea"), { ctrlKey: true });
    click(unit("a"), { shiftKey: true });
    expect(host.state).toMatchObject({ pinned: [3, 5, 1], token: 1, measure: "pinned_cosine" });
    expect(all(view(), ".aw-pinned")).toEqual([unit("a"), unit("novel"), unit("idea")]);
    expect(chipNames()).toEqual(["“novel”", "“idea”", "“a”"]);
    click(unit("idea"), { metaKey: true });
    expect(host.state).toMatchObject({ pinned: [3, 1], token: 1 });
    click(unit("a"), { ctrlKey: true });
    expect(host.state).toMatchObject({ pinned: [3], token: null, measure: "pinned_cosine" });
    click(unit("small"), { ctrlKey: true });
    click(unit("novel")); // alone: the others are let go
    expect(host.state).toMatchObject({ pinned: [3], token: 3 });
    click(unit("novel"));
    expect(host.state).toMatchObject({ pinned: [], token: null, measure: "norm" });
    expect(chips()).toEqual([]);
  });

  it("each word has the colour of the pin it is nearest to, on one scale for all", async () => {
    await open({ space: "embeddings", measure: "pinned_cosine", pinned: [4, 5] });
    const [toNovel = [], toIdea = []] = cosinesTo(0, [[3, 4], [5]]);
    const nearest = WORDS.map((_, word) => Math.max(toNovel[word] ?? 0, toIdea[word] ?? 0));
    check(nearest);
    const inText = units().slice(1, -1);
    expect(inText.map(hue)).toEqual(
      WORDS.map((_, word) => Number((toIdea[word] ?? 0) > (toNovel[word] ?? 0))),
    );
    expect([hue(unit("novel")), hue(unit("idea"))]).toEqual([0, 1]);
    expect(legend()[1]).toBe("1.000");
    expect(all(view(), ".aw-ramp i")).toHaveLength(2);
    expect(note()).toContain("Cosine to the nearest of “novel”, “idea” (token embeddings)");
    point(unit("small"), "pointermove", mouse);
    expect(
      tipLines()
        .slice(2)
        .map((line) => line?.split(": ")[0]),
    ).toEqual(["cosine to pinned words", "cosine to “novel”", "cosine to “idea”"]);
    const shown = tipLines()
      .slice(2)
      .map((line) => Number(line?.split(": ")[1]?.replace("−", "-")));
    [nearest[1], toNovel[1], toIdea[1]].forEach((exact, place) => {
      expect(shown[place]).toBeCloseTo(exact ?? 9, 3);
    });
    host.receive({ token: 2 }); // the note has the numbers of the selected word
    for (const cosines of [toNovel, toIdea]) {
      expect(note()).toContain(formatNumber(Math.fround(cosines[1] ?? 9)));
    }
  });

  it("or all are coloured by the cosine to the mean of the pins", async () => {
    await open({ space: "embeddings", measure: "pinned_cosine", pinned: [4, 5] });
    choose("Pins", "mean");
    expect(host.state.pin_mode).toBe("mean");
    const goal = mean([wordVector(0, [3, 4]), wordVector(0, [5])]);
    check(WORDS.map((tokens) => cosine(wordVector(0, tokens), goal)));
    expect(units().map(hue)).toEqual(units().map(() => null));
    expect(note()).toContain("Cosine to the mean of the vectors of “novel”, “idea”");
    expect(all(view(), ".aw-ramp i")).toHaveLength(1);
  });

  it("two tokens of one word are one pin", async () => {
    await open({ measure: "pinned_cosine", pinned: [3, 4] });
    expect(chipNames()).toEqual(["“novel”"]);
    expect(units().map(hue)).toEqual(units().map(() => null));
    host.receive({ words: false });
    await page.frames();
    expect(chipNames()).toEqual(["“no”", "“vel”"]);
    expect(hue(unit("vel"))).toBe(1);
  });

  it("chips let go of their pin, and the focus stays near", async () => {
    await open({ measure: "pinned_cosine", pinned: [1, 2, 5] });
    expect(chips().map((chip) => chip.getAttribute("aria-label"))[1]).toBe("Unpin “small”");
    chips()[1]?.focus();
    chips()[1]?.click();
    expect(host.state.pinned).toEqual([1, 5]);
    expect(document.activeElement).toBe(chips()[1]);
    chips()[1]?.click();
    chips()[0]?.focus();
    chips()[0]?.click();
    expect(host.state).toMatchObject({ pinned: [], measure: "norm" });
    expect(document.activeElement).toBe(text());
  });

  it("the choice of a pin's mode is there for several", async () => {
    await open({ measure: "pinned_cosine", pinned: [1] });
    expect(field("Pins").hidden).toBe(true);
    host.receive({ pinned: [1, 2] });
    expect(field("Pins").hidden).toBe(false);
  });

  it("Shift+Enter pins one more with the keyboard", async () => {
    await open({ token: 1 });
    press(text(), "Enter");
    press(text(), "ArrowRight");
    press(text(), "Enter", { shiftKey: true });
    expect(host.state.pinned).toEqual([1, 2]);
    press(text(), "Enter", { shiftKey: true });
    expect(host.state.pinned).toEqual([1]);
    press(text(), "End");
    expect(host.state.token).toBe(7);
    press(text(), "Home");
    expect(host.state.token).toBe(0);
  });

  // ---- palettes ------------------------------------------------------------------------------

  it("a palette brings its colours and inks", async () => {
    await open({ measure: "norm" });
    const colours = () => [0, 31].map((step) => view().style.getPropertyValue(`--aw-heat-${step}`));
    const purple = colours();
    host.receive({ colour_map: "viridis" });
    await page.frames();
    expect(colours()).toEqual(["rgb(253 231 37)", "rgb(68 1 84)"]);
    expect(view().style.getPropertyValue("--aw-heat-ink-0")).toBe("rgb(22 24 29)");
    expect(view().style.getPropertyValue("--aw-heat-ink-31")).toBe("rgb(255 255 255)");
    host.receive({ colour_map: "purple" });
    await page.frames();
    expect(colours()).toEqual(purple);
    check(WORDS.map((tokens) => Math.hypot(...wordVector(1, tokens))));
  });

  it("the diverging palette is symmetric about 0", async () => {
    await open({ measure: "previous_cosine", space: "embeddings", colour_map: "diverging" });
    const vectors = WORDS.map((tokens) => wordVector(0, tokens));
    const scores = vectors.slice(1).map((v, i) => cosine(v, vectors[i] ?? []));
    const most = Math.max(...scores.map(Math.abs));
    expect(legend()).toEqual([formatEnd(-most), `+${formatEnd(most)}`]);
    expect(one(view(), ".aw-ramp-frame small").textContent).toBe("0");
    expect(units().slice(2, -1).map(heat)).toEqual(
      scores.map((score) => Math.round((30 * (score + most)) / (2 * most))),
    );
    expect(ramp()).toHaveLength(31);
  });

  // ---- search --------------------------------------------------------------------------------

  const search = (query: string) => {
    const input = one<HTMLInputElement>(view(), "[type=search]");
    input.value = query;
    input.dispatchEvent(new Event("input"));
    return input;
  };
  const foundUnits = () => all(view(), ".aw-found").map(({ textContent }) => textContent);
  const foundNow = () => all(view(), ".aw-found-now").map(({ textContent }) => textContent);
  const counted = () => one(view(), ".aw-search-count").textContent;

  it("a search marks all it finds, says how many, and goes from one to the next", async () => {
    await open({ measure: "norm" });
    const before = units().map(heat);
    const input = search("A");
    expect(foundUnits()).toEqual(["a", "small", "idea"]);
    expect([counted(), foundNow()]).toEqual(["1 of 3", ["a"]]);
    press(input, "Enter");
    expect([counted(), foundNow()]).toEqual(["2 of 3", ["small"]]);
    press(input, "Enter", { shiftKey: true });
    press(input, "Enter", { shiftKey: true });
    expect([counted(), foundNow()]).toEqual(["3 of 3", ["idea"]]);
    all(view(), ".aw-search-step")[1]?.click();
    expect(counted()).toBe("1 of 3");
    expect(units().map(heat)).toEqual(before);
    expect(host.saved).toEqual([]);
    search("xyz");
    expect([counted(), foundUnits()]).toEqual(["not found", []]);
    search("novel");
    press(input, "Escape");
    expect([input.value, counted(), foundUnits()]).toEqual(["", "", []]);
  });

  it("a search goes across units, and stays when they change", async () => {
    await open();
    search("l nov");
    expect(foundUnits()).toEqual(["small", "novel"]);
    host.receive({ words: false });
    await page.frames();
    expect(foundUnits()).toEqual(["small", "no", "vel"]);
    expect(counted()).toBe("1 of 1");
  });

  it("keys that are typed there are not the notebook's", async () => {
    await open();
    const heard: string[] = [];
    el.addEventListener("keydown", ({ key }) => heard.push(key));
    press(one(view(), "[type=search]"), "b");
    expect(heard).toEqual([]);
  });

  // ---- what else there is --------------------------------------------------------------------

  it("special tokens that are hidden are not in the text, nor on the keyboard's way", async () => {
    await open({ special_tokens: "hide", measure: "norm" });
    expect(text().textContent).toBe("a small novel idea .");
    expect(units()).toHaveLength(5);
    press(text(), "Home");
    expect(host.state.token).toBe(1);
    press(text(), "End");
    expect(host.state.token).toBe(6);
    expect(note()).not.toContain("special");
    host.receive({ special_tokens: "show" });
    await page.frames();
    expect(units()).toHaveLength(7);
    expect(units().slice(1, -1).map(heat)).not.toContain(null);
  });

  it("arrows go the way the script is read", async () => {
    const tokens = ["שלום", "עולם", "word"].map((each, word) => token(each, { word, lead: " " }));
    await open({ token: 0 }, new TinyModel(tokens));
    press(text(), "ArrowLeft");
    expect(host.state.token).toBe(1);
    press(text(), "ArrowRight");
    expect(host.state.token).toBe(0);
    host.receive({ token: 2 });
    press(text(), "ArrowLeft");
    expect(host.state.token).toBe(1);
  });

  it("hovering changes the classes of two units and nothing else of the text", async () => {
    await open({ measure: "norm" });
    point(unit("small"), "pointermove", mouse);
    const observer = new MutationObserver(() => undefined);
    observer.observe(text(), { subtree: true, childList: true, attributes: true });
    point(unit("idea"), "pointermove", mouse);
    const changed = observer.takeRecords().map(({ target }) => target);
    expect(changed).toEqual([unit("small"), unit("idea")]);
    observer.disconnect();
  });

  it.each([
    ["en", "L2 norm (output of layer 0); special tokens are not coloured."],
    ["vi", "Chuẩn L2 (đầu ra của lớp 0); token đặc biệt không được tô màu."],
    ["ru", "L2-норма (выход слоя 0); специальные токены не раскрашены."],
  ] as const)("is said in %s", async (locale, said) => {
    await open({ locale, measure: "norm" });
    expect(note()).toBe(said);
    const before = note();
    host.receive({ locale: "en" });
    await page.frames();
    expect(note() === before).toBe(locale === "en");
  });

  it("of an image a click selects the patch whose attention is shown, and pins none", async () => {
    const patches = [0, 8].map((left) =>
      token("", { label: "patch", box: [left, 0, left + 8, 8], segment: null }),
    );
    const model = new TinyModel([special("[CLS]"), ...patches], { image: [8, 16] });
    await open({ measure: "attention_from", token: 0, views: ["text", "grid"] }, model);
    expect(view().dataset.span).toBe("half");
    expect(view().getAttribute("aria-label")).toBe("Image");
    expect(one(el, "[data-view=text]").textContent).toBe("Image");
    expect(one(view(), ".aw-explanation").textContent).toContain("click a patch");
    one(view(), '[data-unit="2"]').click();
    expect(host.state).toMatchObject({ token: 2, pinned: [], measure: "attention_from" });
    one(view(), '[data-unit="2"]').click();
    expect(host.state).toMatchObject({ token: null, pinned: [], measure: "attention_from" });
  });

  const twoPatches = () => {
    const patches = [0, 8].map((left) =>
      token("", { label: "patch", box: [left, 0, left + 8, 8], segment: null }),
    );
    return new TinyModel([special("[CLS]"), ...patches], { image: [8, 16] });
  };
  const strengths = () =>
    all(view(), ".aw-patch-colour").map((node) =>
      Number(node.style.getPropertyValue("--aw-strength")),
    );

  it.each([
    [false, "0"],
    [true, "≤ 0.0001"],
  ])(
    "of an image ends its scale at the patch that gets most (log: %s)",
    async (log_colour, low) => {
      const model = twoPatches();
      await open({ measure: "attention_from", token: 0, heads: [1], layer: 0, log_colour }, model);
      for (const [head, token] of [
        [1, 0],
        [2, 0],
        [2, 1],
      ] as const) {
        host.receive({ heads: [head], token });
        await page.frames();
        const weights = model.weights(0, head, token).slice(1); // [CLS] is not over the image
        const most = Math.max(...weights);
        expect(most).toBeLessThan(0.9);
        expect(legend()).toEqual([low, numbersIn("en").weight(most)]);
        expect(strengths()).toEqual(
          weights.map((weight) => Math.round(31 * shareOf(weight, log_colour, most)) / 31),
        );
        expect(Math.max(...strengths())).toBe(1);
      }
    },
  );

  it("of words has the scale of all weights, whatever the most of them gets", async () => {
    await open({ measure: "attention_from", token: 1, heads: [0] });
    expect(legend()).toEqual(["0", "1"]);
  });

  it.each([
    ["auto", "attention_from", "fades"],
    ["grey", "norm", "fades"],
    ["viridis", "attention_from", "covers"],
    ["diverging", "attention_from", "fades"],
    ["diverging", "norm", "diverges"],
  ] as const)("over an image %s of %s %s", async (colour_map, measure, blend) => {
    await open({ colour_map, measure, token: 0 }, twoPatches());
    expect(text().dataset.blend).toBe(blend);
  });

  it("of patches is called so; of a selected patch the exact number is told", async () => {
    const patches = [0, 8].map((left) =>
      token("", { label: "patch", box: [left, 0, left + 8, 8], segment: null }),
    );
    const model = new TinyModel([special("[CLS]"), ...patches], { image: [8, 16] });
    await open({ measure: "previous_cosine", space: "embeddings" }, model);
    expect(note()).toContain("Cosine to the previous patch");
    expect(one(view(), ".aw-search").hidden).toBe(true);
    const second = kernel.shown.vector(0, 2);
    point(one(view(), '[data-unit="2"]'), "pointermove", mouse);
    const exact = cosine(second, kernel.shown.vector(0, 1));
    expect(tipLines()[2]).toBe(`cosine to the previous one: ${formatNumber(exact)}`);
  });
});
