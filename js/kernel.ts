/** The line to Python: a message out, exactly one reply in. */

import type { Failure, Reply, Request, RunRequest, TensorHeader, TensorRequest } from "./contract";
import { type Host, listen } from "./host";

type Unnumbered<R extends Request> = Omit<R, "id">;

export interface Answer {
  reply: Exclude<Reply, Failure>;
  bytes: DataView | undefined;
}

export interface Kernel {
  ask(request: Unnumbered<TensorRequest> | Unnumbered<RunRequest>): Promise<Answer>;
}

/** Unanswered for this long, a request is sent again: a restarting kernel loses some. */
const RESEND_AFTER_MS = 20_000;

export function connectKernel(host: Host, signal: AbortSignal): Kernel {
  const waiting = new Map<number, { settle: (reply: Reply, bytes?: DataView) => void }>();
  // Replies go to every view of a widget: ids of two views must not meet.
  let lastId = Math.floor(Math.random() * 2 ** 52);

  listen(
    host,
    "msg:custom",
    (reply: Reply, buffers: DataView[] = []) => {
      waiting.get(reply?.id)?.settle(reply, buffers[0]);
    },
    signal,
  );

  return {
    ask(request) {
      lastId += 1;
      const numbered = { ...request, id: lastId } as Request;
      return new Promise<Answer>((resolve, reject) => {
        // Running a text twice would cost twice; asking for a tensor twice is harmless.
        const resend =
          numbered.kind === "tensor"
            ? setInterval(() => host.send(numbered), RESEND_AFTER_MS)
            : undefined;
        const done = () => {
          clearInterval(resend);
          waiting.delete(numbered.id);
          signal.removeEventListener("abort", done);
        };
        waiting.set(numbered.id, {
          settle(reply, bytes) {
            done();
            if ("error" in reply) reject(new Error(reply.error));
            else resolve({ reply, bytes });
          },
        });
        signal.addEventListener("abort", done, { once: true });
        host.send(numbered);
      });
    },
  };
}

export function isTensorHeader(reply: Exclude<Reply, Failure>): reply is TensorHeader {
  return "shape" in reply;
}
