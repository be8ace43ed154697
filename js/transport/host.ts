/** What the widget needs of its notebook: anywidget's model, without importing it. */

import { onAbort } from "../browser/dom";
import type { Request, State } from "../trace/contract";

/** Any function: what the arguments are depends on the event. */
type Callback = (...args: never[]) => void;

export interface Host {
  get<K extends keyof State>(name: K): State[K];
  set<K extends keyof State>(name: K, value: State[K]): void;
  save_changes(): void;
  on(event: string, callback: Callback): void;
  off(event: string, callback: Callback): void;
  send(message: Request): void;
  /** Of the notebook, where it has one; not all are alike. */
  readonly widget_manager?: unknown;
}

/** Listens until the signal aborts. */
export function listen(host: Host, event: string, callback: Callback, signal: AbortSignal): void {
  host.on(event, callback);
  onAbort(signal, () => host.off(event, callback));
}
