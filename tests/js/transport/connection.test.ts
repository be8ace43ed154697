import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connection, connectionOf } from "../../../js/transport/connection";
import { settled } from "../helpers/host";

const MARK = "jupyter-widgets-disconnected";

type Slot = (sender: unknown, given: unknown) => void;

/** As Lumino's. */
class Signal {
  readonly slots = new Set<Slot>();
  connect = (slot: Slot) => this.slots.add(slot);
  disconnect = (slot: Slot) => this.slots.delete(slot);
  emit(given?: unknown): void {
    for (const slot of [...this.slots]) slot(this, given);
  }
}

class LabKernel {
  status = "idle";
  readonly statusChanged = new Signal();
  readonly iopubMessage = new Signal();
  readonly disposed = new Signal();

  says(execution_state: string, msg_id: string, msg_type = "execute_request"): void {
    this.iopubMessage.emit({
      header: { msg_type: "status" },
      parent_header: { msg_id, msg_type },
      content: { execution_state },
    });
  }

  get heard(): number {
    return [this.statusChanged, this.iopubMessage, this.disposed]
      .map(({ slots }) => slots.size)
      .reduce((a, b) => a + b);
  }
}

let el: HTMLElement;
let controller: AbortController;
let kernel: LabKernel;

beforeEach(() => {
  el = document.createElement("div");
  controller = new AbortController();
  kernel = new LabKernel();
});

afterEach(() => controller.abort());

const connect = (manager: unknown): Connection => connectionOf(el, manager, controller.signal);

describe("a page that was saved", () => {
  it("has no cells to run again: its widget manager knows no kernel", () => {
    expect(connect({ loader: null }).cells).toBe(false);
    for (const manager of [undefined, null, { kernel: null }, { comm_manager: {} }]) {
      expect(connect(manager).cells).toBe(true);
    }
  });

  it("by marimo never had a kernel", () => {
    vi.stubGlobal("__MARIMO_STATIC__", {});
    const { gone, cells } = connect(undefined);
    expect([gone.value, cells]).toEqual([true, false]);
  });
});

describe("the mark of the Jupyter widgets", () => {
  it("says that the kernel is gone, from the start or later, and that it came back", async () => {
    el.classList.add(MARK);
    const { gone } = connect(undefined);
    expect(gone.value).toBe(true);
    el.classList.remove(MARK);
    await settled();
    expect(gone.value).toBe(false);
    el.classList.add(MARK);
    await settled();
    expect(gone.value).toBe(true);
  });

  it("is no other class", async () => {
    const { gone, lost } = connect(undefined);
    el.classList.add("widget");
    await settled();
    expect(gone.value).toBe(false);
    lost();
    el.classList.remove("widget"); // which does not bring a kernel back
    await settled();
    expect(gone.value).toBe(true);
  });

  it("is not looked at after the end", async () => {
    const { gone } = connect(undefined);
    controller.abort();
    el.classList.add(MARK);
    await settled();
    expect(gone.value).toBe(false);
  });
});

describe("JupyterLab's kernel", () => {
  it.each(["restarting", "autorestarting", "terminating", "dead"])("%s is gone", (status) => {
    const { gone } = connect({ kernel });
    for (const other of ["idle", "busy", "starting", "unknown"]) kernel.statusChanged.emit(other);
    expect(gone.value).toBe(false);
    kernel.statusChanged.emit(status);
    expect(gone.value).toBe(true);
    kernel.statusChanged.emit("idle"); // another kernel, which knows no widget
    expect(gone.value).toBe(true);
  });

  it("that was let go of is gone", () => {
    const { gone } = connect({ kernel });
    kernel.disposed.emit();
    expect(gone.value).toBe(true);
  });

  it("runs a cell from its busy to its idle", () => {
    const { executing } = connect({ kernel });
    expect(executing.value).toBe(false);
    kernel.says("busy", "a comm", "comm_msg"); // the widget's own request
    expect(executing.value).toBe(false);
    kernel.says("busy", "cell");
    kernel.says("idle", "a comm", "comm_msg");
    expect(executing.value).toBe(true);
    kernel.says("idle", "cell");
    expect(executing.value).toBe(false);
  });

  it("may be running a cell when the widget comes", () => {
    kernel.status = "busy";
    const { executing } = connect({ kernel });
    expect(executing.value).toBe(true);
    kernel.says("idle", "cell");
    expect(executing.value).toBe(false);
  });

  it("is not listened to after the end", () => {
    connect({ kernel });
    expect(kernel.heard).toBe(3);
    controller.abort();
    expect(kernel.heard).toBe(0);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["without a kernel", { kernel: null }],
    ["with another kernel", { kernel: { statusChanged: "no", events: {} } }],
  ])("is none where the manager is %s", (_, manager) => {
    const { gone, executing } = connect(manager);
    expect([gone.value, executing.value]).toEqual([false, null]);
  });
});

describe("the classic notebook's kernel", () => {
  it.each(["kernel_autorestarting", "kernel_dead"])("%s is gone", (name) => {
    const heard = new Map<string, () => void>();
    const events = {
      on: (names: string, slot: () => void) => {
        for (const each of names.split(" ")) heard.set(each, slot);
      },
      off: (names: string) => {
        for (const each of names.split(" ")) heard.delete(each);
      },
    };
    const { gone } = connect({ comm_manager: { kernel: { events } } });
    expect(gone.value).toBe(false);
    heard.get(`${name}.Kernel`)?.();
    expect(gone.value).toBe(true);
    controller.abort();
    expect(heard.size).toBe(0);
  });
});
