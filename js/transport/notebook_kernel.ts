/**
 * The notebook's kernel, which its widget manager hands out: JupyterLab's (and Notebook 7's), and
 * that of the classic notebook. A kernel that died, and in JupyterLab one that was shut down,
 * leaves views of widgets unmarked; its own signals tell.
 */

import { onAbort } from "../browser/dom";

type Slot = (sender: unknown, given: unknown) => void;

/** As in Lumino. */
interface Signal {
  connect(slot: Slot): unknown;
  disconnect(slot: Slot): unknown;
}

export interface Listener {
  /** With it the line to the widget's other half. */
  ended(): void;
  /** Whether a cell is being run. */
  executing(now: boolean): void;
}

/** Kernels in these states have let go of all widgets, or soon will. */
const ENDED = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/** Of the classic notebook, whose widget manager tells of the others. */
const DIED = "kernel_autorestarting.Kernel kernel_dead.Kernel";

/** `manager` may be that of another notebook, or nothing: then nothing is heard. */
export function listenToKernel(manager: unknown, listener: Listener, abort: AbortSignal): void {
  listenInLab(manager, listener, abort);
  listenInClassic(manager, listener, abort);
}

function listenInClassic(manager: unknown, listener: Listener, abort: AbortSignal): void {
  const events = fieldOf(fieldOf(fieldOf(manager, "comm_manager"), "kernel"), "events");
  if (!hasMethods(events, "on", "off")) return;
  const { on, off } = events;
  const ended = () => listener.ended();
  on.call(events, DIED, ended);
  onAbort(abort, () => off.call(events, DIED, ended));
}

function listenInLab(manager: unknown, listener: Listener, abort: AbortSignal): void {
  const kernel = fieldOf(manager, "kernel");
  const status = signalOf(kernel, "statusChanged");
  const messages = signalOf(kernel, "iopubMessage");
  const disposed = signalOf(kernel, "disposed");
  if (!status || !messages || !disposed) return;

  const cells = new Set<unknown>();
  let isBusy = fieldOf(kernel, "status") === "busy"; // with what is not known; until it is idle
  const tell = () => listener.executing(isBusy || cells.size > 0);

  connect(status, (_, now) => {
    if (ENDED.has(String(now))) listener.ended();
  });
  connect(disposed, () => listener.ended());
  connect(messages, (_, message) => {
    const kind = fieldOf(fieldOf(message, "header"), "msg_type");
    if (kind !== "status") return;
    const state = fieldOf(fieldOf(message, "content"), "execution_state");
    const parent = fieldOf(message, "parent_header");
    const cell = fieldOf(parent, "msg_id");
    if (state === "idle") {
      cells.delete(cell);
      isBusy = false;
    } else if (state === "busy" && fieldOf(parent, "msg_type") === "execute_request") {
      cells.add(cell);
    }
    tell();
  });
  tell();

  function connect(signal: Signal, slot: Slot): void {
    signal.connect(slot);
    onAbort(abort, () => signal.disconnect(slot));
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function signalOf(value: unknown, name: string): Signal | null {
  const found = fieldOf(value, name);
  return hasMethods(found, "connect", "disconnect") ? found : null;
}

function hasMethods<K extends string>(
  value: unknown,
  ...names: K[]
): value is Record<K, (...given: unknown[]) => unknown> {
  return names.every((name) => typeof fieldOf(value, name) === "function");
}
