import { describe, expect, it } from "vitest";
import { heatStep } from "../../../../js/draw/scales";
import { numbersIn } from "../../../../js/language/numbers";
import type { TokenMeta } from "../../../../js/trace/contract";
import type { Text } from "../../../../js/trace/sides";
import { unitsOf } from "../../../../js/trace/units";
import { openFold } from "../../../../js/views/text/folds";
import { type Colours, type Content, passage, piecesOf } from "../../../../js/views/text/passage";
import { all, one } from "../../helpers/page";
import { special, token, tokensOf } from "../../helpers/state";

const { glance: formatNumber } = numbersIn("en");

const textOf = (tokens: TokenMeta[]): Text => ({
  tokens,
  kind: "encoder",
  has_hidden_states: true,
  has_word_embeddings: true,
});

const { signal } = new AbortController();

const contentOf = (tokens: TokenMeta[], change: Partial<Content> = {}): Content => ({
  text: textOf(tokens),
  units: unitsOf(tokens, "words"),
  roles: [],
  image: null,
  hideSpecial: false,
  imageName: "The image",
  foldName: (n) => `${n} of the template`,
  ...change,
});

function built(tokens: TokenMeta[], change: Partial<Content> = {}) {
  const shown = passage("query", signal);
  shown.build(contentOf(tokens, change));
  return shown;
}

const NO = { count: 0, value: Number.NaN };

function coloursOf(
  scores: number[],
  [low, high]: readonly [number, number],
  hues: number[] | null = null,
): Colours {
  const range = { low, high, below: NO, above: NO, flat: false };
  const stepOf = (score: number) => heatStep(score, [low, high]);
  return { scores, range, stepOf, hues, write: formatNumber, adds: true };
}

describe("a text", () => {
  it("stands there as it was written", () => {
    const { element } = built(tokensOf("a no|vel idea"));
    expect(element.textContent).toBe("[CLS]a novel idea[SEP]");
    expect(all(element, "[data-unit]")).toHaveLength(5);
  });

  it("stands there without its special tokens where they are hidden", () => {
    const { element, nodeOf } = built(tokensOf("a no|vel idea"), { hideSpecial: true });
    expect(element.textContent).toBe("a novel idea");
    expect([0, 1, 4].map((unit) => nodeOf(unit)?.textContent)).toEqual([undefined, "a", undefined]);
    const content = contentOf(tokensOf("a no|vel"), { hideSpecial: true });
    expect(
      piecesOf(content)
        .map(({ text }) => text)
        .join(""),
    ).toBe("a novel");
  });

  it("of a chat names who speaks before each message", () => {
    const tokens = [special("<s>"), token("hi", { segment: 0 }), token("ho", { segment: 1 })];
    const { element } = built(tokens, { roles: ["user", "<b>assistant</b>"] });
    expect(all(element, ".aw-role").map((role) => role.textContent)).toEqual([
      "user",
      "<b>assistant</b>",
    ]);
    expect(element.textContent).toBe("user1 of the template<s>hi<b>assistant</b>ho");
    expect(element.querySelector("b")).toBeNull();
  });

  const CHAT = [
    ...["<|im_start|>", "system", "⏎", "You", "␣help", "<|im_end|>", "⏎"].map(special),
    ...["<|im_start|>", "user", "⏎"].map(special),
    token("hi", { segment: 0 }),
    ...["<|im_end|>", "⏎", "<|im_start|>", "ass", "istant", "⏎"].map(special),
    token("ho", { segment: 1 }),
    special("<|im_end|>"),
  ];

  it("of a chat folds its template, and says what it adds in a line", () => {
    const { element, nodeOf } = built(CHAT, { roles: ["user", "assistant"] });
    const folds = all<HTMLButtonElement>(element, ".aw-fold");
    expect(folds.map(({ textContent }) => textContent)).toEqual([
      "system · You help",
      "6 of the template",
      "1 of the template",
    ]);
    expect(folds.map(({ title }) => title)[0]).toBe("10 of the template");
    expect(all(element, ".aw-turn").map(({ firstElementChild }) => firstElementChild)).toEqual([
      folds[0],
      ...all(element, ".aw-role"),
    ]);
    const isFolded = () => all(element, ".aw-template").map((fold) => "folded" in fold.dataset);
    expect(isFolded()).toEqual([true, true, true]);
    folds[0]?.click();
    expect(isFolded()).toEqual([false, true, true]);
    expect(folds[0]?.getAttribute("aria-expanded")).toBe("true");
    folds[0]?.click();
    expect(isFolded()).toEqual([true, true, true]);
    openFold(nodeOf(13));
    expect(isFolded()).toEqual([true, false, true]);
    expect(CHAT.every((_, unit) => element.contains(nodeOf(unit) ?? null))).toBe(true);
  });

  it("of a chat says what its template gets together", () => {
    const shown = built(CHAT, { roles: ["user", "assistant"] });
    const scores = CHAT.map((_, unit) => (unit < 10 ? 0.05 : 0.01));
    shown.colour(coloursOf(scores, [0, 1]), shown.element);
    const sums = () => all(shown.element, ".aw-fold").map(({ dataset }) => dataset.score);
    expect(sums()).toEqual(["0.500", "0.060", "0.010"]);
    shown.colour({ ...coloursOf(scores, [0, 1]), adds: false }, shown.element);
    expect(sums()).toEqual(["", "", ""]);
  });

  it("of a chat without special tokens has no folds", () => {
    const { element } = built(CHAT, { roles: ["user", "assistant"], hideSpecial: true });
    expect(element.textContent).toBe("userhiassistantho");
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
    const { element } = built([special("[CLS]"), ...PATCHES], { image: [16, 24] });
    const places = all(element, ".aw-patch").map(({ style: { left, width } }) =>
      [left, width].map((size) => Math.round(Number.parseFloat(size))),
    );
    expect(places).toEqual([
      [0, 33],
      [33, 33],
      [67, 33],
    ]);
    expect(one(element, ".aw-image").style.getPropertyValue("--aw-ratio")).toBe("1.5");
    expect(all(element, ".aw-image")).toHaveLength(1);
    expect(one(element, ".aw-special").closest(".aw-image")).toBeNull();
  });

  it("has colours over the image, as strong as the scores", () => {
    const shown = built([special("[CLS]"), ...PATCHES], { image: [16, 24] });
    shown.colour(coloursOf([0, 1, 2, 3], [1, 3]), shown.element);
    const strengths = () =>
      all(shown.element, ".aw-patch-colour").map((node) => [
        [...node.classList].join(" "),
        Number(node.style.getPropertyValue("--aw-strength")),
      ]);
    expect(strengths()).toEqual([
      ["aw-patch-colour aw-heat-0", 0],
      ["aw-patch-colour aw-heat-16", 16 / 31],
      ["aw-patch-colour aw-heat-31", 1],
    ]);
    expect(classesOf(shown.element, "aw-heat-").join("")).toBe(""); // frames do not fade
    shown.colour(null, shown.element);
    expect(strengths().map(([, strength]) => strength)).toEqual([0, 0, 0]);
  });
});

const classesOf = (element: HTMLElement, kind: string) =>
  all(element, "[data-unit]").map(({ classList }) =>
    [...classList].filter((name) => name.startsWith(kind)).join(" "),
  );

describe("colours and marks", () => {
  it("are those of the scores, none without limits, none for special tokens", () => {
    const shown = built(tokensOf("a b"));
    shown.colour(coloursOf([0, 1, 3, 0], [1, 3]), shown.element);
    expect(classesOf(shown.element, "aw-heat-")).toEqual(["", "aw-heat-0", "aw-heat-31", ""]);
    expect(classesOf(shown.element, "aw-hue-").join("")).toBe("");
    shown.colour(null, shown.element);
    expect(shown.element.querySelector("[class*='aw-heat-']")).toBeNull();
  });

  it("are in the hue of the nearest pin; hues come again after the last", () => {
    const shown = built(tokensOf("a b c"));
    shown.colour(coloursOf([0, 1, 2, 3, 0], [1, 3], [0, 0, 1, 6, 0]), shown.element);
    expect(classesOf(shown.element, "aw-hue-")).toEqual([
      "",
      "aw-hue-0",
      "aw-hue-1",
      "aw-hue-0",
      "",
    ]);
    expect(classesOf(shown.element, "aw-heat-")[2]).toBe("aw-heat-16");
    shown.colour(coloursOf([0, 1, 2, 3, 0], [1, 3]), shown.element);
    expect(classesOf(shown.element, "aw-hue-").join("")).toBe("");
  });

  it("move, each kind for itself", () => {
    const shown = built(tokensOf("a b"));
    shown.mark("aw-hovered", [1]);
    shown.mark("aw-pinned", [1, 2]);
    shown.mark("aw-hovered", []);
    shown.mark("aw-pinned", [2]);
    expect(all(shown.element, ".aw-hovered")).toEqual([]);
    expect(one(shown.element, ".aw-pinned").textContent).toBe("b");
  });

  it("hovering touches the two units alone", () => {
    const shown = built(tokensOf("a b c d e f"));
    shown.mark("aw-hovered", [2]);
    const changed: Node[] = [];
    const observer = new MutationObserver((records) => {
      changed.push(...records.map(({ target }) => target));
    });
    observer.observe(shown.element, { subtree: true, childList: true, attributes: true });
    shown.mark("aw-hovered", [5]);
    for (const { target } of observer.takeRecords()) changed.push(target);
    expect(changed).toEqual([shown.nodeOf(2), shown.nodeOf(5)]);
    observer.disconnect();
  });
});

describe("a long text", () => {
  const lines = Array.from({ length: 120 }, (_, line) => `line ${line} of a text`);
  const tokens = tokensOf(lines.join(" ")).map((each) =>
    each.text === "line" && each.word ? { ...each, lead: "\n\n" } : each,
  );

  it("is in blocks that end where its lines do, and is the same text", () => {
    const { element } = built(tokens);
    const blocks = all(element, ".aw-block");
    expect(blocks).toHaveLength(3);
    expect(element.textContent).toBe(`[CLS]${lines.join("\n\n")}[SEP]`);
    // The end of a block breaks the line itself: one of the two breaks stands on each side.
    expect(
      blocks.slice(0, -1).map(({ textContent }) => /[^\n]\n$/.test(textContent ?? "")),
    ).toEqual([true, true]);
    expect(blocks.slice(1).map(({ textContent }) => /^\nline/.test(textContent ?? ""))).toEqual([
      true,
      true,
    ]);
  });

  it("is in blocks where its own tokens are the line breaks", () => {
    const own = lines.flatMap((line) => [
      ...line.split(" ").map((word) => token(word, { lead: " " })),
      token("\n", {}),
    ]);
    const { element } = built(own);
    expect(all(element, ".aw-block").length).toBeGreaterThan(1);
    for (const block of all(element, ".aw-block")) expect(block.textContent).toMatch(/[^\n]\n$/);
  });

  it("is coloured in the frames after, if nothing else comes", async () => {
    const many = Array.from({ length: 2_000 }, (_, word) => token("a", { word, lead: " " }));
    const shown = built(many);
    document.body.append(shown.element);
    const scores = many.map((_, unit) => unit);
    shown.colour(coloursOf(scores, [0, 1_999]), shown.element);
    shown.colour(coloursOf([...scores].reverse(), [0, 1_999]), shown.element);
    for (let frame = 0; frame < 8; frame++) await new Promise(requestAnimationFrame);
    const heats = classesOf(shown.element, "aw-heat-");
    expect([heats[0], heats.at(-1)]).toEqual(["aw-heat-31", "aw-heat-0"]);
    expect(heats).not.toContain("");
    shown.element.remove();
  });
});
