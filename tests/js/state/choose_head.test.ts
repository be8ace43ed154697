/** Going to a head, and to another kind of attention. */

import { afterEach, describe, expect, it } from "vitest";
import { chooseHead, chooseKind } from "../../../js/state/choose_head";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  tokensOf,
} from "../helpers/state";

let widget: Connected | undefined;
afterEach(() => widget?.controller.abort());

const TRANSLATOR = metaOf("a b", {
  target: {
    tokens: tokensOf("x y z"),
    has_hidden_states: true,
    has_word_embeddings: true,
    generated: false,
    given: null,
    replaceable: false,
  },
  attention: [
    ...attentionOf([layerOf(4)]),
    ...attentionOf([layerOf(2), layerOf(2)], "decoder"),
    ...attentionOf([null, layerOf(2)], "cross"),
  ],
});

describe("another kind of attention", () => {
  it.each([
    ["encoder", "cross", [null, [], 3]],
    ["encoder", "decoder", [null, [], null]],
    ["decoder", "cross", [1, [2], null]],
    ["cross", "encoder", [null, [], 3]],
    ["decoder", "decoder", [1, [2], 3]],
  ] as const)("from %s to %s lets go of what is of another text", (from, to, kept) => {
    widget = connected({
      meta: TRANSLATOR,
      attention_kind: from,
      token: 1,
      pinned: [2],
      key_token: 3,
    });
    const { state } = widget;
    chooseKind(state, to);
    expect([state.token.value, state.pinned.value, state.key_token.value]).toEqual(kept);
    expect(state.attention_kind.value).toBe(to);
    expect(state.layers.value[state.layer.value]).not.toBeNull();
  });

  it("tells Python of what changed alone", () => {
    widget = connected({ meta: TRANSLATOR });
    chooseKind(widget.state, "decoder");
    expect(widget.host.saved).toEqual([{ attention_kind: "decoder" }]);
  });

  it("a head there is chosen with its layer, in one message", () => {
    widget = connected({ meta: TRANSLATOR, heads: [3] });
    chooseHead(widget.state, { kind: "cross", layer: 1, head: 0 }, true);
    expect(widget.host.saved).toEqual([{ attention_kind: "cross", layer: 1, heads: [0] }]);
  });
});
