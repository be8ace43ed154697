/** What takes more memory than is free runs when a person says so. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectKernel, type Kernel, KernelGone, Refusal } from "../../../js/transport/kernel";
import { type HandConnection, live } from "../helpers/connection";
import { NotebookHost, settled } from "../helpers/host";
import { stateOf } from "../helpers/state";

const RUN = { kind: "run", text: "another", text_pair: null } as const;
const PREDICTIONS = { name: "predictions", top_k: 10 } as const;

let host: NotebookHost;
let controller: AbortController;
let connection: HandConnection;
let kernel: Kernel;

beforeEach(() => {
  host = new NotebookHost(stateOf());
  controller = new AbortController();
  connection = live();
  kernel = connectKernel(host, connection, controller.signal);
});

afterEach(() => controller.abort());

const latest = () => host.sent.at(-1) as { id: number; anyway?: boolean };

/** Python holds back what was asked last. */
async function heldBack(needed = 3e9, free = 1e9, work = "reading"): Promise<void> {
  const reason = { code: "short", work, needed, free };
  host.message({ id: latest().id, error: "too little memory", reason });
  await settled();
}

describe("what is held back", () => {
  it("is asked for again, anyway, by another number, when a person says so", async () => {
    const asked = kernel.ask(RUN);
    const { id } = latest();
    expect(latest()).not.toHaveProperty("anyway");
    await heldBack();
    expect(host.sent).toHaveLength(1);
    expect(kernel.held.value).toMatchObject({ work: "reading", needed: 3e9, free: 1e9 });
    kernel.held.value?.goOn();
    await settled();
    expect(kernel.held.value).toBeNull();
    expect(latest()).toEqual({ ...RUN, id: expect.any(Number), anyway: true });
    expect(latest().id).not.toBe(id);
    host.message({ id: latest().id });
    await expect(asked).resolves.toMatchObject({ reply: { id: latest().id } });
  });

  it("does not run where a person leaves it", async () => {
    const asked = kernel.ask(RUN);
    await heldBack();
    kernel.held.value?.leave();
    await expect(asked).rejects.toBeInstanceOf(Refusal);
    await expect(asked).rejects.toMatchObject({ reason: { code: "short" } });
    expect(host.sent).toHaveLength(1);
    expect(kernel.held.value).toBeNull();
  });

  it("is all decided at once, by the largest of it", async () => {
    const text = kernel.ask(RUN);
    await heldBack(2e9);
    const question = kernel.question(1, PREDICTIONS, { signal: controller.signal });
    await heldBack(5e9, 1e9, "ranking");
    expect(kernel.held.value).toMatchObject({ work: "ranking", needed: 5e9 });
    kernel.held.value?.goOn();
    await settled();
    expect(kernel.held.value).toBeNull();
    const again = host.sent.slice(2) as { id: number; kind: string; anyway?: boolean }[];
    expect(again.map(({ kind, anyway }) => [kind, anyway])).toEqual([
      ["run", true],
      ["ask", true],
    ]);
    host.message({ id: again[0]?.id });
    host.message({ id: again[1]?.id, answer: "said" });
    await expect(Promise.all([text, question])).resolves.toMatchObject([{}, "said"]);
  });

  it("is not asked about twice, but for more", async () => {
    const ask = () => void kernel.ask(RUN).catch(() => undefined);
    ask();
    await heldBack(3e9, 1e9);
    kernel.held.value?.goOn();
    await settled();
    ask();
    await heldBack(3e9, 0.95e9); // about the same
    expect(kernel.held.value).toBeNull();
    expect(latest().anyway).toBe(true);
    ask();
    await heldBack(4e9, 1e9);
    expect(kernel.held.value).toMatchObject({ needed: 4e9 });
  });

  it("goes with a question that is no longer wanted", async () => {
    const stop = new AbortController();
    const asked = kernel.question(1, PREDICTIONS, { signal: stop.signal });
    await heldBack();
    expect(kernel.held.value).not.toBeNull();
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(kernel.held.value).toBeNull();
  });

  it("goes with the kernel", async () => {
    const asked = kernel.ask(RUN);
    await heldBack();
    connection.lost();
    await expect(asked).rejects.toBeInstanceOf(KernelGone);
    expect(kernel.held.value).toBeNull();
  });
});
