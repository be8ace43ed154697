import { batch, effect, signal } from "@preact/signals-core";
import { afterEach, describe, expect, it } from "vitest";
import { connectState, watch } from "../../../js/state/app_state";
import { toggleToken } from "../../../js/state/selecting";
import { attentionKey } from "../../../js/state/shown_keys";
import { NotebookHost } from "../helpers/host";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  PAGE,
  special,
  stateOf,
  tokensOf,
} from "../helpers/state";

const open: AbortController[] = [];
function connect(...given: Parameters<typeof connected>): Connected {
  const made = connected(...given);
  open.push(made.controller);
  return made;
}

afterEach(() => {
  for (const controller of open.splice(0)) controller.abort();
});

/** How often the state was drawn, and what of it. */
function drawings<T>(read: () => T): T[] {
  const seen: T[] = [];
  const controller = new AbortController();
  open.push(controller);
  watch(controller.signal, () => {
    seen.push(read());
  });
  return seen;
}

describe("from Python", () => {
  it("starts with what the traits say and saves nothing", () => {
    const { host, state } = connect({
      layer: 1,
      heads: [2],
      pinned: [3],
      measure: "pinned_cosine",
    });
    expect(state.layer.value).toBe(1);
    expect(state.heads.value).toEqual([2]);
    expect(state.pinned.value).toEqual([3]);
    expect(state.measure.value).toBe("pinned_cosine");
    expect(state.meta.value).toBe(host.state.meta);
    expect(host.saved).toEqual([]);
  });

  it("several traits arrive at once: nobody sees half of them", () => {
    const { host, state } = connect();
    const meta = metaOf("x y", { run: 2, attention: attentionOf([layerOf(1)]) });
    const seen = drawings(() => [
      state.text.value,
      state.meta.value.run,
      state.layer.value,
      state.heads.value,
      state.units.value.length,
      state.activeHeads.value,
    ]);
    host.receive({ text: "x y", meta, layer: 0, heads: [0], token: null, busy: false });
    expect(seen.slice(1)).toEqual([["x y", 2, 0, [0], 4, [0]]]);
  });

  it("is not sent back", () => {
    const { host, state } = connect();
    host.receive({ layer: 1, heads: [0], measure: "previous_cosine" });
    host.receive({ busy: true });
    host.receive({ meta: metaOf("b", { run: 2 }), text: "b" });
    expect(state.layer.value).toBe(1);
    expect(host.saved).toEqual([]);
  });

  it("takes back what Python refused, without an argument", () => {
    const { host, state } = connect();
    state.layer.value = 1;
    expect(host.saved).toEqual([{ layer: 1 }]);
    host.receive({ layer: 0 });
    expect(state.layer.value).toBe(0);
    expect(host.saved).toHaveLength(1);
  });

  it("an array of the same numbers is taken without an answer", () => {
    const { host, state } = connect({ heads: [0, 1] });
    host.receive({ heads: [0, 1], layer: 1 });
    expect(state.heads.value).toEqual([0, 1]);
    expect(host.saved).toEqual([]);
  });
});

describe("to Python", () => {
  it("what is selected together is saved at once", () => {
    const { host, state } = connect();
    batch(() => {
      state.layer.value = 1;
      state.heads.value = [2];
      state.token.value = 3;
      state.pinned.value = [4];
    });
    expect(host.saved).toEqual([{ layer: 1, heads: [2], token: 3, pinned: [4] }]);
  });

  it("a host that tells of each trait as it is set pulls nothing half-set back", () => {
    const { host, state } = connect();
    const seen = drawings(() => [state.layer.value, state.heads.value, state.words.value]);
    batch(() => {
      state.layer.value = 1;
      state.heads.value = [1];
      state.words.value = false;
    });
    expect(seen.slice(1)).toEqual([[1, [1], false]]);
    expect(host.state).toMatchObject({ layer: 1, heads: [1], words: false });
    expect(host.saved).toHaveLength(1);
  });

  it("each selection is saved once, and the same one not again", () => {
    const { host, state } = connect();
    state.theme.value = "dark";
    state.views.value = ["text"];
    state.theme.value = "dark";
    state.combine.value = "mean";
    expect(host.saved).toEqual([{ theme: "dark" }, { views: ["text"] }, { combine: "mean" }]);
  });

  it("what lives in the browser stays there", () => {
    const { host, state } = connect();
    state.hovered.value = { token: 1, as: "key" };
    expect(host.saved).toEqual([]);
  });

  it("two displays of one widget follow each other and do not quarrel", () => {
    const { host, state } = connect();
    const controller = new AbortController();
    open.push(controller);
    const other = connectState(host, PAGE, controller.signal);
    state.heads.value = [1];
    other.token.value = 2;
    batch(() => {
      other.layer.value = 1;
      other.pinned.value = [0];
    });
    for (const each of [state, other]) {
      expect(each.heads.value).toEqual([1]);
      expect([each.token.value, each.layer.value, each.pinned.value]).toEqual([2, 1, [0]]);
    }
    expect(host.saved).toEqual([{ heads: [1] }, { token: 2 }, { layer: 1, pinned: [0] }]);
  });

  it("a host that fails once is told the next selection all the same", () => {
    const { host, state } = connect();
    const { set } = host;
    host.set = () => {
      throw new Error("the comm is closed");
    };
    expect(() => {
      state.layer.value = 1;
    }).toThrow("the comm is closed");
    host.set = set;
    host.receive({ token: 2 });
    expect(state.token.value).toBe(2);
  });
});

describe("what follows", () => {
  it("units are words or tokens, and each token knows its own", () => {
    const { state } = connect({ words: true });
    expect(state.units.value.map(({ text }) => text)).toEqual([
      "[CLS]",
      "a",
      "small",
      "novel",
      ".",
      "[SEP]",
    ]);
    expect(state.unitOfToken.value).toEqual([0, 1, 2, 3, 3, 4, 5]);
    state.words.value = false;
    expect(state.units.value).toHaveLength(7);
    expect(state.unitOfToken.value).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("the query is the one under the mouse, else the selected one", () => {
    const { state } = connect();
    expect(state.query.value).toBeNull();
    state.token.value = 2;
    expect(state.query.value).toBe(2);
    state.hovered.value = { token: 4, as: "query" };
    expect(state.query.value).toBe(4);
    state.hovered.value = { token: 5, as: "key" };
    expect(state.query.value).toBe(2);
    state.hovered.value = null;
    state.token.value = null;
    expect(state.query.value).toBeNull();
  });

  it("rows of other lists are forgotten when the window or the kind changes", () => {
    const positions = (first: number) => [null, first, first + 1];
    const windows = [0, 2].map((first) => ({
      positions: positions(first),
      specials: [special("[CLS]")],
      own: [first, first + 2],
    }));
    const { state } = connect({ meta: metaOf("a b", { windows }), token: 1 });
    expect([state.sides.value.window, state.selected.value]).toEqual([0, 2]);
    state.hovered.value = { token: 1, as: "query" };
    expect(state.query.value).toBe(1);
    expect(attentionKey(state, "scores", { head: 0, token: 1 })).toBe(
      "window/0/scores/encoder/0/0/1",
    );
    state.token.value = 3;
    expect(state.hovered.value).toBeNull();
    expect([state.sides.value.window, state.selected.value, state.query.value]).toEqual([1, 2, 2]);
    expect(attentionKey(state, "mask")).toBe("window/1/mask/encoder/0");
  });

  it("token 0 is a token", () => {
    const { state } = connect({ token: 0 });
    expect(state.query.value).toBe(0);
    state.token.value = 3;
    state.hovered.value = { token: 0, as: "query" };
    expect(state.query.value).toBe(0);
  });

  it("what the mouse was over is forgotten with the text it was in", () => {
    const { host, state } = connect({ token: 5 });
    state.hovered.value = { token: 6, as: "query" };
    host.receive({ text: "x", meta: metaOf("x", { run: 2 }), token: null });
    expect(state.query.value).toBeNull();
    expect(state.hovered.value).toBeNull();
  });

  it("active heads are the selected ones that the layer has", () => {
    const meta = metaOf("a b", { attention: attentionOf([layerOf(4), layerOf(2), null]) });
    const { state } = connect({ meta, heads: [0, 1, 3] });
    expect(state.activeHeads.value).toEqual([0, 1, 3]);
    state.layer.value = 1;
    expect(state.activeHeads.value).toEqual([0, 1]);
    state.layer.value = 2;
    expect(state.activeHeads.value).toEqual([]);
  });

  it("the one head is the first selected, so that Python knows it", () => {
    const { state } = connect({ heads: [2, 1] });
    expect(state.focusHead.value).toBe(2);
    state.heads.value = [0, 1];
    expect(state.focusHead.value).toBe(0);
    state.heads.value = [];
    expect(state.focusHead.value).toBeNull();
  });

  it("dark follows the host, unless the trait says", () => {
    const host = new NotebookHost(stateOf({ theme: "auto" }));
    const hostIsDark = signal(true);
    const controller = new AbortController();
    open.push(controller);
    const state = connectState(host, { ...PAGE, dark: hostIsDark }, controller.signal);
    expect(state.dark.value).toBe(true);
    hostIsDark.value = false;
    expect(state.dark.value).toBe(false);
    state.theme.value = "dark";
    expect(state.dark.value).toBe(true);
    hostIsDark.value = true;
    state.theme.value = "light";
    expect(state.dark.value).toBe(false);
  });
});

describe("toggleToken", () => {
  it("selects each in its own text, and no token that a window adds", () => {
    const target = {
      tokens: tokensOf("x y"),
      has_hidden_states: true,
      has_word_embeddings: true,
      generated: false,
      given: null,
      replaceable: false,
    };
    const attention = attentionOf([layerOf(1)], "cross");
    const meta = metaOf("a b c", { target, attention });
    const { state } = connect({ meta, attention_kind: "cross" });
    toggleToken(state, 1, "key");
    expect([state.token.value, state.key_token.value]).toEqual([null, 1]);
    toggleToken(state, 1, "query");
    expect([state.token.value, state.key_token.value]).toEqual([1, 1]);
    const windows = [{ positions: [null, 0, 1], specials: [special("[CLS]")], own: [0, 4] }];
    const long = connect({ meta: metaOf("a b", { windows }) }).state;
    toggleToken(long, 0, "query");
    expect(long.token.value).toBeNull();
    toggleToken(long, 2, "key");
    expect([long.token.value, long.key_token.value]).toEqual([null, 1]);
  });

  it("lets go of the word of any selected piece", () => {
    const { state } = connect({
      meta: metaOf("a no|vel idea"),
      words: true,
      token: 3,
      key_token: 3,
    });
    toggleToken(state, 2, "query");
    toggleToken(state, 2, "key");
    expect([state.token.value, state.key_token.value]).toEqual([null, null]);
  });

  it("selects a token, another, and lets go of the selected one", () => {
    const { state } = connect();
    toggleToken(state, 0, "query");
    expect(state.token.value).toBe(0);
    toggleToken(state, 3, "query");
    expect(state.token.value).toBe(3);
    toggleToken(state, 3, "query");
    expect(state.token.value).toBeNull();
  });
});

describe("the end", () => {
  it("leaves no listener, and neither side hears the other", () => {
    const { host, state, controller } = connect();
    expect(host.listenerCount).toBeGreaterThan(0);
    controller.abort();
    expect(host.listenerCount).toBe(0);
    state.layer.value = 1;
    expect(host.saved).toEqual([]);
    host.receive({ token: 2 });
    expect(state.token.value).toBeNull();
  });

  it("watch runs now and at each change, until it is aborted", () => {
    const number = signal(1);
    const controller = new AbortController();
    const seen: number[] = [];
    watch(controller.signal, () => {
      seen.push(number.value);
    });
    number.value = 2;
    controller.abort();
    number.value = 3;
    expect(seen).toEqual([1, 2]);
  });

  it("watch does not start for what is over", () => {
    let runs = 0;
    watch(AbortSignal.abort(), () => {
      runs += 1;
    });
    expect(runs).toBe(0);
  });

  it("an effect of a view ends with the view, not with the widget", () => {
    const { state, controller } = connect();
    const view = new AbortController();
    const seen: number[] = [];
    watch(view.signal, () => {
      seen.push(state.layer.value);
    });
    view.abort();
    state.layer.value = 1;
    expect(seen).toEqual([0]);
    const dispose = effect(() => {
      seen.push(state.layer.value);
    });
    dispose();
    expect(controller.signal.aborted).toBe(false);
    expect(seen).toEqual([0, 1]);
  });
});
