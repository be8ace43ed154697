import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Answer,
  connectKernel,
  isTensorHeader,
  type Kernel,
  KernelGone,
} from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { NotebookHost, settled } from "../helpers/host";
import { stateOf } from "../helpers/state";

const tensor = (key: string, of = kernel) => of.wish(1, [key])[0] as Promise<Answer>;
const RUN = { kind: "run", text: "another", text_pair: null } as const;

let host: NotebookHost;
let controller: AbortController;
let kernel: Kernel;

beforeEach(() => {
  host = new NotebookHost(stateOf());
  controller = new AbortController();
  kernel = connectKernel(host, live(), controller.signal);
});

afterEach(() => {
  controller.abort();
  vi.useRealTimers();
});

describe("ask", () => {
  it("sends the request with a number of its own, and resolves with its reply and bytes", async () => {
    const asked = [tensor("a"), kernel.ask(RUN)];
    expect(host.sent).toEqual([
      { kind: "tensors", run: 1, wishes: [{ id: expect.any(Number), key: "a" }] },
      { ...RUN, id: expect.any(Number) },
    ]);
    const [first, second] = [host.wishes[0]?.id, host.runRequests[0]?.id];
    expect(first).not.toBe(second);

    const bytes = new DataView(new ArrayBuffer(4));
    host.message({ id: second });
    host.message({ id: first, dtype: "float32", shape: [1] }, [bytes]);
    const [a, run] = (await Promise.all(asked)) as [Answer, Answer];
    expect(a).toEqual({ reply: { id: first, dtype: "float32", shape: [1] }, bytes });
    expect(a.bytes).toBe(bytes);
    expect(isTensorHeader(a.reply)).toBe(true);
    expect(run.bytes).toBeUndefined();
    expect(isTensorHeader(run.reply)).toBe(false);
  });

  it("numbers requests with whole numbers that JSON carries", () => {
    for (let i = 0; i < 50; i++) void tensor(`${i}`);
    const ids = host.wishes.map(({ id }) => id);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
    expect(new Set(ids).size).toBe(50);
  });

  it("rejects with Python's own words", async () => {
    const asked = tensor("attention/encoder/99");
    host.fail("attention/encoder/99", "layer 99 is out of range; allowed: 0 to 5");
    await expect(asked).rejects.toThrow("layer 99 is out of range; allowed: 0 to 5");
  });

  it("sends wishes in one message; each comes or fails alone", async () => {
    const [a, b, c] = kernel.wish(1, ["a", "b", "c"]);
    expect(host.messages).toEqual(["a b c"]);
    host.fail("b", "no");
    await expect(b).rejects.toThrow("no");
    host.answer("c", Float32Array.of(1, 2));
    await expect(c).resolves.toHaveProperty("reply.shape", [2]);
    host.answer("a", Float32Array.of(1));
    await expect(a).resolves.toHaveProperty("reply.shape", [1]);
  });

  it("does not care for messages that are no reply of its own", async () => {
    const asked = tensor("a");
    for (const message of [null, undefined, "hello", {}, { id: -5 }, { id: null, error: "no" }]) {
      host.message(message);
    }
    host.answer("a", Float32Array.of(1));
    await expect(asked).resolves.toHaveProperty("reply.shape", [1]);
  });

  it("a second reply to the same request changes nothing", async () => {
    const asked = tensor("a");
    host.answer("a", Float32Array.of(1));
    host.fail("a", "too late");
    await expect(asked).resolves.toHaveProperty("reply.shape", [1]);
  });

  it("two displays of one widget never take each other's replies", async () => {
    const other = connectKernel(host, live(), controller.signal);
    const [mine, theirs] = [tensor("mine"), tensor("theirs", other)];
    host.answer("theirs", Float32Array.of(1, 2), [2]);
    host.answer("mine", Float32Array.of(3, 4, 5), [3]);
    expect((await mine).reply).toHaveProperty("shape", [3]);
    expect((await theirs).reply).toHaveProperty("shape", [2]);
  });

  it("a page that was reloaded does not take the replies of the one before", async () => {
    void tensor("before");
    const { id } = host.requestFor("before");
    controller.abort();
    const kernelAfter = connectKernel(host, live(), new AbortController().signal);
    const asked = tensor("after", kernelAfter);
    host.message({ id, error: "an answer to the page before" });
    host.answer("after", Float32Array.of(1));
    await expect(asked).resolves.toHaveProperty("reply.shape", [1]);
  });
});

describe("a lost request", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it("for a tensor is sent again every 20 s under the same number, until the answer", async () => {
    const asked = tensor("a");
    await vi.advanceTimersByTimeAsync(19_999);
    expect(host.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(host.sent).toHaveLength(3);
    expect(new Set(host.wishes.map(({ id }) => id)).size).toBe(1);
    host.answer("a", Float32Array.of(1));
    await asked;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(host.sent).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of several is the only one that is sent again", async () => {
    const asked = kernel.wish(1, ["a", "b"]);
    host.answer("a", Float32Array.of(1));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(host.messages).toEqual(["a b", "b"]);
    host.answer("b", Float32Array.of(1));
    await Promise.all(asked);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not sent again after an error", async () => {
    const asked = tensor("a").catch((error: Error) => error.message);
    host.fail("a", "no");
    expect(await asked).toBe("no");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("for another text is sent again too, under the same number: Python reads it once", async () => {
    const asked = kernel.ask(RUN);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(host.runRequests).toHaveLength(3);
    expect(new Set(host.runRequests.map(({ id }) => id)).size).toBe(1);
    host.message({ id: host.runRequests[0]?.id });
    await asked;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("for another text is said to be late after a while, until the answer", async () => {
    const asked = kernel.ask(RUN);
    await vi.advanceTimersByTimeAsync(1_400);
    expect(kernel.late.value).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(kernel.late.value).toBe(true);
    host.message({ id: host.runRequests[0]?.id });
    await asked;
    expect(kernel.late.value).toBe(false);
  });

  it("is not sent again once the widget is gone", async () => {
    void tensor("a");
    controller.abort();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(host.sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a kernel that never answers", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it("is silent after a while, until its first word; then it is known to be there", async () => {
    const asked = tensor("a");
    await vi.advanceTimersByTimeAsync(14_999);
    expect(kernel.silent.value).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(kernel.silent.value).toBe(true);
    host.answer("a", Float32Array.of(1));
    await asked;
    expect(kernel.silent.value).toBe(false);
    void tensor("b");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.silent.value).toBe(false);
  });
});

it("tells what is short as long as it is, to whom no request was answered", () => {
  expect(kernel.shortage.value).toBeNull();
  const shortage = { work: "reading", needed: 3e9, free: 1e9 };
  host.message({ shortage });
  expect(kernel.shortage.value).toEqual(shortage);
  host.message({ shortage: null });
  expect(kernel.shortage.value).toBeNull();
});

describe("a kernel that is gone", () => {
  const GONE = expect.objectContaining({ message: "the kernel is gone" });

  it("answers all that waits, and all that comes, with the news", async () => {
    vi.useFakeTimers();
    const connection = live();
    const line = connectKernel(host, connection, controller.signal);
    const asked = [tensor("a", line), line.ask(RUN)];
    await vi.advanceTimersByTimeAsync(2_000);
    expect(line.late.value).toBe(true);
    connection.lost();
    const [a, run] = await Promise.allSettled(asked);
    expect([a, run]).toEqual([
      { status: "rejected", reason: GONE },
      { status: "rejected", reason: GONE },
    ]);
    expect(line.late.value).toBe(false);
    await expect(line.ask(RUN)).rejects.toBeInstanceOf(KernelGone);
    expect(host.sent).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is noticed when a message cannot be sent", async () => {
    const connection = live();
    const line = connectKernel(host, connection, controller.signal);
    host.kernel = () => {
      throw new Error("Cannot send");
    };
    await expect(tensor("a", line)).rejects.toBeInstanceOf(KernelGone);
    expect(connection.gone.value).toBe(true);
  });

  it("that comes back is asked again", async () => {
    const connection = live();
    const line = connectKernel(host, connection, controller.signal);
    connection.lost();
    connection.gone.value = false;
    const asked = tensor("a", line);
    host.answer("a", Float32Array.of(1));
    await expect(asked).resolves.toHaveProperty("reply.shape", [1]);
  });
});

describe("the end", () => {
  it("nothing listens any more", () => {
    expect(host.listenerCount).toBe(1);
    controller.abort();
    expect(host.listenerCount).toBe(0);
  });

  it("an answered request is let go of, or its bytes would be held as long as the widget lives", async () => {
    const added = vi.spyOn(controller.signal, "addEventListener");
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    const asked = [tensor("a"), tensor("b"), kernel.ask(RUN)];
    host.answer("a", Float32Array.of(1));
    host.fail("b", "no");
    host.message({ id: host.runRequests[0]?.id });
    await Promise.allSettled(asked);
    await settled();
    const isLetGo = added.mock.calls.map(
      ([, listener, options]) =>
        removed.mock.calls.some(([, other]) => other === listener) ||
        (typeof options === "object" && options.signal?.aborted === true),
    );
    expect(isLetGo).not.toContain(false);
  });
});

describe("question", () => {
  const QUESTION = { name: "predictions", top_k: 3 } as const;
  const sent = () => host.sent.filter(({ kind }) => kind === "ask" || kind === "cancel");

  it("tells how far the answer is, then has it", async () => {
    const told: unknown[] = [];
    const { signal } = new AbortController();
    const asked = kernel.question(1, QUESTION, { signal, told: (each) => told.push(each) });
    const [{ id } = { id: 0 }] = sent() as { id: number }[];
    expect(sent()).toEqual([{ kind: "ask", id, run: 1, question: QUESTION }]);
    host.message({ id, progress: { done: 1, of: 2 } });
    host.message({ id, progress: { done: 2, of: 2, partial: 5 } });
    host.message({ id, answer: { ids: [] } });
    host.message({ id, progress: { done: 3, of: 2 } }); // too late
    await expect(asked).resolves.toEqual({ ids: [] });
    expect(told).toEqual([
      { done: 1, of: 2 },
      { done: 2, of: 2, partial: 5 },
    ]);
  });

  it("fails with Python's own words", async () => {
    const asked = kernel.question(1, QUESTION, { signal: controller.signal });
    host.message({ id: (sent()[0] as { id: number }).id, error: "model must have a head" });
    await expect(asked).rejects.toThrow("model must have a head");
  });

  it("is cancelled where nobody wants the answer any more", async () => {
    const stop = new AbortController();
    const asked = kernel.question(1, QUESTION, { signal: stop.signal });
    const { id } = sent()[0] as { id: number };
    stop.abort();
    await expect(asked).rejects.toHaveProperty("name", "AbortError");
    expect(sent().at(-1)).toEqual({ kind: "cancel", id });
    host.message({ id, error: "cancelled" });
  });
});
