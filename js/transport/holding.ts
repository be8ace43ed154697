/** What is held back because memory is short, until a person says whether it runs. */

import { computed, type ReadonlySignal, signal as signalOf } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import type { HeldBack, Reason } from "../trace/contract";
import type { Shortage } from "../trace/memory";

/**
 * Python's own words; `reason` is there where the browser can offer a way out, or where a person
 * took none. `isCalm` where nothing went wrong, and there is no answer to this.
 */
export class Refusal extends Error {
  constructor(
    words: string,
    readonly reason: Reason | null,
    readonly isCalm = false,
  ) {
    super(words);
  }
}

/** What takes most of all that is held back. */
export interface Held extends Shortage {
  /** All of it is asked for again, to run anyway. */
  goOn(): void;
  /** None of it runs. */
  leave(): void;
}

export interface Holding {
  readonly held: ReadonlySignal<Held | null>;
  /** Asks, and asks once more, anyway, when a person says so; else rejects with the Refusal. */
  asking<T>(ask: (anyway: boolean) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** There is nobody left to ask. */
  end(error: Error): void;
}

interface Waiting {
  readonly shortage: HeldBack;
  goOn(): void;
  reject(error: unknown): void;
}

/** What is free changes a little from moment to moment. */
const ABOUT_THE_SAME = 1.1;

export function holdBack(): Holding {
  const waiting = signalOf<readonly Waiting[]>([]);
  let accepted = 0; // by so many bytes more than are free a person was told, and went on

  function settle(how: (each: Waiting) => void): void {
    const all = waiting.peek();
    waiting.value = [];
    for (const each of all) how(each);
  }

  function decided(refusal: Refusal, shortage: HeldBack, signal?: AbortSignal): Promise<void> {
    const beyond = shortage.needed - shortage.free;
    if (beyond <= accepted * ABOUT_THE_SAME) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const goOn = () => {
        accepted = Math.max(accepted, beyond);
        resolve();
      };
      const entry = { shortage, goOn, reject: (error: unknown) => reject(error ?? refusal) };
      waiting.value = [...waiting.peek(), entry];
      if (!signal) return;
      onAbort(signal, () => {
        waiting.value = waiting.peek().filter((each) => each !== entry);
        reject(new DOMException("no longer wanted", "AbortError"));
      });
    });
  }

  return {
    held: computed(() => {
      const [most] = [...waiting.value].sort((a, b) => b.shortage.needed - a.shortage.needed);
      if (!most) return null;
      const { work, needed, free } = most.shortage;
      return {
        work,
        needed,
        free,
        goOn: () => settle((each) => each.goOn()),
        leave: () => settle((each) => each.reject(null)),
      };
    }),
    async asking(ask, signal) {
      try {
        return await ask(false);
      } catch (error) {
        if (!(error instanceof Refusal) || error.reason?.code !== "short") throw error;
        await decided(error, error.reason, signal);
        return ask(true);
      }
    },
    end: (error) => settle((each) => each.reject(error)),
  };
}
