import { type ReadonlySignal, signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Resource, resource } from "../../../js/tensors/resource";
import { kernelSource } from "../../../js/tensors/source";
import { connectKernel } from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { settled } from "../helpers/host";
import { type Connected, connected, metaOf } from "../helpers/state";
import { HandSource, tensorOf } from "../helpers/tensors";

let widget: Connected;
let view: AbortController;
let source: HandSource;
let held: ReadonlySignal<Resource>;

beforeEach(() => {
  widget = connected();
  view = new AbortController();
  source = new HandSource();
  held = resource(widget.state, source, view.signal, () =>
    widget.state.token.value === 6 ? null : `t/${widget.state.layer.value}`,
  );
});

afterEach(() => {
  view.abort();
  widget.controller.abort();
});

const ONE = tensorOf([1], 1);
const TWO = tensorOf([1], 2);

describe("resource", () => {
  it("asks for its key, waits, and has the tensor", async () => {
    expect(source.wishes).toMatchObject([{ run: 1, key: "t/0" }]);
    expect(held.value).toEqual({ tensor: null, key: null, pending: true, error: null });
    source.answer("t/0", ONE);
    await settled();
    expect(held.value).toEqual({ tensor: ONE, key: "t/0", pending: false, error: null });
  });

  it("follows the key and keeps the tensor before, until the next is here", async () => {
    source.answer("t/0", ONE);
    await settled();
    widget.state.layer.value = 1;
    expect(source.keys).toEqual(["t/0", "t/1"]);
    expect(held.value).toEqual({ tensor: ONE, key: "t/0", pending: true, error: null });
    source.answer("t/1", TWO);
    await settled();
    expect(held.value).toEqual({ tensor: TWO, key: "t/1", pending: false, error: null });
  });

  it("shows at once what is already here", async () => {
    source.put(1, "t/1", TWO);
    widget.state.layer.value = 1;
    expect(held.value).toEqual({ tensor: TWO, key: "t/1", pending: false, error: null });
    expect(source.keys).toEqual(["t/0"]);
  });

  it("asks once for a key, whatever else changes", async () => {
    widget.state.token.value = 2;
    widget.state.heads.value = [1];
    widget.host.receive({ busy: true });
    source.answer("t/0", ONE);
    await settled();
    widget.state.token.value = 3;
    expect(source.keys).toEqual(["t/0"]);
  });

  it("tells the source when a wish is over, and drops a late answer", async () => {
    const late = source.wishFor("t/0");
    widget.state.layer.value = 1;
    expect(late.signal.aborted).toBe(true);
    late.resolve(ONE);
    await settled();
    expect(held.value).toEqual({ tensor: null, key: null, pending: true, error: null });
    source.answer("t/1", TWO);
    await settled();
    expect(held.value.tensor).toBe(TWO);
  });

  it("drops the tensor of another forward pass, also of the same key", async () => {
    source.answer("t/0", ONE);
    await settled();
    widget.host.receive({ meta: metaOf("another", { run: 2 }) });
    expect(held.value).toEqual({ tensor: null, key: null, pending: true, error: null });
    expect(source.wishes.map(({ run, key }) => [run, key])).toEqual([
      [1, "t/0"],
      [2, "t/0"],
    ]);
    source.answer("t/0", TWO);
    await settled();
    expect(held.value.tensor).toBe(TWO);
  });

  it("shows why there is no tensor, and asks again for the next key", async () => {
    source.wishFor("t/0").reject(new Error("layer 0 has no attention"));
    await settled();
    expect(held.value).toEqual({
      tensor: null,
      key: null,
      pending: false,
      error: "layer 0 has no attention",
    });
    widget.state.layer.value = 1;
    expect(held.value).toEqual({ tensor: null, key: null, pending: true, error: null });
    source.answer("t/1", TWO);
    await settled();
    expect(held.value.error).toBeNull();
    widget.state.layer.value = 0;
    expect(source.keys).toEqual(["t/0", "t/1", "t/0"]);
  });

  it("has nothing and waits for nothing while nothing is needed", async () => {
    source.answer("t/0", ONE);
    await settled();
    widget.state.token.value = 6;
    expect(held.value).toEqual({ tensor: null, key: null, pending: false, error: null });
    widget.state.token.value = null;
    expect(held.value).toEqual({ tensor: ONE, key: "t/0", pending: false, error: null });
    expect(source.keys).toEqual(["t/0"]);
  });

  it("ends with its view: the wish is over and nothing follows", async () => {
    view.abort();
    expect(source.wishFor("t/0").signal.aborted).toBe(true);
    await settled();
    widget.state.layer.value = 1;
    expect(source.keys).toEqual(["t/0"]);
    expect(held.value.error).toBeNull();
  });
});

describe("a selection that changes while the answer is on its last way", () => {
  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    "is the one shown in the end (%i turns after the answer)",
    async (turns) => {
      const { host, state, controller } = connected();
      const kernel = kernelSource(
        connectKernel(host, live(), controller.signal),
        controller.signal,
      );
      const key = signal("a");
      const shown = resource(state, kernel, controller.signal, () => key.value);
      await settled();
      host.answer("a", Float32Array.of(1));
      await settled();
      key.value = "b";
      await settled();
      host.answer("b", Float32Array.of(2));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      key.value = "a"; // is here already
      await settled();
      expect(shown.value).toMatchObject({ key: "a", pending: false });
      expect([...(shown.value.tensor?.data ?? [])]).toEqual([1]);
      controller.abort();
    },
  );
});
