import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { prefetching } from "../../../js/tensors/prefetch";
import { kernelSource, type TensorSource } from "../../../js/tensors/source";
import { connectKernel } from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { settled } from "../helpers/host";
import { attentionOf, type Connected, connected, layerOf, metaOf } from "../helpers/state";

const edges = (layer: number) => `window/0/edges/encoder/${layer}/each/0,1/0.95/0/all`;

let widget: Connected;
let source: TensorSource;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const layers = [layerOf(2), layerOf(2), null, layerOf(2)];
  const meta = metaOf("a novel", { attention: attentionOf(layers) });
  widget = connected({ meta, layer: 0 });
  const { host, state, controller } = widget;
  const { signal } = controller;
  source = prefetching(kernelSource(connectKernel(host, live(), signal), signal), state, signal);
});

afterEach(() => {
  widget.controller.abort();
  vi.useRealTimers();
});

async function get(key: string, numbers = 1): Promise<void> {
  const got = source.get(1, key, widget.controller.signal);
  await settled();
  widget.host.answer(key, new Float32Array(numbers));
  await got;
}

async function quiet(): Promise<string[]> {
  const before = widget.host.keys.length;
  vi.advanceTimersByTime(1_000);
  await settled();
  return widget.host.keys.slice(before);
}

it("fetches the same of the layers beside, one after the other, when it is quiet", async () => {
  await get(edges(0));
  await get("hidden_states/encoder/1");
  expect(await quiet()).toEqual([edges(1)]);
  widget.host.answer(edges(1), new Float32Array(1));
  await settled();
  expect(widget.host.keys.slice(3)).toEqual(["hidden_states/encoder/2"]);
});

it("fetches nothing for what belongs to a token, or to no layer", async () => {
  for (const key of ["image", "attention_row/encoder/0/2", "scores/encoder/0/1/2"]) await get(key);
  expect(await quiet()).toEqual([]);
  await get("query/encoder/0/1");
  expect(await quiet()).toEqual(["query/encoder/1/1"]);
});

it("asks for no layer without attention, and goes on from where a person went", async () => {
  widget.state.layer.value = 1;
  await get(edges(1));
  expect(await quiet()).toEqual([edges(0)]);
  widget.host.answer(edges(0), new Float32Array(1));
  await settled();
  widget.state.layer.value = 3;
  await get(edges(3));
  expect(await quiet()).toEqual([]);
});

it("fetches nothing for what was looked at in passing, what is large, or another text", async () => {
  await get(edges(0));
  widget.state.layer.value = 1;
  expect(await quiet()).toEqual([]);
  await get("attention/encoder/1", 3 * 2 ** 20);
  expect(await quiet()).toEqual([]);
  await get(edges(1));
  widget.host.receive({ meta: { ...widget.state.meta.value, run: 2 } });
  expect(await quiet()).toEqual([]);
});

it("ends with the widget", async () => {
  await get(edges(0));
  widget.controller.abort();
  expect(await quiet()).toEqual([]);
});
