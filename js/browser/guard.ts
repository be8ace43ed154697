/** Errors of what is done until a signal aborts: whoever answers for it hears of them. */

const handlers = new WeakMap<AbortSignal, (error: unknown) => void>();

/** What is guarded by this signal throws no more; `handle` is told instead. */
export function handleErrors(abort: AbortSignal, handle: (error: unknown) => void): void {
  handlers.set(abort, handle);
}

/** The same; its errors go to the handler of the signal, if there is one. */
export function guarded(abort: AbortSignal, run: () => void): () => void {
  return () => {
    try {
      run();
    } catch (error) {
      const handle = handlers.get(abort);
      if (!handle) throw error;
      handle(error);
    }
  };
}
