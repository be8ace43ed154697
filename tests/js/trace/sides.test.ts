import { describe, expect, it } from "vitest";
import { layersOf, sidesOf, windowOf } from "../../../js/trace/sides";
import type { Rows } from "../../../js/trace/units";
import { attentionOf, layerOf, metaOf, special, token, tokensOf } from "../helpers/state";

const TARGET = {
  tokens: tokensOf("ein Ro|man"),
  has_hidden_states: true,
  has_word_embeddings: true,
  generated: false,
  given: null,
  replaceable: false,
};
const BOTH = metaOf("a novel", {
  target: TARGET,
  attention: [
    ...attentionOf([layerOf(3)]),
    ...attentionOf([layerOf(2), layerOf(2)], "decoder"),
    ...attentionOf([null, layerOf(2)], "cross"),
  ],
});
const words = (count: number) => Array.from({ length: count }, (_, i) => token(`w${i}`));
const LONG = metaOf(words(10), {
  windows: [
    {
      positions: [null, 0, 1, 2, 3, null],
      specials: [special("[CLS]"), special("[SEP]")],
      own: [0, 3],
    },
    {
      positions: [null, 2, 3, 4, 5, 6, 7, 8, 9, null],
      specials: [special("[CLS]"), special("[SEP]")],
      own: [3, 10],
    },
  ],
});
const labels = (tokens: readonly { label: string }[]) => tokens.map(({ label }) => label);

const TOKENS = { units: "tokens", special: "show" } as const;

describe("one stack", () => {
  it("attends to its own tokens", () => {
    const meta = metaOf("a novel");
    const { queries, keys, queryText, same, window } = sidesOf(meta, "encoder", null, TOKENS);
    expect(queries).toBe(keys);
    expect(queries.tokens).toBe(meta.tokens);
    expect([...queries.toText]).toEqual([0, 1, 2, 3]);
    expect(queries.toRow.get(3)).toBe(3);
    expect([queryText.kind, same, window]).toEqual(["encoder", true, null]);
    expect(sidesOf(meta, "decoder", null, TOKENS).queryText.kind).toBe("decoder");
  });
});

describe("an encoder and a decoder", () => {
  it.each([
    ["encoder", BOTH.tokens, BOTH.tokens, "encoder"],
    ["decoder", TARGET.tokens, TARGET.tokens, "decoder"],
    ["cross", TARGET.tokens, BOTH.tokens, "decoder"],
  ] as const)("%s attention joins its own lists", (kind, queries, keys, stack) => {
    const sides = sidesOf(BOTH, kind, null, TOKENS);
    expect(sides.queries.tokens).toBe(queries);
    expect(sides.keys.tokens).toBe(keys);
    expect(sides.queryText.kind).toBe(stack);
    expect(sides.keyText.kind).toBe(kind === "decoder" ? "decoder" : "encoder");
    expect(sides.same).toBe(kind !== "cross");
  });

  it("have layers of their own", () => {
    expect(layersOf(BOTH, "decoder")).toHaveLength(2);
    expect(layersOf(BOTH, "cross")[0]).toBeNull();
    expect(layersOf(metaOf("a"), "cross")).toEqual([]);
  });
});

describe("a text in windows", () => {
  it("shows the window that holds the token, the first when there is none", () => {
    expect(windowOf(metaOf("a"), 1)).toBeNull();
    expect([null, 0, 2, 3, 9].map((chosen) => windowOf(LONG, chosen))).toEqual([0, 0, 0, 1, 1]);
  });

  it("rows are those of the window, each with its place in the text", () => {
    const { queries, queryText, same } = sidesOf(LONG, "encoder", 1, TOKENS);
    expect(labels(queries.tokens)).toEqual("[CLS] w2 w3 w4 w5 w6 w7 w8 w9 [SEP]".split(" "));
    expect(queries.toText).toEqual([null, 2, 3, 4, 5, 6, 7, 8, 9, null]);
    expect([queries.toRow.get(2), queries.toRow.get(9), queries.toRow.get(1)]).toEqual([
      1,
      8,
      undefined,
    ]);
    expect(queryText.tokens).toBe(LONG.tokens);
    expect(same).toBe(true);
  });
});

describe("rows of words, and without special tokens", () => {
  const meta = metaOf("a no|vel idea");
  const side = (units: Rows, special: "show" | "hide" | "renormalise") => {
    const grouping = { units, special };
    const sides = sidesOf(meta, "encoder", null, grouping);
    expect([sides.same, sides.keys]).toEqual([true, sides.queries]);
    expect(sides.grouping).toBe(grouping); // what the keys of its tensors say
    return sides.queries;
  };

  it("a row is a word, and knows its tokens and their places in the text", () => {
    const { tokens, groups, toText, toRow } = side("words", "show");
    expect(labels(tokens)).toEqual(["[CLS]", "a", "novel", "idea", "[SEP]"]);
    expect(groups).toEqual([[0], [1], [2, 3], [4], [5]]);
    expect(toText).toEqual([0, 1, 2, 4, 5]);
    expect([0, 1, 2, 3, 4, 5].map((index) => toRow.get(index))).toEqual([0, 1, 2, 2, 3, 4]);
  });

  it.each(["hide", "renormalise"] as const)("what is special has no row (%s)", (special) => {
    const { tokens, groups, toText, toRow } = side("tokens", special);
    expect(labels(tokens)).toEqual(["a", "no", "vel", "idea"]);
    expect(groups).toEqual([[1], [2], [3], [4]]);
    expect(toText).toEqual([1, 2, 3, 4]);
    expect([0, 1, 4, 5].map((index) => toRow.get(index))).toEqual([undefined, 0, 3, undefined]);
    expect(labels(side("words", special).tokens)).toEqual(["a", "novel", "idea"]);
  });

  it("single tokens are the same lists", () => {
    const { tokens } = side("tokens", "show");
    expect(tokens).toBe(meta.tokens);
  });

  it("of cross-attention are those of each text", () => {
    const { queries, keys } = sidesOf(BOTH, "cross", null, { units: "words", special: "hide" });
    expect(labels(queries.tokens)).toEqual(["ein", "Roman"]);
    expect(labels(keys.tokens)).toEqual(["a", "novel"]);
    expect(queries.toRow.get(3)).toBe(1);
  });

  it("of a window lie in the window, and say which", () => {
    const { queries, window } = sidesOf(LONG, "encoder", 1, { units: "words", special: "hide" });
    expect(window).toBe(1);
    expect(labels(queries.tokens)).toEqual("w2 w3 w4 w5 w6 w7 w8 w9".split(" "));
    expect(queries.toText).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(queries.groups[0]).toEqual([1]); // behind the [CLS] of the window
    expect(queries.toRow.get(2)).toBe(0);
  });
});
