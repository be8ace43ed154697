import { afterEach, describe, expect, it } from "vitest";
import type { AppState } from "../../../js/state/app_state";
import { attentionKey } from "../../../js/state/shown_keys";
import { ungrouped } from "../../../js/state/ungrouped";
import type { State } from "../../../js/trace/contract";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  tokensOf,
} from "../helpers/state";

/** Tokens: [CLS] a small no|vel . [SEP]; words: [CLS] a small novel . [SEP]. */
const TEXT = "a small no|vel .";

let widget: Connected;
let view: AppState;

function show(change: Partial<State> = {}): void {
  widget = connected({ meta: metaOf(TEXT), ...change });
  view = ungrouped(widget.state);
}

afterEach(() => widget.controller.abort());

const labels = (state: AppState) => state.sides.value.queries.tokens.map(({ label }) => label);

describe("a view of tokens among views of words", () => {
  it("has the model's own rows, and asks for their tensors", () => {
    show({ words: true, special_tokens: "hide" });
    expect(labels(widget.state)).toEqual(["a", "small", "novel", "."]);
    expect(labels(view)).toEqual(["[CLS]", "a", "small", "no", "vel", ".", "[SEP]"]);
    expect(attentionKey(widget.state, "attention")).toBe("grouped/words/hide/attention/encoder/0");
    expect(attentionKey(view, "attention")).toBe("attention/encoder/0");
    widget.host.receive({ words: false, special_tokens: "show" });
    expect(labels(view)).toEqual(labels(widget.state));
  });

  it("has the selected token itself", () => {
    show({ words: true, token: 4, key_token: 3 });
    expect([widget.state.selected.value, view.selected.value, view.query.value]).toEqual([3, 4, 4]);
    expect([widget.state.selectedKey.value, view.selectedKey.value]).toEqual([3, 3]);
    view.token.value = 5;
    expect(widget.host.state.token).toBe(5);
    expect([widget.state.selected.value, view.selected.value]).toEqual([4, 5]);
  });

  it("hovers the word of a token, and keeps the token that is hovered here", () => {
    show({ words: true });
    for (const token of [3, 4]) {
      view.hovered.value = { token, as: "query" };
      expect(widget.state.hovered.value).toEqual({ token: 3, as: "query" });
      expect(view.hovered.value).toEqual({ token, as: "query" });
      expect(view.hovered.peek()).toEqual({ token, as: "query" });
      expect(view.query.value).toBe(token);
    }
    view.hovered.value = null;
    expect(widget.state.hovered.value).toBeNull();
    expect(view.hovered.value).toBeNull();
  });

  it("shows the first token of a word that is hovered elsewhere", () => {
    show({ words: true, token: 1 });
    view.hovered.value = { token: 4, as: "key" };
    widget.state.hovered.value = { token: 4, as: "key" };
    expect(view.hovered.value).toEqual({ token: 5, as: "key" });
    expect(view.query.value).toBe(1); // a key is no query
    widget.state.hovered.value = { token: 3, as: "query" };
    expect(view.hovered.value).toEqual({ token: 3, as: "query" });
  });

  it("of a token that is hidden elsewhere hovers nothing there", () => {
    show({ special_tokens: "hide" });
    view.hovered.value = { token: 2, as: "query" };
    expect(widget.state.hovered.value).toEqual({ token: 1, as: "query" });
    view.hovered.value = { token: 0, as: "query" };
    expect(widget.state.hovered.value).toBeNull();
  });

  it("keeps the two lists of cross-attention apart", () => {
    const target = {
      tokens: tokensOf("ein Ro|man"),
      has_hidden_states: true,
      has_word_embeddings: true,
      generated: false,
      given: null,
      replaceable: false,
    };
    const attention = [...attentionOf([layerOf(1)]), ...attentionOf([layerOf(1)], "cross")];
    show({ meta: metaOf(TEXT, { target, attention }), attention_kind: "cross", words: true });
    expect(labels(view)).toEqual(["[CLS]", "ein", "Ro", "man", "[SEP]"]);
    view.hovered.value = { token: 3, as: "query" };
    expect(widget.state.hovered.value).toEqual({ token: 2, as: "query" });
    view.hovered.value = { token: 4, as: "key" };
    expect(widget.state.hovered.value).toEqual({ token: 3, as: "key" });
    expect(view.hovered.value).toEqual({ token: 4, as: "key" });
  });
});
