/** The line to Python: a wish out, exactly one reply in, or word that none will come. */

import { computed, type ReadonlySignal, signal as signalOf } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import type {
  Answered,
  Failure,
  Reply,
  Request,
  RunRequest,
  Short,
  TensorHeader,
  Told,
  Wish,
} from "../trace/contract";
import type { Shortage } from "../trace/memory";
import type { AnswerTo, Progress, Question } from "../trace/questions";
import type { Connection } from "./connection";
import { type Holding, holdBack, Refusal } from "./holding";
import { type Host, listen } from "./host";

export { Refusal };

type Final = Exclude<Reply, Failure | Told>;

export interface Answer {
  reply: Final;
  bytes: DataView | undefined;
}

/** `told` hears how far the answer is, any number of times. */
export interface Asked {
  signal: AbortSignal;
  told?: (progress: Progress) => void;
}

export interface Kernel
  extends Pick<Connection, "gone" | "executing" | "cells">,
    Pick<Holding, "held"> {
  /** Of a page without one: whether it carries the pass with edits too. */
  readonly hasAfter?: boolean;
  /** Of a page without one: how large the page is. */
  readonly pageBytes?: number;
  /** Reads another text. Rejects with a Refusal, or with a KernelGone. */
  ask(request: Omit<RunRequest, "id">): Promise<Answer>;
  /** Tensors of a run, all in one message, the most urgent first; each comes or fails alone. */
  wish(run: number, keys: readonly string[]): Promise<Answer>[];
  /** Asks the model about a run. Rejects with an AbortError when the signal aborts first. */
  question<Q extends Question>(run: number, question: Q, asked: Asked): Promise<AnswerTo<Q>>;
  /** Whether a text has been on its way for a while. */
  readonly late: ReadonlySignal<boolean>;
  /** Whether nothing was ever heard of it, though it was asked a while ago. */
  readonly silent: ReadonlySignal<boolean>;
  /** What is under way, or was when the kernel ended, takes more memory than is free. */
  readonly shortage: ReadonlySignal<Shortage | null>;
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
  const shortage = signalOf<Shortage | null>(null);
  const holding = holdBack();
  let silence: ReturnType<typeof setTimeout> | undefined;
  let heard = false;
  onAbort(abort, () => clearTimeout(silence));
  // Replies go to every view of a widget: ids of two views must not meet.
  let lastId = Math.floor(Math.random() * 2 ** 52);

  listen(
    host,
    "msg:custom",
    (reply: Reply | Short, buffers: DataView[] = []) => {
      heard = true;
      silent.value = false;
      clearTimeout(silence);
      if (reply && "shortage" in Object(reply)) shortage.value = (reply as Short).shortage;
      else waiting.get((reply as Reply)?.id)?.(reply as Reply, buffers[0]);
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
    holding.end(new KernelGone());
  });
  onAbort(abort, dispose);

  function nextId(): number {
    lastId += 1;
    return lastId;
  }

  function expectReply(): void {
    if (heard) return;
    silence ??= setTimeout(() => {
      silent.value = true;
    }, SILENT_AFTER_MS);
  }

  /** The reply to what is asked for by this number; `again` sends it once more. */
  function reply(
    id: number,
    isText: boolean,
    again: () => void,
    asked: Partial<Asked> = {},
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      // Python reads a text once, however often the same request comes.
      const resend = setInterval(again, RESEND_AFTER_MS);
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = isText;
        if (isLate) lateTexts.value += 1;
      }, LATE_AFTER_MS);
      const done = () => {
        clearInterval(resend);
        clearTimeout(timer);
        if (isLate) lateTexts.value -= 1;
        waiting.delete(id);
        abort.removeEventListener("abort", done);
        asked.signal?.removeEventListener("abort", cancel);
      };
      const cancel = () => {
        done();
        send({ kind: "cancel", id });
        reject(new DOMException("no longer wanted", "AbortError"));
      };
      if (asked.signal) onAbort(asked.signal, cancel);
      waiting.set(id, (reply, bytes) => {
        if ("progress" in reply) return asked.told?.(reply.progress);
        done();
        if (reply instanceof KernelGone) reject(reply);
        else if ("error" in reply) {
          reject(new Refusal(reply.error, reply.reason ?? null, reply.refused));
        } else resolve({ reply, bytes });
      });
      onAbort(abort, done);
    });
  }

  return {
    gone,
    executing,
    cells,
    late,
    silent,
    shortage,
    held: holding.held,
    ask: (request) =>
      holding.asking((anyway) => {
        if (gone.peek()) return Promise.reject(new KernelGone());
        expectReply();
        const numbered = { ...request, id: nextId(), ...(anyway && { anyway }) };
        const answer = reply(numbered.id, true, () => send(numbered));
        send(numbered);
        return answer;
      }),
    question<Q extends Question>(run: number, question: Q, asked: Asked) {
      return holding.asking((anyway) => {
        if (gone.peek()) return Promise.reject(new KernelGone());
        expectReply();
        const id = nextId();
        const ask = () => send({ kind: "ask", id, run, question, ...(anyway && { anyway }) });
        const answer = reply(id, false, ask, asked);
        ask();
        return answer.then(({ reply }) => (reply as Answered).answer as AnswerTo<Q>);
      }, asked.signal);
    },
    wish(run, keys) {
      if (gone.peek()) return keys.map(() => Promise.reject(new KernelGone()));
      expectReply();
      const wishes = keys.map((key) => ({ id: nextId(), key }));
      const sendAll = (wishes: Wish[]) => send({ kind: "tensors", run, wishes });
      const answers = wishes.map((wish) => reply(wish.id, false, () => sendAll([wish])));
      sendAll(wishes);
      return answers;
    },
  };
}

export function isTensorHeader(reply: Final): reply is TensorHeader {
  return "shape" in reply;
}
