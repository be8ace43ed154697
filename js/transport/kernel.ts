/** The line to Python: a message out, exactly one reply in, or word that none will come. */

import { computed, type ReadonlySignal, signal as signalOf } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import type {
  Failure,
  Reply,
  Request,
  RunRequest,
  TensorHeader,
  TensorRequest,
  TooLong,
} from "../trace/contract";
import type { Connection } from "./connection";
import { type Host, listen } from "./host";

type Unnumbered<R extends Request> = Omit<R, "id">;

export interface Answer {
  reply: Exclude<Reply, Failure>;
  bytes: DataView | undefined;
}

export interface Kernel extends Pick<Connection, "gone" | "executing" | "cells"> {
  /** Rejects with a Refusal, or with a KernelGone. */
  ask(request: Unnumbered<TensorRequest> | Unnumbered<RunRequest>): Promise<Answer>;
  /** Whether a text has been on its way for a while. */
  readonly late: ReadonlySignal<boolean>;
  /** Whether nothing was ever heard of it, though it was asked a while ago. */
  readonly silent: ReadonlySignal<boolean>;
}

/** Python's own words; `reason` is there where the browser can offer a way out. */
export class Refusal extends Error {
  constructor(
    words: string,
    readonly reason: TooLong | null,
  ) {
    super(words);
  }
}

/** There is no kernel, or no longer the one that made the widget. */
export class KernelGone extends Error {
  constructor() {
    super("the kernel is gone");
  }
}

/** Unanswered for this long, a request is sent again: a restarting kernel loses some. */
const RESEND_AFTER_MS = 20_000;
export const LATE_AFTER_MS = 1_500;
export const SILENT_AFTER_MS = 15_000;

export function connectKernel(host: Host, connection: Connection, abort: AbortSignal): Kernel {
  const { gone, executing, cells } = connection;
  const waiting = new Map<number, (reply: Reply | KernelGone, bytes?: DataView) => void>();
  const lateTexts = signalOf(0);
  const late = computed(() => lateTexts.value > 0);
  const silent = signalOf(false);
  let silence: ReturnType<typeof setTimeout> | undefined;
  let heard = false;
  onAbort(abort, () => clearTimeout(silence));
  // Replies go to every view of a widget: ids of two views must not meet.
  let lastId = Math.floor(Math.random() * 2 ** 52);

  listen(
    host,
    "msg:custom",
    (reply: Reply, buffers: DataView[] = []) => {
      heard = true;
      silent.value = false;
      clearTimeout(silence);
      waiting.get(reply?.id)?.(reply, buffers[0]);
    },
    abort,
  );

  function send(request: Request): void {
    try {
      host.send(request);
    } catch {
      connection.lost(); // the comm is closed
    }
  }

  const dispose = gone.subscribe((isGone) => {
    if (!isGone) return;
    clearTimeout(silence);
    for (const settle of [...waiting.values()]) settle(new KernelGone());
  });
  onAbort(abort, dispose);

  return {
    gone,
    executing,
    cells,
    late,
    silent,
    ask(request) {
      if (gone.peek()) return Promise.reject(new KernelGone());
      lastId += 1;
      if (!heard)
        silence ??= setTimeout(() => {
          silent.value = true;
        }, SILENT_AFTER_MS);
      const numbered = { ...request, id: lastId } as Request;
      return new Promise<Answer>((resolve, reject) => {
        // Python reads a text once, however often the same request comes.
        const resend = setInterval(() => send(numbered), RESEND_AFTER_MS);
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = numbered.kind === "run";
          if (isLate) lateTexts.value += 1;
        }, LATE_AFTER_MS);
        const done = () => {
          clearInterval(resend);
          clearTimeout(timer);
          if (isLate) lateTexts.value -= 1;
          waiting.delete(numbered.id);
          abort.removeEventListener("abort", done);
        };
        waiting.set(numbered.id, (reply, bytes) => {
          done();
          if (reply instanceof KernelGone) reject(reply);
          else if ("error" in reply) reject(new Refusal(reply.error, reply.reason ?? null));
          else resolve({ reply, bytes });
        });
        onAbort(abort, done);
        send(numbered);
      });
    },
  };
}

export function isTensorHeader(reply: Exclude<Reply, Failure>): reply is TensorHeader {
  return "shape" in reply;
}
