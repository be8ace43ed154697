/** The lines view, with a kernel that answers from small arrays. */

import { describe, expect, it, vi } from "vitest";
import { css } from "../../../../js/draw/colour";
import { weightColours } from "../../../../js/draw/weight_colours";
import { STEPS, shareOfStep } from "../../../../js/draw/weight_scale";
import { numbersIn } from "../../../../js/language/numbers";
import type { State } from "../../../../js/trace/contract";
import { el, host, INDICES, kernel, open as openWidget, page, TEXT } from "../../helpers/cell";
import { all, one, point, press } from "../../helpers/page";
import { mean, TinyModel } from "../../helpers/python";
import { attentionOf, connected, layerOf, special, token, tokensOf } from "../../helpers/state";

const { weight: formatWeight } = numbersIn("en");

const open = (change: Partial<State> = {}, model?: TinyModel) =>
  openWidget({ views: ["lines"], ...change }, model);

async function receive(change: Partial<State>): Promise<void> {
  host.receive(change);
  await page.frames();
}

const view = () => one(el, ".aw-view-lines");
const note = () => one(view(), ".aw-note").textContent ?? "";
const where = () => one(view(), ".aw-where").textContent;
const queryRow = (index: number) => one(view(), `.aw-queries [data-token="${index}"]`);
const keyRow = (index: number) => one(view(), `.aw-keys [data-token="${index}"]`);
const keyWeight = (index: number) => one(keyRow(index), ".aw-weight").textContent;
const queryWeight = (index: number) => one(queryRow(index), ".aw-weight").textContent;
const canvas = () => one<HTMLCanvasElement>(view(), ".aw-lines-middle .aw-canvas");
const strokes = () => page.drawnOn(canvas()).filter(({ what }) => what === "stroke");
const colours = () => new Set(strokes().map(({ colour }) => colour));
/** Whose weights are drawn: each has the colour of its head, more of it the larger it is. */
const drawnHeads = () => {
  const { state } = connected(host.state);
  const ramps = [0, 1, 2, null].map((head) => {
    const { ramp } = weightColours(state, head);
    return [
      head,
      Array.from({ length: STEPS }, (_, step) => css(ramp(shareOfStep(step)))),
    ] as const;
  });
  const of = (colour: string) => ramps.find(([, ramp]) => ramp.includes(colour))?.[0];
  return new Set([...colours()].map((colour) => of(String(colour))));
};
const segments = () => strokes().reduce((sum, { segments }) => sum + segments, 0);
const edges = () => Number(canvas().dataset.lines);
const control = (label: string) =>
  all<HTMLElement>(view(), ".aw-controls > label").find(
    (each) => one(each, "span").textContent === label,
  );

/** The strongest keys that hold a share of a row. */
function nucleus(row: number[], share: number): number[] {
  const total = row.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  return [...INDICES]
    .sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0))
    .filter((key) => {
      const wanted = reached < share * total;
      reached += row[key] ?? 0;
      return wanted;
    });
}

const nuclei = (head: number, share: number) =>
  INDICES.map((query) => nucleus(kernel.shown.weights(0, head, query), share));

describe("lines", () => {
  it("are drawn in the colours of the selected heads alone", async () => {
    await open();
    expect(drawnHeads()).toEqual(new Set([0, 1, 2]));
    await receive({ heads: [1] });
    expect(drawnHeads()).toEqual(new Set([1]));
    await receive({ heads: [] });
    expect(strokes()).toEqual([]);
    expect(note()).toBe(
      "No head is selected. Choose one above the views, or click one in the grid.",
    );
  });

  it("are as opaque as their weight, and never more than there are", async () => {
    await open({ heads: [0] });
    const drawn = strokes();
    expect(drawn.length).toBeGreaterThan(3);
    for (const { alpha } of drawn) {
      expect(alpha).toBeGreaterThan(0);
      expect(alpha).toBeLessThanOrEqual(1);
    }
    expect(segments()).toBeGreaterThan(INDICES.length);
    expect(segments()).toBeLessThanOrEqual(edges());
  });

  it.each([0.3, 0.5, 0.95, 1])("hold the share %d of each query's attention", async (top_p) => {
    await open({ heads: [0, 2], top_p });
    const kept = [0, 2].flatMap((head) => nuclei(head, top_p));
    expect(edges()).toBe(kept.flat().length);
    const mass = [0, 2].map((head) =>
      nuclei(head, top_p).map((keys, query) =>
        keys.reduce((sum, key) => sum + (kernel.shown.weights(0, head, query)[key] ?? 0), 0),
      ),
    );
    const share = (100 * mass.flat().reduce((sum, each) => sum + each, 0)) / (2 * INDICES.length);
    expect(note()).toBe(
      `${kept.flat().length} lines: ${share.toLocaleString("en", { maximumFractionDigits: 1 })} % ` +
        "of the attention (2 heads)",
    );
  });

  it("weaker than the threshold are left out, which no kernel is asked for", async () => {
    await open({ heads: [1], top_p: 1 });
    const known = new Set(host.keys);
    await receive({ threshold: 0.2 });
    const strong = INDICES.flatMap((query) => kernel.shown.weights(0, 1, query)).filter(
      (weight) => weight >= 0.2,
    );
    expect(strong.length).toBeGreaterThan(3);
    expect(edges()).toBe(strong.length);
    await receive({ threshold: 1 });
    expect(edges()).toBe(0);
    expect(note()).toBe("No lines at these settings (head 1).");
    // neighbouring layers may be fetched meanwhile
    const asked = host.keys.filter((key) => !known.has(key) && key.includes("/0"));
    expect(asked).toEqual([]);
  });

  it("follow the sliders, which say their value", async () => {
    await open({ heads: [0], top_p: 1 });
    for (const [label, place, trait] of [
      ["top-p", 50, { top_p: 0.5 }],
      ["weight ≥", 11, { threshold: 0.2 }],
    ] as const) {
      const slider = one<HTMLInputElement>(control(label) as HTMLElement, "input");
      const before = edges();
      slider.value = String(place);
      slider.dispatchEvent(new Event("input"));
      await page.frames();
      expect(host.state).toMatchObject(trait);
      expect(edges()).toBeLessThan(before);
      const [value] = Object.values(trait);
      expect(Number(one(control(label) as HTMLElement, "output").textContent)).toBe(value);
      expect(slider.getAttribute("aria-valuetext")).toMatch(/^0\.[25]/);
    }
  });

  it.each([
    [[2], "overlay"],
    [[0, 2], "columns"],
    [[0, 1, 2], "mean"],
  ] as const)("of one token stand beside its exact weights (%j, %s)", async (heads, combine) => {
    await open({ token: 3, heads: [...heads], combine });
    const expected = mean(heads.map((head) => kernel.shown.weights(0, head, 3)));
    expect(INDICES.map(keyWeight)).toEqual(expected.map(formatWeight));
    const strongest = Math.max(...expected);
    const label = host.state.meta.tokens[expected.indexOf(strongest)]?.label ?? "";
    expect(note()).toContain(`no → ${label} ${formatWeight(strongest)}`);
  });

  it("hovering a query token shows its own, and leaving shows all again", async () => {
    await open({ heads: [0] });
    const before = strokes();
    point(queryRow(2), "pointerover");
    await page.frames();
    expect(INDICES.map(keyWeight)).toEqual(kernel.shown.weights(0, 0, 2).map(formatWeight));
    expect(edges()).toBe(nuclei(0, 0.95)[2]?.length);
    expect(host.saved).toEqual([]);
    point(one(view(), ".aw-rows.aw-queries"), "pointerleave");
    await page.frames();
    expect(strokes()).toEqual(before);
    expect(keyWeight(0)).toBe("");
  });

  it("hovering a key shows which queries attend to it, and how much it receives", async () => {
    await open({ heads: [0, 1] });
    point(keyRow(4), "pointerover");
    await page.frames();
    const received = mean(
      [0, 1].map((head) => INDICES.map((query) => kernel.shown.weights(0, head, query)[4] ?? 0)),
    );
    expect(INDICES.map(queryWeight)).toEqual(received.map(formatWeight));
    const sum = received.reduce((all, weight) => all + weight, 0);
    expect(note()).toBe(
      `vel receives ${formatWeight(sum)} in total from 8 queries (mean of heads 0, 1)`,
    );
  });

  it("of a selected token tell each head's weight at the key under the mouse", async () => {
    await open({ token: 3 });
    point(keyRow(5), "pointerover");
    point(keyRow(5), "pointermove");
    const said = [...one(view(), ".aw-tooltip").children].map(({ textContent }) => textContent);
    const perHead = [0, 1, 2]
      .map((head) => [head, kernel.shown.weights(0, head, 3)[5] ?? 0] as const)
      .sort((a, b) => b[1] - a[1]);
    expect(said).toEqual([
      "no → idea",
      ...perHead.map(([head, weight]) => `head ${head}: ${formatWeight(weight)}`),
    ]);
  });
});

describe("several heads", () => {
  it.each(["mean", "maximum"] as const)("make one purple picture: their %s", async (combine) => {
    await open({ combine, heads: [0, 2], top_p: 1, token: 5 });
    expect(drawnHeads()).toEqual(new Set([null]));
    const [first = [], second = []] = [0, 2].map((head) => kernel.shown.weights(0, head, 5));
    const expected =
      combine === "mean"
        ? mean([first, second])
        : first.map((weight, key) => Math.max(weight, second[key] ?? 0));
    expect(INDICES.map(keyWeight)).toEqual(expected.map(formatWeight));
    expect(edges()).toBe(INDICES.length);
    expect(note()).toContain(`(${combine} of heads 0, 2)`);
  });

  it("side by side have lanes with their names", async () => {
    await open({ heads: [0, 2], combine: "columns" });
    expect(all(view(), ".aw-lanes span").map(({ textContent }) => textContent)).toEqual([
      "head 0",
      "head 2",
    ]);
    expect(drawnHeads()).toEqual(new Set([0, 2]));
    await receive({ heads: [2] });
    expect(all(view(), ".aw-lanes span")).toEqual([]);
  });
});

describe("heads of several layers", () => {
  const head_pairs: [number, number][] = [
    [1, 2],
    [0, 1],
    [1, 0],
  ];
  const weightOf = ([layer, head]: [number, number], query: number, key: number) =>
    kernel.shown.weights(layer, head, query)[key] ?? Number.NaN;
  const titles = () => all(view(), ".aw-lanes span").map(({ textContent }) => textContent);

  it("have lanes of their own, and lines of their own layers", async () => {
    await open({ layer: 1, heads: [0], combine: "mean", top_p: 1, head_pairs });
    expect(titles()).toEqual(["layer 1, head 2", "layer 0, head 1", "layer 1, head 0"]);
    expect(drawnHeads()).toEqual(new Set([0, 1, 2]));
    const nonzero = head_pairs.map(
      (pair) =>
        INDICES.flatMap((query) => INDICES.filter((key) => weightOf(pair, query, key) > 0)).length,
    );
    expect(edges()).toBe(nonzero.reduce((sum, count) => sum + count, 0));
    expect(note()).toContain("(3 heads)");
    await receive({ head_pairs: [] });
    expect(titles()).toEqual([]);
    expect(note()).toContain("(head 0)");
  });

  it("give a token their own weights, and a key", async () => {
    await open({ layer: 1, heads: [0], token: 3, head_pairs });
    for (const key of INDICES) {
      const shown = mean(head_pairs.map((pair) => [weightOf(pair, 3, key)]))[0] ?? Number.NaN;
      expect(keyWeight(key)).toBe(formatWeight(shown));
      expect(all(keyRow(key), ".aw-heads i")).toHaveLength(3);
    }
    expect(note()).toContain("(mean of layer 1, head 2; layer 0, head 1; layer 1, head 0)");
    await receive({ token: null, key_token: 2 });
    for (const query of INDICES) {
      const shown = mean(head_pairs.map((pair) => [weightOf(pair, query, 2)]))[0] ?? Number.NaN;
      expect(queryWeight(query)).toBe(formatWeight(shown));
    }
  });

  it("say their weights where the mouse is", async () => {
    await open({ layer: 1, heads: [0], token: 3, head_pairs });
    point(keyRow(2), "pointerover");
    point(keyRow(2), "pointermove");
    const said = one(view(), ".aw-tooltip").textContent;
    for (const pair of head_pairs) {
      const [layer, head] = pair;
      const weight = formatWeight(weightOf(pair, 3, 2));
      expect(said).toContain(`layer ${layer}, head ${head}: ${weight}`);
    }
    const four: typeof head_pairs = [...head_pairs, [0, 0]];
    await receive({ head_pairs: four });
    expect(note()).toContain("(mean of 4 heads)");
  });
});

describe("special tokens and segments", () => {
  it("special tokens can be hidden, which is said", async () => {
    await open({ heads: [0], special_tokens: "hide" });
    expect(where()).toBe("special tokens hidden; weights not renormalised");
    await receive({ special_tokens: "renormalise" });
    expect(where()).toBe("special tokens hidden; weights renormalised");
    await receive({ special_tokens: "show" });
    expect(where()).toBe("");
  });

  it("a control that can do nothing is not there", async () => {
    await open({}, new TinyModel([token("a"), token("b")]));
    expect(control("sentence pair")?.hidden).toBe(true);
    expect(control("top-p")?.hidden).toBe(false);
  });

  it("of a pair, only lines between the segments chosen are drawn", async () => {
    const pair = [
      special("[CLS]"),
      ...["a", "b", "c"].map((text) => token(text)),
      special("[SEP]"),
      ...["d", "e"].map((text) => token(text, { segment: 1 })),
      special("[SEP]"),
    ];
    await open({ heads: [0], top_p: 1 }, new TinyModel(pair));
    expect(edges()).toBe(64);
    const choice = one<HTMLSelectElement>(control("sentence pair") as HTMLElement, "select");
    expect([...choice.options].map(({ text }) => text)).toEqual([
      "all",
      "A → A",
      "A → B",
      "B → A",
      "B → B",
    ]);
    for (const [segments, count] of [
      ["a_a", 9],
      ["a_b", 6],
      ["b_a", 6],
      ["b_b", 4],
    ] as const) {
      choice.value = segments;
      choice.dispatchEvent(new Event("change"));
      await page.frames();
      expect(host.state.segments).toBe(segments);
      expect(edges()).toBe(count);
    }
    expect(where()).toBe("only from sentence B to sentence B");
    point(queryRow(1), "pointerover");
    await page.frames();
    expect(edges()).toBe(0);
  });
});

describe("two lists", () => {
  it("a click on a key selects it there, and shows who attends to it", async () => {
    const model = new TinyModel(TEXT);
    const meta = {
      ...model.meta,
      attention: attentionOf([layerOf(3), layerOf(3)], "cross"),
      target: {
        tokens: tokensOf("un petit ro|man ."),
        has_hidden_states: true,
        has_word_embeddings: true,
        generated: false,
        given: null,
        replaceable: false,
      },
    };
    const square = model.tensor.bind(model);
    vi.spyOn(model, "tensor").mockImplementation((key) => {
      const { data } = square(key);
      return { shape: [3, 7, 8], data: data.slice(0, 3 * 7 * 8) };
    });
    Object.assign(model, { meta });
    await open({ attention_kind: "cross", heads: [0], top_p: 1 }, model);
    keyRow(4).click();
    await page.frames();
    expect(host.saved).toEqual([{ key_token: 4 }]);
    expect(keyRow(4).classList).toContain("aw-selected-key");
    expect(edges()).toBe(7);
    expect(note()).toMatch(/^vel receives \d\.\d{3} in total from 7 queries \(head 0\)$/);
    press(one(view(), ".aw-keys-scroll"), "ArrowDown");
    await page.frames();
    expect(host.state).toMatchObject({ key_token: 5, token: null });
    press(one(view(), ".aw-queries-scroll"), "ArrowDown");
    await page.frames();
    expect(host.state).toMatchObject({ key_token: 5, token: 0 });
    press(one(view(), ".aw-keys-scroll"), "Escape");
    expect(host.state).toMatchObject({ key_token: null, token: null });
  });
});

describe("a click keeps what hovering shows", () => {
  const shown = () => ({ edges: edges(), note: note(), drawn: page.drawnOn(canvas()) });

  async function hovered(row: HTMLElement) {
    point(row, "pointerover");
    await page.frames();
    return shown();
  }

  async function clicked(row: HTMLElement) {
    row.click();
    point(row.parentElement as HTMLElement, "pointerleave");
    await page.frames();
    return shown();
  }

  it("of a key who attends to it, until it is clicked again", async () => {
    await open({ heads: [1] });
    const all = shown();
    const over = await hovered(keyRow(4));
    expect(over.note).toMatch(/^vel receives \d\.\d{3} in total from 8 queries \(head 1\)$/);
    expect(await clicked(keyRow(4))).toEqual(over);
    expect(host.saved).toEqual([{ key_token: 4 }]);
    expect(host.state.token).toBeNull();
    expect(await clicked(keyRow(4))).toEqual(all);
    expect(host.state.key_token).toBeNull();
  });

  it("of a query what it attends to, and with a key beside it their line", async () => {
    await open({ heads: [1] });
    const query = await hovered(queryRow(3));
    expect(await clicked(queryRow(3))).toEqual(query);
    const pair = await hovered(keyRow(5));
    expect(await clicked(keyRow(5))).toEqual(pair);
    expect(host.state).toMatchObject({ token: 3, key_token: 5 });
    expect((await clicked(keyRow(5))).note).toBe(query.note);
    expect(host.state).toMatchObject({ token: 3, key_token: null });
  });

  it.each(["Enter", " "])("by the keyboard too: %j", async (key) => {
    await open({ heads: [1], key_token: 4 });
    const kept = shown();
    press(one(view(), ".aw-keys-scroll"), key);
    await page.frames();
    expect(host.state).toMatchObject({ key_token: null, token: null });
    press(one(view(), ".aw-keys-scroll"), key);
    await page.frames();
    expect(host.state).toMatchObject({ key_token: 4, token: null });
    expect(shown().note).toBe(kept.note);
  });
});

describe("the keyboard", () => {
  it("walks through the rows that are there", async () => {
    await open({ words: true, special_tokens: "hide", heads: [] });
    const queries = one(view(), ".aw-queries-scroll");
    const walked = ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "End", "ArrowUp", "Home"];
    const tokens = walked.map((key) => {
      press(queries, key);
      return host.state.token;
    });
    expect(tokens).toEqual([1, 2, 3, 5, 6, 5, 1]);
    press(queries, "ArrowUp");
    expect(host.state.token).toBe(1);
    press(queries, "Escape");
    expect(host.state.token).toBeNull();
  });
});

describe("tokens side by side", () => {
  it("are the same rows and lines, in another direction", async () => {
    await open({ heads: [0], token: 3 });
    const [count, weights] = [edges(), INDICES.map(keyWeight)];
    const choice = one<HTMLSelectElement>(control("direction") as HTMLElement, "select");
    choice.value = "horizontal";
    choice.dispatchEvent(new Event("change"));
    await page.frames();
    expect(host.state.direction).toBe("horizontal");
    expect(one(view(), ".aw-lines").dataset.direction).toBe("horizontal");
    expect(edges()).toBe(count);
    expect(INDICES.map(keyWeight)).toEqual(weights);
    expect(keyRow(2).style.transform).toMatch(/^translateX\(\d+px\)$/);
  });
});
