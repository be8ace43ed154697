import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Offers, offers } from "../../../js/shell/offer_line";
import type { State } from "../../../js/trace/contract";
import { one } from "../helpers/page";
import { attentionOf, type Connected, connected, layerOf, metaOf } from "../helpers/state";
import { HandSource, tensorOf } from "../helpers/tensors";

const REST_MS = 150;
/** [CLS] a small novel idea [SEP], in two layers of three heads, and one without attention between them. */
const META = metaOf("a small novel idea", {
  attention: attentionOf([layerOf(3), null, layerOf(3)]),
});
const [QUERY, KEY] = [3, 4];
const ROWS = [0, 2].map((layer) => `attention_row/encoder/${layer}/${QUERY}`);

let widget: Connected;
let source: HandSource;
let line: Offers;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  widget.controller.abort();
  vi.useRealTimers();
});

function show(change: Partial<State> = {}): void {
  widget = connected({ meta: META, layer: 0, heads: [0], ...change });
  source = new HandSource();
  line = offers(widget.state, source, widget.controller.signal);
}

const rest = (ms = REST_MS) => vi.advanceTimersByTimeAsync(ms);

/** The row of a layer: to the key so much in each head, to the others less. */
const rowOf = (...weights: number[]) =>
  tensorOf([weights.length, 6], ...weights.flatMap((w) => [0.01, 0, 0, 0, w, 0]));

async function answer(...layers: number[][]): Promise<void> {
  for (const [place, weights] of layers.entries()) {
    source.answer(ROWS[place] ?? "", rowOf(...weights));
  }
  await rest(0);
}

const words = () => one(line.element, ".aw-why").textContent;
const place = () => one(line.element, ".aw-place").textContent;
const button = () => one<HTMLButtonElement>(line.element, "button");
const shown = () => [widget.host.state.layer, widget.host.state.heads];

describe("two words that are selected", () => {
  it("are told of the head that gives them the largest weight, of all layers", async () => {
    show({ token: QUERY, key_token: KEY });
    await rest();
    await answer([0.25, 0.125, 0], [0.0625, 0.5, 0.375]);
    expect(words()).toBe("“novel” → “idea”: most in layer 2, head 1 (0.500)");
    expect([place(), button().textContent]).toEqual(["", "show"]);
  });

  it("lead there, then to the next largest, and round the end", async () => {
    show({ token: QUERY, key_token: KEY, heads: [0, 1, 2] });
    await rest();
    await answer([0.25, 0, 0], [0, 0.5, 0.375]);
    button().click();
    expect(shown()).toEqual([2, [1]]);
    expect([words(), place(), button().textContent]).toEqual([
      "“novel” → “idea”: most in layer 2, head 1 (0.500)",
      "1 of 3",
      "next",
    ]);
    expect(line.next()).toBe(true);
    expect(shown()).toEqual([2, [2]]);
    expect([words(), place()]).toEqual(["“novel” → “idea”: layer 2, head 2 (0.375)", "2 of 3"]);
    line.next();
    expect(shown()).toEqual([0, [0]]);
    line.next();
    expect(shown()).toEqual([2, [1]]);
    expect(widget.host.state).toMatchObject({ token: QUERY, key_token: KEY });
    expect(source.keys).toEqual([...ROWS].reverse()); // another head asks for nothing
  });

  it("lead to the strongest from a head that a person chose", async () => {
    show({ token: QUERY, key_token: KEY, layer: 2, heads: [2] }); // the second
    await rest();
    await answer([0.25, 0, 0], [0, 0.5, 0.375]);
    expect(button().textContent).toBe("show");
    button().click();
    expect(shown()).toEqual([2, [1]]);
    widget.state.heads.value = [0];
    expect(button().textContent).toBe("show");
  });

  it("are asked for once they rest, never while both are not selected", async () => {
    show({ token: QUERY });
    await rest(10 * REST_MS);
    expect(source.keys).toEqual([]);
    expect(line.element.hidden).toBe(true);
    for (const key of [0, 1, 2, KEY]) {
      widget.state.key_token.value = key;
      expect(words()).toContain(": …");
      await rest(REST_MS - 1);
    }
    expect(source.keys).toEqual([]);
    widget.state.hovered.value = { token: 1, as: "query" };
    await rest(1);
    expect(source.keys.sort()).toEqual(ROWS); // the layer without attention has none
    widget.state.key_token.value = null;
    expect(line.element.hidden).toBe(true);
  });

  it("say so where no head gives them any", async () => {
    show({ token: QUERY, key_token: KEY });
    await rest();
    await answer([0, 0, 0], [0, 0, 0]);
    expect(words()).toBe("“novel” → “idea”: no attention in any head");
    expect(button().hidden).toBe(true);
    expect(line.next()).toBe(false);
  });

  it("are told of what is known where a page lacks layers or heads", async () => {
    show({ token: QUERY, key_token: KEY });
    await rest();
    source.wishFor(ROWS[1] ?? "").reject(new Error("not in this page"));
    await answer([0.25, Number.NaN, 0.125]);
    expect(words()).toBe("“novel” → “idea”: largest known weight in layer 0, head 0 (0.250)");
    expect(place()).toBe("1 of 2");
  });

  it("leave the line to the suggestions where nothing is known", async () => {
    const suggestion = { kind: "encoder", layer: 2, head: 2, query: 3, key: 1 } as const;
    const meta = {
      ...META,
      suggestions: [{ ...suggestion, weight: 0.5, specificity: 0.4, label: "", score: 0 }],
    };
    show({ meta, token: QUERY, key_token: KEY });
    await rest();
    for (const row of ROWS) source.wishFor(row).reject(new Error("not in this page"));
    await rest(0);
    expect(button().textContent).toBe("Suggest a head");
  });

  it("are whole words where rows are words", async () => {
    const meta = metaOf("a no|vel idea .", { attention: attentionOf([layerOf(1)]) });
    show({ meta, words: true, token: 3, key_token: 4 });
    await rest();
    expect(source.keys).toEqual(["grouped/words/show/attention_row/encoder/0/2"]);
    source.answer(source.keys[0] ?? "", tensorOf([1, 6], 0, 0, 0, 0.75, 0, 0));
    await rest(0);
    expect(words()).toBe("“novel” → “idea”: most in layer 0, head 0 (0.750)");
  });

  it("are told anew of another text", async () => {
    show({ token: QUERY, key_token: KEY });
    await rest();
    await answer([0.25, 0, 0], [0, 0.5, 0.375]);
    widget.host.receive({ meta: { ...META, run: 2 } });
    expect(words()).toContain(": …");
    await rest();
    expect(source.wishes.filter(({ run }) => run === 2)).toHaveLength(2);
    await answer([0.25, 0.75, 0], [0, 0.5, 0.375]);
    expect(words()).toContain("layer 0, head 1 (0.750)");
  });
});
