import { describe, expect, it } from "vitest";
import type { TokenMeta } from "../../js/contract";
import { passage } from "../../js/passage";
import type { Text } from "../../js/sides";
import { unitsOf } from "../../js/units";
import { all, one } from "./helpers/page";
import { special, token, tokensOf } from "./helpers/state";

const textOf = (tokens: TokenMeta[]): Text => ({
  tokens,
  stack: "encoder",
  has_hidden_states: true,
});

function built(tokens: TokenMeta[], roles: string[] = [], image: number[] | null = null) {
  const shown = passage("query");
  shown.build(textOf(tokens), unitsOf(tokens, true), roles, image);
  return shown;
}

describe("a text", () => {
  it("stands there as it was written", () => {
    const { element } = built(tokensOf("a no|vel idea"));
    expect(element.textContent).toBe("[CLS]a novel idea[SEP]");
    expect(all(element, "[data-unit]")).toHaveLength(5);
  });

  it("of a chat names who speaks before each message", () => {
    const tokens = [special("<s>"), token("hi", { segment: 0 }), token("ho", { segment: 1 })];
    const { element } = built(tokens, ["user", "<b>assistant</b>"]);
    expect(all(element, ".aw-role").map((role) => role.textContent)).toEqual([
      "user",
      "<b>assistant</b>",
    ]);
    expect(element.textContent).toBe("<s>userhi<b>assistant</b>ho");
    expect(element.querySelector("b")).toBeNull();
  });

  it("marks what was generated", () => {
    const { nodeOf } = built([token("a"), token("b", { step: 0, lead: " " })]);
    expect([0, 1].map((unit) => nodeOf(unit)?.classList.contains("aw-generated"))).toEqual([
      false,
      true,
    ]);
  });

  it("of sound shows times", () => {
    const { element } = built([token("", { label: "0.02 s", time: [0.02, 0.04] })]);
    expect(one(element, ".aw-frame").textContent).toBe("0.02 s");
    expect(one(element, ".aw-frame").classList.contains("aw-empty")).toBe(false);
  });
});

describe("an image", () => {
  const PATCHES = [0, 8, 16].map((left) =>
    token("", { label: "patch", box: [left, 0, left + 8, 16] }),
  );

  it("has its patches in place, and other tokens beside it", () => {
    const { element } = built([special("[CLS]"), ...PATCHES], [], [16, 24]);
    const places = all(element, ".aw-patch").map(({ style: { left, width } }) =>
      [left, width].map((size) => Math.round(Number.parseFloat(size))),
    );
    expect(places).toEqual([
      [0, 33],
      [33, 33],
      [67, 33],
    ]);
    expect(one(element, ".aw-heatmap").style.aspectRatio).toBe("24 / 16");
    expect(one(element, ".aw-special").closest(".aw-heatmap")).toBeNull();
  });
});

describe("colours and marks", () => {
  it("are those of the scores, none without limits, none for special tokens", () => {
    const shown = built(tokensOf("a b"));
    shown.colour([0, 1, 3, 0], [1, 3]);
    const heats = () => all(shown.element, "[data-unit]").map(({ dataset }) => dataset.heat);
    expect(heats()).toEqual(["", "aw-heat-0", "aw-heat-31", ""]);
    shown.colour(null, null);
    expect(heats()).toEqual(["", "", "", ""]);
    expect(shown.element.querySelector("[class*='aw-heat-']")).toBeNull();
  });

  it("move", () => {
    const shown = built(tokensOf("a b"));
    shown.mark([
      ["aw-hovered", 1],
      ["aw-selected", 1],
    ]);
    shown.mark([["aw-selected", 2]]);
    expect(all(shown.element, ".aw-hovered")).toEqual([]);
    expect(one(shown.element, ".aw-selected").textContent).toBe("b");
  });
});
