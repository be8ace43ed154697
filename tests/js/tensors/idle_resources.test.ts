import { signal } from "@preact/signals-core";
import { afterEach, describe, expect, it } from "vitest";
import type { AppState } from "../../../js/state/app_state";
import { resources } from "../../../js/tensors/resource";
import { settled } from "../helpers/host";
import { type Connected, connected, metaOf } from "../helpers/state";
import { HandSource, tensorOf } from "../helpers/tensors";

let widget: Connected | undefined;
afterEach(() => widget?.controller.abort());

const idle = (state: AppState, source: HandSource, abort: AbortSignal, keys: () => string[]) =>
  resources(state, source, abort, keys, "idle");

describe("tensors that come in idleness", () => {
  const one = tensorOf([1], 1);

  function start(...keys: string[]) {
    widget = connected();
    const source = new HandSource();
    const wanted = signal(keys);
    const here = idle(widget.state, source, widget.controller.signal, () => wanted.value);
    return { source, wanted, here, ...widget };
  }

  it("the most urgent first, and what is wanted no more is not waited for", async () => {
    const { source, wanted, here } = start("a", "b", "c");
    expect(source.keys).toEqual(["a", "b", "c"]);
    expect(here.value.missing).toBe(3);
    source.answer("a", one);
    await settled();
    wanted.value = ["d", "a", "c"];
    expect(source.keys).toEqual(["a", "b", "c", "d"]);
    expect(source.wishes.map(({ signal }) => signal.aborted)).toEqual([false, true, false, false]);
    source.answer("d", one);
    source.answer("c", one);
    await settled();
    expect(here.value.missing).toBe(0);
    wanted.value = ["b"]; // what came stays
    expect([...here.value.tensors.keys()]).toEqual(["a", "d", "c"]);
    expect(source.keys.at(-1)).toBe("b");
  });

  it("a few at a time", async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const { source } = start(...keys);
    expect(source.keys).toEqual(keys.slice(0, 16));
    source.answer("k3", one);
    await settled();
    expect(source.keys).toEqual(keys.slice(0, 17));
  });

  it("what is here already is not asked for", () => {
    widget = connected();
    const source = new HandSource();
    source.put(1, "a", one);
    const here = idle(widget.state, source, widget.controller.signal, () => ["a"]);
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
    const here = idle(widget.state, source, abort, () =>
      Array.from({ length: Math.min(3, found.value + 1) }, (_, index) => `k${index}`),
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
    expect(source.wishes.every(({ signal }) => signal.aborted)).toBe(true);
    await settled();
    expect(source.keys).toEqual(["a", "b"]);
  });
});
