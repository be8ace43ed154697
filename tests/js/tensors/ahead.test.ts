import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ahead } from "../../../js/tensors/ahead";
import { kernelSource } from "../../../js/tensors/source";
import { connectKernel } from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { settled } from "../helpers/host";
import { type Connected, connected } from "../helpers/state";

let widget: Connected | undefined;
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  widget?.controller.abort();
  vi.useRealTimers();
});

async function quiet(): Promise<void> {
  vi.advanceTimersByTime(1_000);
  await settled();
}

function start(first: string | null) {
  widget = connected();
  const { host, state, controller } = widget;
  const source = kernelSource(connectKernel(host, live(), controller.signal), controller.signal);
  const key = signal(first);
  const run = state.meta.value.run;
  const want = (name: string) => source.get(run, name, controller.signal).catch(() => undefined);
  ahead(state, source, controller.signal, () => key.value);
  const answer = async (name: string) => {
    host.answer(name, new Float32Array(1));
    await settled();
  };
  return { source, key, run, want, answer, ...widget };
}

it("comes after all that is waited for, and is then here", async () => {
  const { host, source, run, want, answer } = start("hidden_states/encoder/1");
  want("edges/encoder/0/each/0/0.95/0/all");
  want("count_nan/encoder/0");
  await quiet();
  expect(host.messages).toEqual(["count_nan/encoder/0 edges/encoder/0/each/0/0.95/0/all"]);
  await answer("count_nan/encoder/0");
  await answer("edges/encoder/0/each/0/0.95/0/all");
  expect(host.messages.slice(1)).toEqual(["hidden_states/encoder/1"]);
  await answer("hidden_states/encoder/1");
  expect(source.peek(run, "hidden_states/encoder/1")).toBeDefined();
});

it("what was passed by is not asked for, nor anything once the widget is gone", async () => {
  const { host, key, controller } = start("hidden_states/encoder/1");
  for (const layer of [2, 3]) {
    key.value = `hidden_states/encoder/${layer}`;
    await settled();
  }
  expect(host.keys).toEqual([]);
  await quiet();
  expect(host.keys).toEqual(["hidden_states/encoder/3"]);
  controller.abort();
  key.value = "hidden_states/encoder/1";
  await quiet();
  expect(host.keys).toHaveLength(1);
});

it("that cannot come disturbs nobody; who needs it is told why", async () => {
  const { host, source, run, controller } = start("hidden_states/encoder/9");
  await quiet();
  host.fail("hidden_states/encoder/9", "no such layer");
  await settled();
  const needed = source.get(run, "hidden_states/encoder/9", controller.signal);
  await settled();
  host.fail("hidden_states/encoder/9", "no such layer");
  await expect(needed).rejects.toThrow("no such layer");
});
