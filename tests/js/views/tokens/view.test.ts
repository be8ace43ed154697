/** The table of tokens, and the mask as a picture and in words. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { numbersIn } from "../../../../js/language/numbers";
import { inLanguage, LANGUAGES, type Text, type Values } from "../../../../js/language/say";
import type { MaskMeta, State } from "../../../../js/trace/contract";
import { mergeTokens } from "../../../../js/trace/units";
import {
  columnsOf,
  type Listed,
  tsvOf,
  unseenRows,
  visibleBlanks,
} from "../../../../js/views/tokens/columns";
import { countsOf, coverageOf, groupedRuns, sees } from "../../../../js/views/tokens/mask_coverage";
import { sizeOf } from "../../../../js/views/tokens/mask_picture";
import { layersSentence, rangesOf, sentenceOf } from "../../../../js/views/tokens/mask_words";
import widget from "../../../../js/widget";
import { NotebookHost } from "../../helpers/host";
import { all, one, openPage, type Page, point, press } from "../../helpers/page";
import { Kernel, TinyModel } from "../../helpers/python";
import { below, randomFrom } from "../../helpers/random";
import { layerOf, maskOf, metaOf, special, stateOf, token } from "../../helpers/state";

vi.setConfig({ testTimeout: 30_000 }); // jsdom is slow on a busy machine

const english = (text: Text, values?: Values) => inLanguage("en", text, values);

/** A mask, and its runs as Python sends them. */
function randomMask(seed: number, heads: number, queries: number, keys: number) {
  const random = randomFrom(seed);
  const seen = Array.from({ length: heads }, () =>
    Array.from({ length: queries }, () => Array.from({ length: keys }, () => below(random, 3) > 0)),
  );
  const runs: number[] = [];
  seen.forEach((rows, head) => {
    rows.forEach((row, query) => {
      let start = 0;
      while (start < keys) {
        let stop = start;
        while (stop < keys && row[stop]) stop += 1;
        if (stop > start) runs.push(heads > 1 ? head : -1, query, start, stop);
        start = stop + 1;
      }
    });
  });
  return { seen, runs: Int32Array.from(runs) };
}

describe("a mask in runs", () => {
  it.each([
    [1, 1, 7, 7],
    [2, 3, 5, 9],
    [3, 2, 9, 4],
    [4, 1, 1, 1],
  ])("tells every pair (seed %i, %i heads, %i × %i)", (seed, heads, queries, keys) => {
    const { seen, runs } = randomMask(seed, heads, queries, keys);
    seen.forEach((rows, head) => {
      const counts = countsOf(runs, head, queries, keys);
      const whole = coverageOf(runs, head, { x: 0, y: 0, width: keys, height: queries }, 100);
      expect([whole.rows, whole.columns]).toEqual([queries, keys]);
      rows.forEach((row, query) => {
        expect(row.map((_, key) => sees(runs, head, query, key))).toEqual(row);
        expect(counts.sees[query]).toBe(row.filter(Boolean).length);
        expect([...whole.share.slice(query * keys, (query + 1) * keys)]).toEqual(row.map(Number));
      });
      for (let key = 0; key < keys; key++) {
        expect(counts.seen[key]).toBe(rows.filter((row) => row[key]).length);
      }
    });
  });

  it("is pooled to the share that a cell holds", () => {
    const [queries, keys, most] = [12, 18, 6];
    const { seen, runs } = randomMask(5, 1, queries, keys);
    const { share, rows, columns } = coverageOf(
      runs,
      0,
      { x: 0, y: 0, width: keys, height: queries },
      most,
    );
    expect([rows, columns]).toEqual([6, 6]);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const block = [0, 1].flatMap((q) =>
          [0, 1, 2].map((k) => Number(seen[0]?.[2 * row + q]?.[3 * column + k] ?? false)),
        );
        const mean = block.reduce((a, b) => a + b) / block.length;
        expect(share[row * columns + column]).toBeCloseTo(mean, 5);
      }
    }
  });

  it("is the same in a part of it", () => {
    const { seen, runs } = randomMask(7, 2, 12, 18);
    const { share, rows, columns } = coverageOf(runs, 1, { x: 5, y: 3, width: 9, height: 6 }, 100);
    expect([rows, columns]).toEqual([6, 9]);
    const part = seen[1]?.slice(3, 9).flatMap((row) => row.slice(5, 14).map(Number));
    expect([...share]).toEqual(part);
  });

  it("between words is seen where any token of one sees any of the other", () => {
    const { seen, runs } = randomMask(8, 2, 9, 11);
    const queries = [[0], [1, 2], [3, 4, 5], [8]]; // 6 and 7 are left out
    const keys = [[1, 2], [3], [5, 6, 7], [8, 9], [10]];
    const grouped = groupedRuns(runs, queries, keys);
    for (const head of [0, 1]) {
      const wanted = queries.map((group) =>
        keys.map((of) => group.some((query) => of.some((key) => seen[head]?.[query]?.[key]))),
      );
      expect(queries.map((_, q) => keys.map((__, k) => sees(grouped, head, q, k)))).toEqual(wanted);
      const counts = countsOf(grouped, head, queries.length, keys.length);
      expect([...counts.sees]).toEqual(wanted.map((row) => row.filter(Boolean).length));
      expect([...counts.seen]).toEqual(keys.map((_, k) => wanted.filter((row) => row[k]).length));
    }
  });

  it("keeps its sum when cells do not divide it", () => {
    const { seen, runs } = randomMask(6, 1, 13, 17);
    const { share, rows, columns } = coverageOf(runs, 0, { x: 0, y: 0, width: 17, height: 13 }, 5);
    for (let row = 0; row < rows; row++) {
      const members = seen[0]?.filter((_, query) => Math.floor((query * rows) / 13) === row) ?? [];
      const sum = share.slice(row * columns, (row + 1) * columns).reduce((a, b) => a + b);
      const expected = members.flat().filter(Boolean).length / members.length;
      expect((sum * 17) / columns).toBeCloseTo(expected, 4);
    }
  });

  it("has a picture with square cells, which is never too narrow", () => {
    expect(sizeOf({ queries: 8, keys: 8 }, false, 500)).toEqual([192, 192]);
    expect(sizeOf({ queries: 100, keys: 50 }, false, 500)).toEqual([160, 320]);
    expect(sizeOf({ queries: 1000, keys: 10 }, false, 232)).toEqual([36, 232]);
    expect(sizeOf({ queries: 64, keys: 64 }, true, 500)).toEqual([72, 72]); // all looks the same
  });
});

const MASKS: [MaskMeta, string][] = [
  [maskOf("full"), "every token sees every token."],
  [maskOf("causal", { after: 0 }), "causal: a token sees itself and what comes before it."],
  [
    maskOf("window", { before: 127, after: 0 }),
    "sliding window of 128: a token sees itself and at most 127 before it.",
  ],
  [
    maskOf("window", { before: 2, after: 2 }),
    "window of 2 on each side: a token sees itself and at most 2 before and after it.",
  ],
  [maskOf("window", { after: -1 }), "window: keys from the first to −1, counted from the query."],
  [
    maskOf("window", { before: 3, after: 1 }),
    "window: keys from −3 to +1, counted from the query.",
  ],
  [
    maskOf("prefix", { after: 0, size: 4 }),
    "prefix of 4, then causal: every token sees the first 4, itself and what comes before it.",
  ],
  [maskOf("chunk", { after: 0, size: 16 }), "causal within chunks of 16."],
  [maskOf("chunk", { size: 16 }), "chunks of 16: a token sees its own chunk."],
  [maskOf("none"), "nothing is seen."],
  [maskOf("other", { share: 0.4215 }), "custom pattern: 42.1 % of all pairs are seen."],
  [
    maskOf("full", { hidden: [[5, 10]], blind: [[0, 1]] }),
    "every token sees every token but those hidden from all (padding): 5–9; see nothing: 0.",
  ],
  [
    maskOf("causal", { after: 0, hidden: [[5, 10]], blind: [[0, 1]] }),
    "causal: a token sees itself and what comes before it; " +
      "hidden from every query (padding): 5–9; see nothing: 0.",
  ],
];

describe("a mask in words", () => {
  const places = { key: (row: number) => row, query: (row: number) => row };

  it.each(MASKS)("$name", (mask, words) => {
    expect(sentenceOf(mask, true, english, places)).toBe(words);
    for (const language of LANGUAGES) {
      const say = (text: Text, values?: Values) => inLanguage(language, text, values);
      const said = sentenceOf(mask, true, say, places);
      expect(said).toMatch(/^\S.*\S$/);
      if (language !== "en") expect(said).not.toBe(words);
    }
  });

  it("of queries and keys that are not the same tokens", () => {
    expect(sentenceOf(maskOf("full"), false, english, places)).toBe("every query sees every key.");
  });

  it("says which layers have which", () => {
    const layer = (...masks: MaskMeta[]) => ({ ...layerOf(2), masks });
    const [local, global] = [maskOf("window", { before: 7, after: 0 }), maskOf("causal")];
    expect(layersSentence([layer(global), layer(global)], true, english)).toBe(
      "The same in all 2 layers.",
    );
    const gemma = [layer(local), layer(local), layer(global), null, layer(local), layer(local)];
    expect(layersSentence(gemma, true, english)).toBe(
      "layers 0–1, 4–5: sliding window of 8; layer 2: causal.",
    );
    expect(layersSentence([layer(), layer(local, global)], true, english)).toBe(
      "layer 0: not known; layer 1: sliding window of 8 / causal.",
    );
  });

  it("joins neighbours, and ends after a while", () => {
    expect(rangesOf([[0, 1], [1, 3], [5, 6]])).toBe("0–2, 5"); // biome-ignore format: short
    expect(rangesOf([[0, 2]], (row) => row + 10)).toBe("10–11");
    const many = Array.from({ length: 20 }, (_, i) => [3 * i, 3 * i + 1]);
    expect(rangesOf(many)).toBe("0, 3, 6, 9, 12, 15, …");
  });
});

describe("columns", () => {
  const listed = (change: Partial<Listed> = {}): Listed => {
    const tokens = [
      special("[CLS]"),
      token("nov", { id: 7, word: 0, start: 0, end: 3, lead: " \n" }),
      token("el\t", { id: 8, word: 0, start: 3, end: 6 }),
    ];
    const toText = [null, 0, 1];
    return {
      tokens,
      toText,
      groups: (change.tokens ?? tokens).map((_, row) => [row]),
      roles: [],
      masks: [],
      as: "query",
      same: true,
      say: english,
      numbers: numbersIn("en"),
      ...change,
    };
  };
  const keys = (of: Listed) => columnsOf(of).map(({ key }) => key);
  const cells = (of: Listed, row: number) =>
    Object.fromEntries(
      columnsOf(of).map(({ key, cell }) => [key, cell(of.tokens[row] ?? special("?"), row)]),
    );

  it("tell all that is known of a token, and no column is empty", () => {
    const of = listed({ masks: [maskOf("full")] });
    expect(keys(of)).toEqual(
      ["index", "token", "text", "id", "word", "segment", "special", "seen", "offsets"], // biome-ignore format: a row
    );
    expect(cells(of, 1)).toEqual({
      index: "0",
      token: "nov",
      text: "·↵nov",
      id: "7",
      word: "0",
      segment: "0",
      special: "–",
      seen: "yes",
      offsets: "0–3",
    });
    expect(cells(of, 0)).toMatchObject({ index: "–", id: "–", special: "yes", offsets: "–" });
    const frame = token("", { label: "0.0 s", segment: null, time: [0, 0.02], box: [0, 0, 8, 8] });
    expect(keys(listed({ tokens: [frame], toText: [0] }))).toEqual([
      "index",
      "token",
      "special",
      "time",
      "box",
    ]);
    const chosen = token("a", { step: 2, probability: 0.25 });
    expect(cells(listed({ tokens: [chosen], toText: [4] }), 0)).toMatchObject({
      step: "2",
      probability: "0.250",
    });
    const diverged = token("a", { step: 2, probability: "NaN" });
    expect(cells(listed({ tokens: [diverged], toText: [4] }), 0).probability).toBe("NaN");
  });

  it("begin with what generated tokens have, and with the pieces of the vocabulary", () => {
    const tokens = [
      token("Ber", { step: 0, probability: 0.5, piece: "ĠBer" }),
      token("ries", { step: 1, probability: 1, label: "…ries", piece: "ries" }),
    ];
    const of = listed({ tokens, toText: [0, 1] });
    expect(keys(of).slice(0, 5)).toEqual(["index", "token", "step", "probability", "piece"]);
    expect(cells(of, 0)).toMatchObject({ token: "Ber", piece: "ĠBer" });
    expect(keys(listed({ tokens: [token("a")], toText: [0] }))).not.toContain("piece");
  });

  it("of a word have its pieces and their places", () => {
    const pieces = [
      token("nov", { id: 7, word: 0, start: 0, end: 3, step: 4, probability: 0.5 }),
      token("elty", { id: 8, word: 0, start: 3, end: 7, step: 5, piece: "##elty" }),
    ];
    const of = listed({ tokens: [mergeTokens(pieces)], toText: [3], groups: [[4, 5]] });
    expect(cells(of, 0)).toMatchObject({
      index: "3–4",
      token: "novelty",
      piece: "nov · ##elty",
      text: "novelty",
      offsets: "0–7",
    });
  });

  it("name the speaker of a chat", () => {
    const of = listed({ roles: ["user"] });
    expect(columnsOf(of).find(({ key }) => key === "segment")?.title.en).toBe("role");
    expect(cells(of, 1).segment).toBe("user");
  });

  it("tell keys that no query of any head sees", () => {
    const half = maskOf("causal", { hidden: [[1, 3]] });
    expect(cells(listed({ masks: [half] }), 1).seen).toBe("no");
    expect(cells(listed({ masks: [half, maskOf("full")] }), 1).seen).toBe("yes");
    const rows = [[0], [1], [2], [3]];
    expect([0, 1, 2, 3].map(unseenRows([half], rows))).toEqual([false, true, true, false]);
    expect([0, 1].map(unseenRows([half], [[0, 1], [2]]))).toEqual([false, true]);
    expect(keys(listed({ masks: [half], same: false }))).not.toContain("seen");
    expect(keys(listed({ masks: [half], same: false, as: "key" }))).toContain("seen");
  });

  it("make blanks visible", () => {
    expect(visibleBlanks(" a\tb\r\n\u00a0\u200dc")).toBe("·a→b␍↵⟨U+00A0⟩⟨U+200D⟩c");
  });

  it("make rows of a spreadsheet that no token breaks", () => {
    const of = listed();
    const rows = tsvOf(columnsOf(of), of).split("\n");
    expect(rows).toHaveLength(4);
    expect(rows.every((row) => row.split("\t").length === columnsOf(of).length)).toBe(true);
    expect(rows[1]).toBe("–\t[CLS]\t\t–\t–\t–\tyes\t–");
    expect(rows[3]).toBe("1\tel\\t\tel\\t\t8\t0\t0\t–\t3–6");
  });
});

describe("the view", () => {
  const TEXT = "a small no|vel idea .";
  let page: Page;
  let host: NotebookHost;
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

  async function open(change: Partial<State> = {}, model = new TinyModel(TEXT)): Promise<void> {
    host = new NotebookHost(
      stateOf({ text: TEXT, meta: model.meta, views: ["tokens"], ...change }),
    );
    new Kernel(host, model, () => model);
    close = widget.render({ model: host as unknown as AnyModel<State>, el });
    await page.frames();
  }

  const view = () => one(el, ".aw-view-tokens");
  const row = (index: number) => one(view(), `[data-as=query] [data-token="${index}"]`);
  const cell = (index: number, column: string) =>
    one(row(index), `[data-column=${column}]`).textContent;
  const note = () => one(view(), ".aw-note").textContent;
  const words = () => one(view(), ".aw-mask-words").textContent;

  it("lists every token as a row of a grid that names its size", async () => {
    await open();
    const grid = one(view(), "[role=grid]:not([hidden])");
    expect(grid.getAttribute("aria-rowcount")).toBe("9");
    const heads = all(grid, "[role=columnheader]").map(({ textContent }) => textContent);
    expect(heads).toEqual(["index", "token", "exact text", "word", "segment", "special", "seen"]);
    expect(grid.getAttribute("aria-colcount")).toBe(String(heads.length));
    expect(all(grid, ".aw-table-body [role=row]")).toHaveLength(8);
    expect(all(row(4), "[role=gridcell]").map(({ textContent }) => textContent)).toEqual([
      "4",
      "vel",
      "vel",
      "2",
      "0",
      "–",
      "yes",
    ]);
    expect(row(4).getAttribute("aria-rowindex")).toBe("6");
  });

  it("has the rows that all views have, and makes their mask of that of the tokens", async () => {
    await open({ words: true, special_tokens: "hide" });
    expect(cell(0, "token")).toBe("a");
    expect(cell(2, "token")).toBe("novel");
    expect(cell(2, "index")).toBe("3–4");
    expect(host.keys).toContain("mask/encoder/0");
    row(2).click();
    expect(host.state.token).toBe(3);
    expect(note()).toBe("“novel”: sees 5 of 5 keys, seen by 5 of 5 queries.");
  });

  it("selects on a click and by the keyboard", async () => {
    await open();
    row(3).click();
    await page.frames();
    expect(host.state.token).toBe(3);
    expect(row(3).getAttribute("aria-selected")).toBe("true");
    const scroller = one(view(), "[data-as=query] .aw-scroll");
    press(scroller, "ArrowDown");
    expect(host.state.token).toBe(4);
    press(scroller, "End");
    expect(host.state.token).toBe(7);
    press(scroller, "PageUp");
    expect(host.state.token).toBeLessThan(7);
    press(scroller, "Escape");
    expect(host.state.token).toBeNull();
  });

  it("says what the mask is, and what a token sees through it", async () => {
    const causal = { ...layerOf(3), masks: [maskOf("causal", { after: 0, causal: true })] };
    const meta = { attention: [{ kind: "decoder" as const, layers: [causal, causal] }] };
    await open({ attention_kind: "decoder", token: 2 }, new TinyModel(TEXT, meta, true));
    expect(words()).toBe("Causal: a token sees itself and what comes before it.");
    expect(note()).toBe("“small”: sees 3 of 8 keys, seen by 6 of 8 queries.");
    host.receive({ key_token: 5 });
    expect(note()).toContain("small → idea: hidden by the mask.");
    host.receive({ key_token: 1 });
    expect(note()).toContain("small → a: may attend.");
    point(row(0), "pointerover");
    expect(note()).toContain("“[CLS]”: sees 1 of 8 keys, seen by 8 of 8 queries.");
  });

  it("says who may see a key that is selected alone", async () => {
    const causal = { ...layerOf(3), masks: [maskOf("causal", { after: 0, causal: true })] };
    const meta = { attention: [{ kind: "decoder" as const, layers: [causal, causal] }] };
    await open({ attention_kind: "decoder", key_token: 2 }, new TinyModel(TEXT, meta, true));
    expect(note()).toBe("“small”: seen by 6 of 8 queries.");
    expect(row(2).classList).toContain("aw-selected-key");
  });

  it("says that the mask is not known where it is not", async () => {
    const maps = { ...layerOf(3), dim: null, masks: [] };
    const meta = { attention: [{ kind: "encoder" as const, layers: [maps, maps] }] };
    await open({ token: 2 }, new TinyModel(TEXT, meta));
    expect(words()).toContain("The mask is not known");
    expect(note()).toBe("");
    expect(view().querySelector("[data-column=seen]")).toBeNull();
    expect(one(view(), ".aw-legend").textContent).toContain("weight 0 in every head");
  });

  it("says of words what any of their tokens may see", async () => {
    const causal = { ...layerOf(3), masks: [maskOf("causal", { after: 0, causal: true })] };
    const meta = { attention: [{ kind: "decoder" as const, layers: [causal, causal] }] };
    const change = { attention_kind: "decoder" as const, words: true, token: 3 };
    await open(change, new TinyModel(TEXT, meta, true));
    expect(note()).toBe("“novel”: sees 4 of 7 keys, seen by 4 of 7 queries.");
  });

  it("names the head whose mask it shows where they differ", async () => {
    const masks = [maskOf("full"), maskOf("causal", { after: 0 }), maskOf("none")];
    const meta = {
      attention: [{ kind: "encoder" as const, layers: [{ ...layerOf(3), masks }, layerOf(3)] }],
    };
    await open({ heads: [1] }, new TinyModel(TEXT, meta));
    expect(one(view(), ".aw-mask-title").textContent).toBe("Mask of layer 0, head 1");
    expect(words()).toContain("Causal");
    expect(words()).toContain("differs between the heads");
    host.receive({ heads: [0] });
    expect(words()).toContain("Every token sees every token.");
  });

  it("paints a full mask no finer than its small picture is", async () => {
    const tokens = Array.from({ length: 400 }, (_, index) => token(`t${index}`));
    const made = vi.mocked(HTMLCanvasElement.prototype.getContext).mock.contexts;
    await open({}, new TinyModel(tokens));
    expect(words()).toContain("Every token sees every token.");
    const widths = made.map((canvas) => (canvas as HTMLCanvasElement).width);
    expect(widths).toContain(144); // twice as wide as it is shown
    expect(widths).not.toContain(400);
  });

  it("has a list for the queries and one for the keys of cross-attention", async () => {
    const model = new TinyModel(TEXT);
    const target = metaOf("ein Ro|man", {}).tokens;
    const meta = {
      ...model.meta,
      target: {
        tokens: target,
        has_hidden_states: true,
        has_word_embeddings: true,
        generated: false,
        given: null,
        replaceable: false,
      },
      attention: [{ kind: "cross" as const, layers: [layerOf(3)] }],
    };
    await open({ attention_kind: "cross" }, new TinyModel(model.meta.tokens, meta));
    const tab = (name: string) => {
      const found = all<HTMLButtonElement>(view(), "[role=tab]").find(({ textContent }) =>
        textContent.startsWith(name),
      );
      if (!found) throw new Error(`no tab ${name}`);
      return found;
    };
    expect(tab("Queries").textContent).toBe("Queries: 5 tokens");
    expect(tab("Keys").textContent).toBe("Keys: 8 tokens");
    row(2).click();
    expect(host.state.token).toBe(2);
    press(tab("Queries"), "ArrowRight");
    await page.frames();
    expect(tab("Keys").getAttribute("aria-selected")).toBe("true");
    const keyRow = one(view(), '[data-as=key] [data-token="5"]');
    keyRow.click();
    expect(host.state.key_token).toBe(5);
    expect(host.state.token).toBe(2);
    press(one(view(), "[data-as=key] .aw-scroll"), "ArrowDown");
    expect(host.state.key_token).toBe(6);
    await page.frames();
    expect(one(view(), '[data-as=key] [data-token="6"]').getAttribute("aria-selected")).toBe(
      "true",
    );
  });

  it("copies the rows for a spreadsheet, or says why not", async () => {
    await open();
    const copy = all<HTMLButtonElement>(view(), "button").find(
      ({ textContent }) => textContent === "Copy as TSV",
    );
    const said = () => one(view(), ".aw-copied").textContent;
    copy?.click();
    await page.frames();
    expect(said()).toBe("This page is not allowed to write to the clipboard.");
    const written: string[] = [];
    vi.stubGlobal("navigator", {
      clipboard: { writeText: (text: string) => Promise.resolve(written.push(text)) },
    });
    copy?.click();
    await page.frames();
    vi.unstubAllGlobals();
    expect(said()).toBe("8 rows copied.");
    expect(written[0]?.split("\n")).toHaveLength(9);
  });

  it("never takes a token for markup", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    const tokens = [token(evil), token("b", { lead: evil })];
    await open({ token: 0 }, new TinyModel(tokens));
    expect(el.querySelector("img")).toBeNull();
    expect(cell(0, "token")).toBe(evil);
    expect(note()).toContain(evil);
  });
});
