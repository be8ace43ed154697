/** The neuron view: the numbers behind one row of attention, token by token. */

import { describe, expect, it } from "vitest";
import { numbersIn } from "../../../../js/language/numbers";
import type { State } from "../../../../js/trace/contract";
import { piecesOf } from "../../../../js/views/neuron/word_pieces";
import { el, host, INDICES, kernel, open as openWidget, page, TEXT } from "../../helpers/cell";
import { all, one, point, press } from "../../helpers/page";
import { TinyModel } from "../../helpers/python";
import { tokensOf } from "../../helpers/state";

const { glance: formatNumber, weight: formatWeight } = numbersIn("en");

const open = (change: Partial<State> = {}, model?: TinyModel) =>
  openWidget({ views: ["lines", "neuron"], ...change }, model);

const view = (name: string) => one(el, `.aw-view-${name}`);
const note = (name: string) => one(view(name), ".aw-note").textContent;
const lineWeight = (index: number) =>
  one(view("lines"), `.aw-keys [data-token="${index}"] .aw-weight`).textContent;
const labelRow = (index: number) =>
  one(view("neuron"), `.aw-neuron-labels [data-token="${index}"]`);
const numberRow = (index: number) =>
  one(view("neuron"), `.aw-neuron-numbers [data-token="${index}"]`);
const softmax = (index: number) => one(numberRow(index), ".aw-softmax b").textContent;

describe("neurons", () => {
  it("agree with the lines to the last digit shown, for every query and head", async () => {
    await open({ heads: [0] });
    for (const head of [0, 1, 2]) {
      for (const query of INDICES) {
        host.receive({ heads: [head], token: query });
        await page.frames();
        expect(INDICES.map(softmax)).toEqual(INDICES.map(lineWeight));
        expect(softmax(0)).toMatch(/^\d\.\d{3}$/);
      }
    }
  });

  it("show the scores that the softmax is of", async () => {
    await open({ heads: [1], token: 4, layer: 1 });
    const scores = INDICES.map((key) => one(numberRow(key), ".aw-score").textContent);
    expect(scores).toEqual(
      INDICES.map((key) => formatNumber(Math.fround(kernel.shown.score(1, 1, 4, key)))),
    );
    expect(note("neuron")).toContain("layer 1, head 1: softmax sums to 1.000");
  });

  it("say which keys the mask hides", async () => {
    await open({ heads: [0], token: 2 }, new TinyModel(TEXT, {}, true));
    expect(INDICES.map(softmax).slice(3)).toEqual(Array(INDICES.length - 3).fill("masked"));
    expect(INDICES.map(softmax).slice(0, 3)).not.toContain("masked");
    expect(note("neuron")).toContain("softmax sums to 1.000");
  });

  it("show the first token of the text while none is selected", async () => {
    await open();
    expect(one(view("neuron"), ".aw-neuron-query").textContent).toBe("a");
    expect(note("neuron")).toContain("no token selected");
  });

  it("draw q, k and q × k as strips of pixels", async () => {
    await open({ token: 2 });
    for (const strip of ["query", "key", "product"]) {
      const canvas = one<HTMLCanvasElement>(view("neuron"), `[data-strip=${strip}]`);
      const images = page.drawnOn(canvas).filter(({ what }) => what === "image");
      expect(images).toHaveLength(strip === "query" ? 1 : INDICES.length);
    }
  });

  it("keep the key that is clicked, which others show as hovered", async () => {
    await open({ heads: [1] });
    const lines = () => ({ note: note("lines"), hovered: host.state.token });
    point(labelRow(4), "pointerover");
    await page.frames();
    const over = lines();
    expect(over.note).toMatch(/^vel receives/);
    for (const part of [labelRow(4), numberRow(4)]) {
      part.click();
      point(part.parentElement as HTMLElement, "pointerleave");
      await page.frames();
      expect(host.state).toMatchObject({ token: null, key_token: 4 });
      expect(lines()).toEqual(over);
      part.click();
      expect(host.state.key_token).toBeNull();
    }
    const strip = one(view("neuron"), "[data-strip=product]");
    point(labelRow(2), "pointerover"); // as over the strip, whose size is not known here
    strip.click();
    expect(host.state).toMatchObject({ token: null, key_token: 2 });
  });

  it("show the first of several heads, and select the one that is chosen here everywhere", async () => {
    await open({ heads: [0, 2], token: 3 });
    expect(note("neuron")).toContain("head 0 (the first of 2 selected):");
    one(view("neuron"), '.aw-chips [data-index="2"]').click();
    await page.frames();
    expect(note("neuron")).toContain("head 2:");
    expect(host.saved).toEqual([{ heads: [2] }]);
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(0, 2, 3).map(formatWeight));
  });
});

describe("neurons while words are looked at", () => {
  const PIECES = [3, 4]; // no|vel
  const words = { words: true, views: ["neuron"] as State["views"] };

  it("are of tokens still, with a bracket around the pieces of a word", async () => {
    await open({ ...words, heads: [0], token: 2 });
    expect(INDICES.map((index) => labelRow(index).dataset.piece ?? "")).toEqual(
      INDICES.map((index) => ["", "first", "last"][PIECES.indexOf(index) + 1]),
    );
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(0, 0, 2).map(formatWeight));
  });

  it.each([2, 3, 4])("have the weights of words that all views have (query %i)", async (query) => {
    await open({ words: true, views: ["lines", "neuron"], heads: [1], token: query });
    const written = INDICES.map((index) => one(numberRow(index), ".aw-word-weight").textContent);
    const rows = PIECES.includes(query) ? PIECES : [query];
    const weightOf = (keys: readonly number[]) =>
      rows.reduce((sum, row) => {
        const weights = kernel.shown.weights(0, 1, row);
        return sum + keys.reduce((total, key) => total + (weights[key] ?? 0), 0) / rows.length;
      }, 0);
    expect(written).toEqual(
      INDICES.map((index) => {
        if (index === 3) return "";
        return formatWeight(weightOf(index === 4 ? PIECES : [index]));
      }),
    );
    expect(written.filter(Boolean)).toEqual(INDICES.slice(0, -1).map(lineWeight));
    point(numberRow(4), "pointerover");
    point(numberRow(4), "pointermove");
    const tip = one(view("neuron"), ".aw-tooltip").textContent;
    expect(tip).toContain(`weight of the word = ${formatWeight(weightOf(PIECES))}`);
  });

  it("let one piece of the selected word be chosen, and say why", async () => {
    await open({ ...words, heads: [0], token: 3 });
    const chips = () => all<HTMLButtonElement>(view("neuron"), "[aria-label^=Piece] .aw-chip");
    expect(chips().map(({ textContent }) => textContent)).toEqual(["no", "vel"]);
    expect(chips().map((chip) => chip.getAttribute("aria-checked"))).toEqual(["true", "false"]);
    expect(note("neuron")).toContain("Piece 1 of 2 of the word");
    chips()[1]?.focus();
    chips()[1]?.click();
    await page.frames();
    expect(host.state.token).toBe(4);
    expect(document.activeElement).toBe(chips()[1]);
    expect(note("neuron")).toContain("Query “vel”");
    press(document.activeElement, "ArrowRight");
    expect(host.state.token).toBe(3);
    press(document.activeElement, "ArrowLeft");
    await page.frames();
    expect(host.state.token).toBe(4);
    expect(note("neuron")).toContain("mean over its pieces");
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(0, 0, 4).map(formatWeight));
    host.receive({ token: 2 });
    await page.frames();
    expect(chips()).toEqual([]);
    expect(note("neuron")).not.toContain("Piece");
  });

  it("have neither where tokens are looked at", async () => {
    await open({ views: ["neuron"], heads: [0], token: 3 });
    expect(all(view("neuron"), "[data-piece]")).toEqual([]);
    expect(all(view("neuron"), ".aw-word-weight").every(({ hidden }) => hidden)).toBe(true);
  });

  it("find the pieces of every word, and of none that stands alone", () => {
    const places = piecesOf(tokensOf("a no|v|el i|dea")).map((piece) => piece?.place);
    const [none] = [undefined];
    expect(places).toEqual([none, none, "first", "inner", "last", "first", "last", none]);
    expect(piecesOf(tokensOf("a no|v|el"))[3]?.word).toEqual([2, 3, 4]);
  });
});

describe("neurons say what they show", () => {
  it("in three languages", async () => {
    await open({ views: ["neuron"], token: 3, heads: [0, 1] });
    const titles = new Set<string>();
    for (const locale of ["en", "vi", "ru"] as const) {
      host.receive({ locale });
      await page.frames();
      titles.add(one(view("neuron"), ".aw-title").textContent);
      titles.add(note("neuron") ?? "");
      titles.add(one(view("neuron"), ".aw-controls > .aw-chips").getAttribute("aria-label") ?? "");
    }
    expect(titles.size).toBe(9);
  });

  it("that special tokens are shown although they are hidden elsewhere", async () => {
    await open({ views: ["neuron"], token: 3, special_tokens: "hide", heads: [0] });
    expect(note("neuron")).toContain("Special tokens are shown here");
    expect(INDICES.map(softmax)).toEqual(kernel.shown.weights(0, 0, 3).map(formatWeight));
  });
});
