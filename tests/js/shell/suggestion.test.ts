import { afterEach, describe, expect, it } from "vitest";
import { type Offers, offers } from "../../../js/shell/offer_line";
import type { State, Suggestion } from "../../../js/trace/contract";
import { settled } from "../helpers/host";
import { one } from "../helpers/page";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  tokensOf,
} from "../helpers/state";
import { HandSource, tensorOf } from "../helpers/tensors";

const suggestion = (change: Partial<Suggestion>): Suggestion => ({
  kind: "encoder",
  layer: 1,
  head: 2,
  query: 3,
  key: 2,
  weight: 0.6249,
  specificity: 0.4,
  label: "",
  score: 0,
  ...change,
});
const FIRST = suggestion({});
const SECOND = suggestion({ layer: 0, head: 1, query: 1, key: 4, weight: 0.5 });
const META = metaOf("a small novel idea", { suggestions: [FIRST, SECOND] });

let widget: Connected;
let line: Offers;
let element: HTMLElement;
let source: HandSource;

afterEach(() => widget.controller.abort());

function show(change: Partial<State> = {}): void {
  widget = connected({ meta: META, ...change });
  source = new HandSource();
  line = offers(widget.state, source, widget.controller.signal);
  element = line.element;
}

const next = () => one<HTMLButtonElement>(element, "button");
const said = () => [".aw-why", ".aw-place"].map((part) => one(element, part).textContent);

describe("the line of a suggested head", () => {
  it("says why it is worth seeing", () => {
    show({ layer: 1, heads: [2] });
    const weight = widget.state.numbers.weight(FIRST.weight);
    expect(said()).toEqual([
      `Layer 1, head 2: “novel” attends to “small” (${weight}), more than other words do.`,
      "1 of 2",
    ]);
    expect(next().textContent).toBe("next");
  });

  it("says what the head does where a detector knows it", () => {
    const known = suggestion({ label: "induction", score: 0.917 });
    show({ layer: 1, heads: [2], meta: metaOf("a small novel idea", { suggestions: [known] }) });
    expect(said()[0]).toMatch(
      /more than other words do[.] It attends to what followed the same token before [(]0[.]92[)]: induction[.]$/,
    );
  });

  it("goes on to the next with its query, round the end", () => {
    show({ layer: 1, heads: [2], token: 0 });
    next().click();
    expect(widget.host.saved).toEqual([{ layer: 0, heads: [1], token: 1 }]);
    expect(said()[1]).toBe("2 of 2");
    next().click();
    expect(widget.host.state).toMatchObject({ layer: 1, heads: [2], token: 3 });
  });

  it("offers the best where another head is shown, or several", () => {
    for (const heads of [[0], [1, 2], []]) {
      show({ layer: 1, heads });
      expect([...said(), next().textContent]).toEqual(["", "", "Suggest a head"]);
      next().click();
      expect(widget.host.state).toMatchObject({ layer: 1, heads: [2], token: 3 });
      widget.controller.abort();
    }
  });

  it("has no way on where there is one", () => {
    show({ layer: 1, heads: [2], meta: { ...META, suggestions: [FIRST] } });
    expect([said()[1], next().hidden]).toEqual(["", true]);
    widget.state.heads.value = [0];
    expect(next().hidden).toBe(false);
  });

  it("is empty where nothing is suggested, also in what was saved before there was any", () => {
    show({ meta: { ...META, suggestions: [] } });
    expect(element.hidden).toBe(true);
    expect(line.next()).toBe(false);
    const { suggestions: _, ...before } = META;
    widget.host.receive({ meta: { ...before, run: 2 } as State["meta"] });
    expect(element.hidden).toBe(true);
  });

  it("takes the attention with it, and names the tokens of both its texts", () => {
    const cross = suggestion({ kind: "cross", layer: 0, head: 0, query: 2, key: 1 });
    const meta = metaOf("a b", {
      target: {
        tokens: tokensOf("x y z"),
        has_hidden_states: true,
        has_word_embeddings: true,
        generated: false,
        given: null,
        replaceable: false,
      },
      attention: [...attentionOf([layerOf(4)]), ...attentionOf([layerOf(2)], "cross")],
      suggestions: [cross],
    });
    show({ meta, heads: [3], token: 1, pinned: [1] });
    next().click();
    const { attention_kind, layer, heads, token } = widget.host.state;
    expect({ attention_kind, layer, heads, token }).toEqual({
      attention_kind: "cross",
      layer: 0,
      heads: [0],
      token: 2,
    });
    expect(said()[0]).toContain("“y” attends to “a”");
  });

  it("names whole words, with their weight, where rows are words", async () => {
    const meta = metaOf("a no|vel idea .", { suggestions: [suggestion({ query: 3, key: 4 })] });
    show({ layer: 1, heads: [2], token: 3, meta });
    expect(said()[0]).toContain("“vel” attends to “idea” (0.625)");
    expect(source.keys).toEqual([]);
    widget.state.words.value = true;
    expect(said()[0]).toContain("“novel” attends to “idea” (…)");
    const row = "grouped/words/show/attention_row/encoder/1/2";
    expect(source.keys).toEqual([row]);
    source.answer(row, tensorOf([3, 6], ...Array(12).fill(0), 0, 0, 0, 0.375, 0, 0));
    await settled();
    expect(said()[0]).toContain("“novel” attends to “idea” (0.375)");
  });

  it("speaks of the two tokens, not of words or passages, where rows are passages", () => {
    const meta = metaOf("a small novel idea .", { suggestions: [suggestion({})] });
    const tokens = meta.tokens.map((token, i) => ({ ...token, passage: i < 3 ? "one" : "two" }));
    show({ layer: 1, heads: [2], meta: { ...meta, tokens }, passage_rows: true });
    expect(widget.state.sides.value.grouping.units).toBe("passages");
    expect(said()[0]).toBe(
      "Layer 1, head 2, token by token: “novel” attends to “small” (0.625). The rows are passages.",
    );
    expect(source.keys).toEqual([]); // the weight of the row is another one
    widget.state.passage_rows.value = false;
    expect(said()[0]).toMatch(/“novel” attends to “small” [(]0[.]625[)], more than other words do/);
  });
});
