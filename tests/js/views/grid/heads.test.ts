/** Places of heads, their numbers, and tensors that come one after another. */

import { signal } from "@preact/signals-core";
import { afterEach, describe, expect, it } from "vitest";
import { ranked, summariesOf } from "../../../../js/measures/head_summaries";
import { chooseHead, chooseKind } from "../../../../js/state/choose_head";
import { resources } from "../../../../js/tensors/resource";
import { NUMBERS } from "../../../../js/trace/contract";
import { atlas } from "../../../../js/views/grid/atlas";
import { summaryRange } from "../../../../js/views/grid/data";
import { settled } from "../../helpers/host";
import { openPage } from "../../helpers/page";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  tokensOf,
} from "../../helpers/state";
import { HandSource, tensorOf } from "../../helpers/tensors";

let widget: Connected | undefined;
afterEach(() => widget?.controller.abort());

const TRANSLATOR = metaOf("a b", {
  target: { tokens: tokensOf("x y z"), has_hidden_states: true, generated: false },
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

describe("numbers of heads", () => {
  const heads = [0, 1, 2, 3].map((head) => ({ kind: "encoder" as const, layer: 0, head }));
  const values = [0.5, Number.NaN, 2, 2];
  const table = tensorOf([8, 4], ...NUMBERS.flatMap((_, row) => values.map((v) => v * (row + 1))));
  const summaries = summariesOf(({ layer }) => (layer === 0 ? table : undefined));

  it("are read by name", () => {
    const [first, second] = heads;
    expect(summaries.of(first ?? heads[0] ?? never(), "entropy")).toBe(0.5);
    expect(summaries.of(first ?? never(), "sink")).toBe(4);
    expect(summaries.of(second ?? never(), "self")).toBeNaN();
    expect(summaries.of({ kind: "encoder", layer: 1, head: 0 }, "self")).toBeNaN();
    expect(summaries.of({ kind: "encoder", layer: 0, head: 4 }, "entropy")).toBeNaN();
    expect([0, 1].map((layer) => summaries.has({ kind: "encoder", layer }))).toEqual([true, false]);
  });

  it("rank: largest first, equal ones in order, unknown ones last", () => {
    expect(ranked(heads, summaries, "first").map(({ head }) => head)).toEqual([2, 3, 0, 1]);
    expect(summaryRange(heads, summaries, "distance").high).toBe(4);
    expect(summaryRange(heads.slice(1, 2), summaries, "distance").high).toBe(0);
  });
});

function never(): never {
  throw new Error("no such head");
}

describe("tensors one after another", () => {
  const one = tensorOf([1], 1);

  function start(...keys: string[]) {
    widget = connected();
    const source = new HandSource();
    const wanted = signal(keys);
    const here = resources(
      widget.state,
      source,
      widget.controller.signal,
      () => wanted.value,
      "idle",
    );
    return { source, wanted, here, ...widget };
  }

  it("never two at a time, and the most urgent next", async () => {
    const { source, wanted, here } = start("a", "b", "c");
    expect(source.keys).toEqual(["a"]);
    expect(here.value.missing).toBe(3);
    wanted.value = ["d", "a", "c"];
    expect(source.keys).toEqual(["a"]);
    source.answer("a", one);
    await settled();
    expect(source.keys).toEqual(["a", "d"]);
    source.answer("d", one);
    await settled();
    source.answer("c", one);
    await settled();
    expect(source.keys).toEqual(["a", "d", "c"]);
    expect(here.value.missing).toBe(0);
    expect([...here.value.tensors.keys()]).toEqual(["a", "d", "c"]);
  });

  it("what is here already is not asked for", () => {
    widget = connected();
    const source = new HandSource();
    source.put(1, "a", one);
    const here = resources(widget.state, source, widget.controller.signal, () => ["a"], "idle");
    expect(source.keys).toEqual([]);
    expect(here.value).toMatchObject({ missing: 0, error: null });
    expect(here.value.tensors.get("a")).toBe(one);
  });

  it("a refusal is told while it is wanted, and stops nothing", async () => {
    const { source, wanted, here } = start("a", "b");
    source.wishFor("a").reject(new Error("layer 0 was not kept"));
    await settled();
    expect(here.value.error).toBe("layer 0 was not kept");
    source.answer("b", one);
    await settled();
    expect(here.value.missing).toBe(0);
    wanted.value = ["b"];
    expect(here.value.error).toBeNull();
    expect(source.keys).toEqual(["a", "b"]);
  });

  it("another run starts anew", async () => {
    const { source, here, host } = start("a");
    host.receive({ meta: metaOf("b", { run: 2 }) });
    expect(source.wishes.map(({ run, signal }) => [run, signal.aborted])).toEqual([
      [1, true],
      [2, false],
    ]);
    source.wishes[0]?.resolve(tensorOf([1], 7));
    await settled();
    expect(here.value.tensors.size).toBe(0);
    source.answer("a", one);
    await settled();
    expect(here.value.tensors.get("a")).toBe(one);
  });

  it("keys may follow from what is here", async () => {
    widget = connected();
    const source = new HandSource();
    const { signal: abort } = widget.controller;
    const found = signal(0);
    const here = resources(
      widget.state,
      source,
      abort,
      () => Array.from({ length: Math.min(3, found.value + 1) }, (_, index) => `k${index}`),
      "idle",
    );
    for (const key of ["k0", "k1", "k2"]) {
      source.answer(key, one);
      await settled();
      found.value = here.value.tensors.size;
    }
    expect(source.keys).toEqual(["k0", "k1", "k2"]);
  });

  it("ends with the view", async () => {
    const { source, controller } = start("a", "b");
    controller.abort();
    expect(source.wishes[0]?.signal.aborted).toBe(true);
    await settled();
    expect(source.keys).toEqual(["a"]);
  });
});

describe("an atlas", () => {
  it("makes a picture once, and forgets the one used longest ago", () => {
    openPage();
    const made: string[] = [];
    const held = atlas(2, 8, 8);
    const place = (name: string) =>
      held.place(name, () => {
        made.push(name);
        return { width: 8, height: 8, data: new Uint8ClampedArray(256) };
      });
    const [a, b] = [place("a"), place("b")];
    expect(a).not.toEqual(b);
    expect(place("a")).toEqual(a);
    expect(place("c")).toEqual(b); // in the place of b
    expect(place("a")).toEqual(a);
    place("b");
    expect(made).toEqual(["a", "b", "c", "b"]);
    expect(held.made).toBe(4);
    expect([held.canvas.width, held.canvas.height]).toEqual([16, 8]);
  });
});
