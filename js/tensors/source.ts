/** Where tensors come from, by key. One cache; the newest wish is served first. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { decode, type Tensor } from "../trace/tensor";
import { type Answer, isTensorHeader, type Kernel } from "../transport/kernel";

export interface TensorSource {
  /**
   * Rejects with an AbortError when the signal aborts first, else with Python's own words.
   *
   * What is asked for in one turn goes out in one message. What is asked for in idleness goes out
   * in order, a little at a time, and only while nothing else is wanted.
   */
  get(run: number, key: string, signal: AbortSignal, urgency?: Urgency): Promise<Tensor>;
  /** The tensor if it is already here. */
  peek(run: number, key: string): Tensor | undefined;
  /** Whether something asked for has been missing for a while. */
  readonly stalled: ReadonlySignal<boolean>;
  /** How much is here, of all that it made or was given. */
  bytes?(): number;
}

export type Urgency = "now" | "idle";

/** A source that remembers, and can be reminded. */
export interface KernelSource extends TensorSource {
  /** What is here of a run: what was looked at last comes first, what nobody looked at last. */
  held(run: number): [string, Tensor][];
  /** What was held of a run at another time. */
  remember(run: number, tensors: ReadonlyMap<string, Tensor>): void;
}

interface Wish {
  run: number;
  key: string;
  urgency: Urgency;
  /** How many still want it. */
  wanted: number;
  /** Asked for, and missing for a while. */
  late: boolean;
  promise: Promise<Tensor>;
  resolve: (tensor: Tensor) => void;
  reject: (error: Error) => void;
}

/** Few messages in flight, so that a wish of a moment ago cannot keep the present one waiting. */
const MAX_IN_FLIGHT = 2;
const MAX_WISHES = 16;
/** For so long a wish may have to wait for what was asked for in idleness. */
const IDLE_MS = 60;
const STALLED_AFTER_MS = 1_500;
const CACHE_BYTES = 256 * 2 ** 20;

export function kernelSource(kernel: Kernel, abort: AbortSignal): KernelSource {
  const cache = tensorCache(CACHE_BYTES);
  const unseen = new Set<string>(); // came in idleness, and was not looked at
  const wishes = new Map<string, Wish>();
  const queue: Wish[] = []; // last in, first out
  const idle: Wish[] = []; // first in, first out
  const stalled = signal(false);
  const inFlight = new Set<Wish>();
  let newestRun = -1;
  let messages = 0; // in flight
  let pace = IDLE_MS; // of one tensor that was asked for in idleness

  /** Nobody waits for what was asked for in idleness. */
  function noticeStall(): void {
    stalled.value = [...inFlight].some(({ late, urgency }) => late && urgency === "now");
  }

  /** What goes out together: of one run, the most urgent first. */
  function nextWishes(): Wish[] {
    const first = queue.at(-1) ?? (inFlight.size ? undefined : idle[0]);
    if (!first) return [];
    const isIdle = !queue.length;
    const most = isIdle ? Math.max(1, Math.floor(IDLE_MS / pace)) : MAX_WISHES;
    const from = isIdle ? idle : [...queue].reverse();
    const wishes = from.filter(({ run }) => run === first.run).slice(0, Math.min(most, MAX_WISHES));
    for (const wish of wishes) take(isIdle ? idle : queue, wish);
    return wishes;
  }

  function send(): void {
    while (messages < MAX_IN_FLIGHT) {
      const wishes = nextWishes();
      const [first] = wishes;
      if (!first) return;
      messages += 1;
      for (const wish of wishes) inFlight.add(wish);
      const began = performance.now();
      const keys = wishes.map(({ key }) => key);
      const answers = kernel.wish(first.run, keys).map((answer, place) => {
        const wish = wishes[place];
        return wish && receive(wish, answer);
      });
      Promise.all(answers).then(() => {
        messages -= 1;
        if (first.urgency === "idle") pace = (performance.now() - began) / wishes.length;
        send();
      });
    }
  }

  /** Settles the wish by its answer. */
  async function receive(wish: Wish, answer: Promise<Answer>): Promise<void> {
    const timer = setTimeout(() => {
      wish.late = true;
      noticeStall();
    }, STALLED_AFTER_MS);
    const stop = () => clearTimeout(timer);
    onAbort(abort, stop); // no answer comes after that
    try {
      const { reply, bytes } = await answer;
      if (!isTensorHeader(reply) || !bytes) throw new Error(`no tensor came for ${wish.key}`);
      const tensor = decode(reply, bytes);
      if (wish.urgency === "idle") unseen.add(name(wish));
      cache.set(name(wish), tensor);
      wish.resolve(tensor);
    } catch (error) {
      wish.reject(error as Error);
    }
    stop();
    abort.removeEventListener("abort", stop);
    inFlight.delete(wish);
    noticeStall();
    wishes.delete(name(wish));
  }

  function wishFor(run: number, key: string, urgency: Urgency): Wish {
    const known = wishes.get(name({ run, key }));
    if (known) {
      if (urgency === "now") {
        known.urgency = "now";
        if (take(queue, known) || take(idle, known)) queue.push(known);
        noticeStall();
      }
      return known;
    }
    let resolve!: Wish["resolve"];
    let reject!: Wish["reject"];
    const promise = new Promise<Tensor>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    promise.catch(() => undefined); // every caller has a promise of its own, below
    const wish = { run, key, urgency, wanted: 0, late: false, promise, resolve, reject };
    wishes.set(name(wish), wish);
    (urgency === "now" ? queue : idle).push(wish);
    return wish;
  }

  /** Another forward pass leaves nothing to be wanted of the one before. */
  function begin(run: number): void {
    if (run <= newestRun) return;
    newestRun = run;
    cache.clear();
    unseen.clear();
  }

  function look(run: number, key: string): Tensor | undefined {
    unseen.delete(name({ run, key }));
    return cache.get(name({ run, key }));
  }

  return {
    stalled,
    peek: look,
    bytes: cache.bytes,
    held(run) {
      const here = cache.newestFirst();
      const [seen, rest] = [false, true].map((is) => here.filter(([n]) => unseen.has(n) === is));
      const prefix = name({ run, key: "" });
      return [...(seen ?? []), ...(rest ?? [])]
        .filter(([n]) => n.startsWith(prefix))
        .map(([n, tensor]) => [n.slice(prefix.length), tensor]);
    },
    remember(run, tensors) {
      begin(run);
      for (const [key, tensor] of tensors) cache.set(name({ run, key }), tensor);
    },
    get(run, key, signal, urgency = "now") {
      begin(run);
      if (signal.aborted) return Promise.reject(new DOMException("no longer wanted", "AbortError"));
      const here = urgency === "idle" ? cache.peek(name({ run, key })) : look(run, key);
      if (here) return Promise.resolve(here);
      const wish = wishFor(run, key, urgency);
      wish.wanted += 1;
      return new Promise<Tensor>((resolve, reject) => {
        const abort = () => {
          wish.wanted -= 1;
          if (wish.wanted === 0 && (take(queue, wish) || take(idle, wish))) {
            wishes.delete(name(wish));
          }
          reject(new DOMException("no longer wanted", "AbortError"));
        };
        onAbort(signal, abort);
        wish.promise
          .finally(() => signal.removeEventListener("abort", abort))
          .then(resolve, reject);
        queueMicrotask(send); // after all that is asked for in this turn, so the newest is first
      });
    },
  };
}

/** Takes a wish out of a queue, if it is there. */
function take(queue: Wish[], wish: Wish): boolean {
  const place = queue.indexOf(wish);
  if (place >= 0) queue.splice(place, 1);
  return place >= 0;
}

const name = (wish: { run: number; key: string }): string => `${wish.run}:${wish.key}`;

/** Forgets what was used longest ago. */
export function tensorCache(limit: number) {
  const held = new Map<string, Tensor>();
  let bytes = 0;
  return {
    get(key: string): Tensor | undefined {
      const tensor = held.get(key);
      if (tensor) {
        held.delete(key);
        held.set(key, tensor);
      }
      return tensor;
    },
    /** Without making it newer. */
    peek: (key: string): Tensor | undefined => held.get(key),
    newestFirst: (): [string, Tensor][] => [...held].reverse(),
    set(key: string, tensor: Tensor): void {
      bytes += tensor.data.byteLength - (held.get(key)?.data.byteLength ?? 0);
      held.set(key, tensor);
      for (const [oldest, old] of held) {
        if (bytes <= limit || oldest === key) break;
        held.delete(oldest);
        bytes -= old.data.byteLength;
      }
    },
    bytes: (): number => bytes,
    clear(): void {
      held.clear();
      bytes = 0;
    },
  };
}
