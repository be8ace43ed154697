/** A link to a saved page names what was chosen, as every version before wrote it. */

import { describe, expect, it } from "vitest";
import { linkOf, stateOf as stateOfLink } from "../../../js/saved/link";
import type { State } from "../../../js/trace/contract";
import { OPTION_NAMES } from "../../../js/trace/options";
import { layerOf, metaOf, stateOf, tokensOf } from "../helpers/state";

/** Written before options were declared once. */
const LINK =
  "attention_kind=decoder&layer=1&heads=1%2C0&combine=mean&token=3&key_token=0&pinned=2%2C1" +
  "&pin_mode=mean&views=matrix%2Clines&measure=pinned_cosine&space=embeddings&colour_map=viridis" +
  "&words=true&special_tokens=renormalise&segments=a_b&top_p=0.5&threshold=0.25" +
  "&direction=horizontal&summary=distance&sort_heads=true&normalise_rows=true&log_colour=true" +
  "&theme=dark&locale=vi";
const CHOSEN: Partial<State> = {
  attention_kind: "decoder",
  layer: 1,
  heads: [1, 0],
  combine: "mean",
  token: 3,
  key_token: 0,
  pinned: [2, 1],
  pin_mode: "mean",
  views: ["matrix", "lines"],
  measure: "pinned_cosine",
  space: "embeddings",
  colour_map: "viridis",
  words: true,
  special_tokens: "renormalise",
  segments: "a_b",
  top_p: 0.5,
  threshold: 0.25,
  direction: "horizontal",
  summary: "distance",
  sort_heads: true,
  normalise_rows: true,
  log_colour: true,
  theme: "dark",
  locale: "vi",
};

const tokens = tokensOf("a good novel");
const meta = metaOf(tokens, {
  target: {
    tokens,
    has_hidden_states: true,
    has_word_embeddings: true,
    generated: false,
    given: null,
    replaceable: false,
  },
  attention: (["encoder", "decoder"] as const).map((kind) => ({
    kind,
    layers: [layerOf(2), layerOf(2), null],
  })),
});
const saved = stateOf({ meta });

describe("a link", () => {
  it("names every option that there was, as it did before", () => {
    expect(Object.keys(CHOSEN).filter((name) => !OPTION_NAMES.includes(name as never))).toEqual([]);
    const link = linkOf({ ...saved, ...CHOSEN }, saved);
    expect(link.split("&").sort()).toEqual(LINK.split("&").sort());
    expect(stateOfLink(`#${LINK}`, saved)).toEqual(CHOSEN);
    expect(linkOf(saved, saved)).toBe("");
    const pairs = {
      head_pairs: [
        [1, 0],
        [0, 1],
      ] as [number, number][],
    };
    expect(linkOf({ ...saved, ...pairs }, saved)).toBe("head_pairs=1.0%2C0.1");
    expect(stateOfLink("#head_pairs=1.0%2C0.1", saved)).toEqual(pairs);
    expect(stateOfLink("#head_pairs=", { ...saved, ...pairs })).toEqual({ head_pairs: [] });
    expect(stateOfLink("#colour_map=purple", saved)).toEqual({ colour_map: "purple" });
    expect(stateOfLink("#effect_position=4", saved)).toEqual({ effect_position: 4 });
    expect(stateOfLink("#effect_position=5", saved)).toEqual({});
    for (const [token, text] of [
      [7, "%237"],
      ["7", "7"],
      [" Paris", "%20Paris"],
    ] as const) {
      const link = `effect_token=${text}`;
      expect(linkOf({ ...saved, effect_token: token }, saved)).toBe(link);
      expect(stateOfLink(`#${link}`, saved)).toEqual({ effect_token: token });
    }
    expect(stateOfLink("#compared_with=", { ...saved, compared_with: 3 })).toEqual({
      compared_with: null,
    });
  });

  it.each([
    "attention_kind=cross",
    "layer=2",
    "layer=-1",
    "heads=0,2",
    "heads=1,1",
    "head_pairs=1",
    "head_pairs=1.2",
    "head_pairs=2.0",
    "head_pairs=1.0.0",
    "head_pairs=1.0,1.0",
    "head_pairs=1.0,01.0",
    "head_pairs=1.0,x.1",
    "head_pairs=1.0,,0.1",
    "combine=pie",
    "token=5",
    "key_token=x",
    "pinned=0,9",
    "views=",
    "views=lines,pie",
    "words=1",
    "top_p=1.5",
    "threshold=NaN",
    "theme=pink",
    "zoom=3",
  ])("leaves %s as it was saved, as there is no such thing", (part) => {
    expect(stateOfLink(`#${part}&sort_heads=true`, saved)).toEqual({ sort_heads: true });
  });

  it("can let go of tokens and heads", () => {
    const had = { ...saved, token: 1, key_token: 1, pinned: [1], heads: [1] };
    const none = { token: null, key_token: null, pinned: [], heads: [] };
    expect(stateOfLink("#token=&key_token=&pinned=&heads=", had)).toEqual(none);
  });
});
