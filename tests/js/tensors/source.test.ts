import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type KernelSource, kernelSource, type Urgency } from "../../../js/tensors/source";
import type { Tensor } from "../../../js/trace/tensor";
import { connectKernel } from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { NotebookHost, settled } from "../helpers/host";
import { below, randomFrom } from "../helpers/random";
import { stateOf } from "../helpers/state";

let host: NotebookHost;
let widget: AbortController;
let source: KernelSource;

beforeEach(() => {
  host = new NotebookHost(stateOf());
  widget = new AbortController();
  source = kernelSource(connectKernel(host, live(), widget.signal), widget.signal);
});

afterEach(() => {
  widget.abort();
  vi.useRealTimers();
});

/** A wish and what became of it. */
function wish(key: string, run = 1, urgency: Urgency = "now") {
  const controller = new AbortController();
  const got: { tensor?: Tensor; error?: Error } = {};
  source.get(run, key, controller.signal, urgency).then(
    (tensor) => {
      got.tensor = tensor;
    },
    (error: Error) => {
      got.error = error;
    },
  );
  return { got, abort: () => controller.abort() };
}

async function answer(key: string, ...numbers: number[]): Promise<void> {
  host.answer(key, Float32Array.from(numbers));
  await settled();
}

describe("get", () => {
  it("asks once, however many views want it, and all get the same tensor", async () => {
    const wishes = [wish("a"), wish("a")];
    await settled();
    wishes.push(wish("a"));
    await settled();
    expect(host.sent).toEqual([
      { kind: "tensors", run: 1, wishes: [{ key: "a", id: expect.any(Number) }] },
    ]);
    await answer("a", 1, 2);
    for (const { got } of wishes) {
      expect([...(got.tensor?.data ?? [])]).toEqual([1, 2]);
      expect(got.tensor).toBe(wishes[0]?.got.tensor);
    }
  });

  it("does not ask for what is here", async () => {
    expect(source.peek(1, "a")).toBeUndefined();
    wish("a");
    await settled();
    await answer("a", 5);
    const { got } = wish("a");
    await settled();
    expect(host.keys).toEqual(["a"]);
    expect(got.tensor).toBe(source.peek(1, "a"));
    expect(source.peek(1, "a")?.shape).toEqual([1]);
  });

  it("asks in idleness only while nothing else is wanted", async () => {
    for (const key of ["i", "j", "k"]) wish(key, 1, "idle");
    await settled();
    expect(host.keys).toEqual(["i"]); // nobody knows yet how long one takes
    wish("a");
    wish("k");
    await settled();
    expect(host.messages).toEqual(["i", "k a"]); // k is wanted now after all
    await answer("k", 1);
    await answer("i", 1);
    expect(host.messages).toEqual(["i", "k a"]);
    await answer("a", 1);
    expect(host.messages).toEqual(["i", "k a", "j"]);
  });

  it("asks in idleness for as many at once as come within a moment", async () => {
    vi.useFakeTimers();
    const keys = Array.from({ length: 40 }, (_, index) => `i${index}`);
    for (const key of keys) wish(key, 1, "idle");
    const sizes = () => host.messages.map((message) => message.split(" ").length);
    const answerLast = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms);
      for (const key of host.messages.at(-1)?.split(" ") ?? []) await answer(key, 1);
    };
    await settled();
    await answerLast(20);
    expect(sizes()).toEqual([1, 3]); // 20 ms each
    await answerLast(3);
    expect(sizes()).toEqual([1, 3, 16]);
    await answerLast(1_600);
    expect(sizes()).toEqual([1, 3, 16, 1]);
    expect(host.keys).toEqual(keys.slice(0, 21));
  });

  it("forgets what is no longer wanted in idleness", async () => {
    wish("i", 1, "idle");
    const second = wish("j", 1, "idle");
    await settled();
    second.abort();
    await answer("i", 1);
    expect(host.keys).toEqual(["i"]);
    expect(second.got.error?.name).toBe("AbortError");
  });

  it("asks for all of a turn in one message, the newest wish first", async () => {
    for (const key of ["a", "b", "c", "d"]) wish(key);
    await settled();
    expect(host.messages).toEqual(["d c b a"]);
  });

  it("has at most two messages on the way, and serves the newest wish first", async () => {
    for (const key of ["a", "b", "c", "d"]) {
      wish(key);
      await settled();
    }
    expect(host.messages).toEqual(["a", "b"]);
    await answer("b", 1);
    expect(host.messages).toEqual(["a", "b", "d c"]);
    wish("e");
    await settled();
    await answer("d", 1);
    expect(host.messages).toEqual(["a", "b", "d c"]); // c is on its way
    await answer("c", 1);
    expect(host.messages).toEqual(["a", "b", "d c", "e"]);
  });

  it("asks for many in several messages, and for those of another run in one of their own", async () => {
    for (let index = 0; index < 20; index++) wish(`a${index}`);
    await settled();
    expect(host.messages.map((message) => message.split(" ").length)).toEqual([16, 4]);
    for (const key of [...host.keys]) await answer(key, 1);
    wish("old", 1);
    wish("new", 2);
    await settled();
    expect(host.messages.slice(2)).toEqual(["new", "old"]);
    expect(host.wishes.slice(-2).map(({ run }) => run)).toEqual([2, 1]);
  });

  it("moves a wish to the front when it is wished for again", async () => {
    for (const key of ["x", "y"]) {
      wish(key);
      await settled();
    }
    for (const key of ["a", "b", "c"]) wish(key);
    wish("a");
    await settled();
    await answer("x", 1);
    expect(host.messages).toEqual(["x", "y", "a c b"]);
  });

  it("reaches every caller with Python's words, and asks again the next time", async () => {
    const first = [wish("a"), wish("a")];
    await settled();
    host.fail("a", "head 12 is out of range; allowed: 0 to 11");
    await settled();
    for (const { got } of first) {
      expect(got.error?.message).toBe("head 12 is out of range; allowed: 0 to 11");
    }
    expect(source.peek(1, "a")).toBeUndefined();
    const again = wish("a");
    await settled();
    expect(host.keys).toEqual(["a", "a"]);
    await answer("a", 3);
    expect(again.got.tensor?.data[0]).toBe(3);
  });

  it("an error makes room for the next request, and fails no other wish", async () => {
    const first = wish("a");
    const second = wish("b");
    await settled();
    wish("c");
    await settled();
    wish("d");
    host.fail("b", "no");
    await answer("a", 1);
    expect(second.got.error?.message).toBe("no");
    expect(first.got.tensor?.data[0]).toBe(1);
    expect(host.messages).toEqual(["b a", "c", "d"]);
  });

  it("says when the reply is no tensor, or not the bytes that its header names", async () => {
    const [a, b, c] = [wish("a"), wish("b"), wish("c")];
    await settled();
    const idOf = (key: string) => host.requestFor(key).id;
    host.message({ id: idOf("c") });
    host.message({ id: idOf("b"), dtype: "float32", shape: [2] }, [
      new DataView(new ArrayBuffer(4)),
    ]);
    await settled();
    host.message({ id: idOf("a"), dtype: "float32", shape: [2] });
    await settled();
    expect(c.got.error?.message).toBe("no tensor came for c");
    expect(b.got.error?.message).toContain("4 bytes came for a float32 tensor of shape [2]");
    expect(a.got.error?.message).toBe("no tensor came for a");
  });
});

describe("abort", () => {
  it("before it was sent: it never is", async () => {
    const b = wish("b");
    await settled();
    const c = wish("c");
    await settled();
    const a = wish("a");
    await settled();
    a.abort();
    await settled();
    expect(a.got.error?.name).toBe("AbortError");
    await answer("c", 1);
    await answer("b", 1);
    expect(host.keys).toEqual(["b", "c"]);
    expect(b.got.tensor && c.got.tensor).toBeTruthy();
  });

  it("in the same turn: it never is", async () => {
    wish("a").abort();
    await settled();
    expect(host.sent).toEqual([]);
  });

  it("before it was wished for: it never is", async () => {
    let refused: Error | undefined;
    source.get(1, "a", AbortSignal.abort()).catch((error: Error) => {
      refused = error;
    });
    await settled();
    expect(host.sent).toEqual([]);
    expect(refused?.name).toBe("AbortError");
  });

  it("of one caller leaves the other its tensor", async () => {
    const [left, right] = [wish("a"), wish("a")];
    left.abort();
    await settled();
    expect(host.keys).toEqual(["a"]);
    await answer("a", 4);
    expect(left.got.error?.name).toBe("AbortError");
    expect(left.got.tensor).toBeUndefined();
    expect(right.got.tensor?.data[0]).toBe(4);
  });

  it("of all callers after it was sent: the answer is kept for the next", async () => {
    const early = wish("a");
    await settled();
    early.abort();
    await settled();
    expect(early.got.error?.name).toBe("AbortError");
    const next = wish("a");
    await settled();
    await answer("a", 8);
    expect(host.keys).toEqual(["a"]);
    expect(next.got.tensor?.data[0]).toBe(8);
    expect(early.got.tensor).toBeUndefined();
  });

  it("and wished for again before it was sent: it is sent once", async () => {
    for (const key of ["x", "y"]) wish(key);
    await settled();
    wish("a").abort();
    const again = wish("a");
    await settled();
    await answer("x", 1);
    await answer("y", 1);
    await answer("a", 9);
    expect(host.keys).toEqual(["y", "x", "a"]);
    expect(again.got.tensor?.data[0]).toBe(9);
  });

  it("after the answer changes nothing", async () => {
    const a = wish("a");
    await settled();
    await answer("a", 1);
    a.abort();
    await settled();
    expect(a.got.error).toBeUndefined();
    expect(source.peek(1, "a")).toBeDefined();
  });
});

describe("another forward pass", () => {
  it("drops the tensors of the one before", async () => {
    wish("a", 1);
    await settled();
    await answer("a", 1);
    wish("a", 2);
    await settled();
    expect(source.peek(1, "a")).toBeUndefined();
    expect(host.wishes.map(({ run }) => run)).toEqual([1, 2]);
  });

  it("is not answered by a late reply to the one before", async () => {
    const old = wish("a", 1);
    await settled();
    const { id } = host.requestFor("a");
    const now = wish("a", 2);
    await settled();
    host.message({ id, dtype: "float32", shape: [1] }, [new DataView(Float32Array.of(-1).buffer)]);
    await settled();
    expect(old.got.tensor?.data[0]).toBe(-1);
    expect(now.got.tensor).toBeUndefined();
    expect(source.peek(2, "a")).toBeUndefined();
    await answer("a", 2);
    expect(now.got.tensor?.data[0]).toBe(2);
    expect(source.peek(2, "a")?.data[0]).toBe(2);
  });
});

describe("the cache", () => {
  const QUARTER = 64 * 2 ** 20; // bytes, of 256 MiB
  const zeros = new Float32Array(QUARTER / 4); // one memory for all of them

  async function fetch(key: string): Promise<void> {
    wish(key);
    await settled();
    host.answer(key, zeros);
    await settled();
  }

  it("holds 256 MiB, and then forgets what was used longest ago", async () => {
    for (const key of ["a", "b", "c", "d"]) await fetch(key);
    const held = () => ["a", "b", "c", "d", "e", "f"].filter((key) => source.peek(1, key));
    expect(held()).toEqual(["a", "b", "c", "d"]);
    source.peek(1, "a"); // used again
    await fetch("e");
    expect(held()).toEqual(["a", "c", "d", "e"]);
    await fetch("b");
    expect(host.keys).toEqual(["a", "b", "c", "d", "e", "b"]);
  });

  it("hands out a tensor that alone is too large for it", async () => {
    const { got } = wish("large");
    await settled();
    const whole = new Uint8Array(4 * QUARTER + 4);
    host.answer("large", whole);
    await settled();
    expect(got.tensor?.data).toHaveLength(whole.length);
    await fetch("a");
    expect(source.peek(1, "large")).toBeUndefined();
    expect(source.peek(1, "a")).toBeDefined();
  });
});

describe("stalled", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it("is said of a request that is missing for 1.5 s, until it is answered", async () => {
    wish("a");
    await vi.advanceTimersByTimeAsync(1_499);
    expect(source.stalled.value).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(source.stalled.value).toBe(true);
    await answer("a", 1);
    expect(source.stalled.value).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(source.stalled.value).toBe(false);
  });

  it("is not said of quick answers, nor of quick errors", async () => {
    for (const key of ["a", "b", "c"]) {
      wish(key);
      await vi.advanceTimersByTimeAsync(1_000);
      if (key === "b") host.fail(key, "no");
      else await answer(key, 1);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    expect(source.stalled.value).toBe(false);
  });

  it("stays as long as one of two is missing", async () => {
    wish("a");
    wish("b");
    await vi.advanceTimersByTimeAsync(2_000);
    await answer("b", 1);
    expect(source.stalled.value).toBe(true);
    await answer("a", 1);
    expect(source.stalled.value).toBe(false);
  });

  it("ends when the request was sent again and answered", async () => {
    wish("a");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(host.keys).toEqual(["a", "a"]);
    await answer("a", 1);
    expect(source.stalled.value).toBe(false);
  });

  it("leaves no timer behind", async () => {
    wish("a");
    await settled();
    await answer("a", 1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("any order of wishes, aborts and answers", () => {
  it.each([1, 2, 3, 4, 5])("keeps the promises (seed %i)", async (seed) => {
    const random = randomFrom(seed);
    const waiting = new Map<string, number>(); // key to id, of what is on the way
    let heard = 0;
    const hear = () => {
      for (const { key, id } of host.wishes.slice(heard)) {
        expect(waiting.has(key), `${key} was asked for twice`).toBe(false);
        waiting.set(key, id);
      }
      heard = host.wishes.length;
      const onTheWay = new Set(waiting.values());
      const messages = host.sent.filter(
        (message) =>
          message.kind === "tensors" && message.wishes.some(({ id }) => onTheWay.has(id)),
      );
      expect(messages.length).toBeLessThanOrEqual(2);
    };
    const wishes: (ReturnType<typeof wish> & { key: string; aborted: boolean; done: boolean })[] =
      [];
    const keyOf = (number: number) => `k${number}`;
    const reply = (key: string) => {
      waiting.delete(key);
      if (random() < 0.2) host.fail(key, `no ${key}`);
      else host.answer(key, Float32Array.of(Number(key.slice(1))));
    };
    for (let step = 0; step < 300; step++) {
      const choice = random();
      if (choice < 0.5) {
        const key = keyOf(below(random, 12));
        wishes.push({ ...wish(key), key, aborted: false, done: false });
      } else if (choice < 0.7) {
        const one = wishes[below(random, wishes.length)];
        if (one && !one.got.tensor && !one.got.error) {
          one.aborted = true;
          one.abort();
        }
      } else {
        const keys = [...waiting.keys()];
        const key = keys[below(random, keys.length)];
        if (key) reply(key);
      }
      if (random() < 0.7) await settled();
      hear();
    }
    while (waiting.size) {
      for (const key of [...waiting.keys()]) reply(key);
      await settled();
      hear();
    }
    expect(wishes.length).toBeGreaterThan(100);
    for (const { key, got, aborted } of wishes) {
      if (got.tensor) expect(keyOf(got.tensor.data[0] ?? -1)).toBe(key);
      else if (aborted) expect(got.error?.name).toBe("AbortError");
      else expect(got.error?.message).toBe(`no ${key}`);
    }
  });
});

describe("what is held", () => {
  const keys = () => source.held(1).map(([key]) => key);

  it("is told with what was looked at last first, and what nobody looked at last", async () => {
    for (const key of ["a", "b"]) {
      wish(key);
      await settled();
      await answer(key, 1);
    }
    wish("idle", 1, "idle");
    await settled();
    await answer("idle", 1);
    expect(keys()).toEqual(["b", "a", "idle"]);
    source.peek(1, "a");
    expect(keys()).toEqual(["a", "b", "idle"]);
    wish("b", 1, "idle"); // a neighbour that is there
    expect(keys()).toEqual(["a", "b", "idle"]);
    wish("idle");
    expect(keys()).toEqual(["idle", "a", "b"]);
    expect(source.held(2)).toEqual([]);
  });

  it("may be of another time, and is not asked for", async () => {
    const tensor: Tensor = { shape: [1], data: Float32Array.of(5) };
    source.remember(3, new Map([["a", tensor]]));
    const { got } = wish("a", 3);
    await settled();
    expect(got.tensor).toBe(tensor);
    expect(host.sent).toEqual([]);
    wish("a", 4); // another text
    await settled();
    expect(source.held(3)).toEqual([]);
    expect(host.keys).toEqual(["a"]);
  });
});
