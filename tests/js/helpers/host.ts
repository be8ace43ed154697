/** A notebook as ipywidgets makes it: Backbone's way to set and to tell, and a line to Python. */

import "./listeners";
import type { Dtype, Request, RunRequest, State, Wish } from "../../../js/trace/contract";
import type { Numbers } from "../../../js/trace/tensor";
import type { Host } from "../../../js/transport/host";

type Listener = (...args: unknown[]) => void;

export class NotebookHost implements Host {
  /** Every message that was sent, in order. */
  readonly sent: Request[] = [];
  /** What each `save_changes` found changed since the one before. */
  readonly saved: Partial<State>[] = [];
  /** Who reads the messages, if anyone. */
  kernel: ((message: Request) => void) | null = null;
  private readonly listeners: [event: string, callback: Listener][] = [];
  private unsaved: Partial<State> = {};

  constructor(readonly state: State) {}

  get<K extends keyof State>(name: K): State[K] {
    return this.state[name];
  }

  set<K extends keyof State>(name: K, value: State[K]): void {
    Object.assign(this.unsaved, { [name]: value });
    this.assign({ [name]: value });
  }

  save_changes(): void {
    this.saved.push(this.unsaved);
    this.unsaved = {};
  }

  on(event: string, callback: (...args: never[]) => void): void {
    this.listeners.push([event, callback as Listener]);
  }

  off(event: string, callback: (...args: never[]) => void): void {
    const place = this.listeners.findIndex(([name, other]) => name === event && other === callback);
    if (place >= 0) this.listeners.splice(place, 1);
  }

  send(message: Request): void {
    this.sent.push(message);
    this.kernel?.(message);
  }

  get listenerCount(): number {
    return this.listeners.length;
  }

  /** What Python sets: all of it is there when the first listener hears of it. */
  receive(change: Partial<State>): void {
    this.assign(change);
  }

  /** A message from Python. */
  message(content: unknown, buffers: DataView[] = []): void {
    this.emit("msg:custom", content, buffers);
  }

  /** Every tensor that was asked for, in order. */
  get wishes(): (Wish & { run: number })[] {
    return this.sent.flatMap((message) =>
      message.kind === "tensors"
        ? message.wishes.map((wish) => ({ ...wish, run: message.run }))
        : [],
    );
  }

  /** Keys asked for, by message. */
  get messages(): string[] {
    return this.sent.flatMap((message) =>
      message.kind === "tensors" ? message.wishes.map(({ key }) => key).join(" ") : [],
    );
  }

  get runRequests(): RunRequest[] {
    return this.sent.filter((message) => message.kind === "run");
  }

  /** The latest request for this tensor. */
  requestFor(key: string): Wish {
    const request = this.wishes.filter((wish) => wish.key === key).at(-1);
    if (!request) {
      throw new Error(`nobody asked for ${key}; asked for: ${this.keys.join(" ") || "nothing"}`);
    }
    return request;
  }

  /** Keys asked for, in order. */
  get keys(): string[] {
    return this.wishes.map(({ key }) => key);
  }

  answer(key: string, data: Numbers, shape: readonly number[] = [data.length]): void {
    const { id } = this.requestFor(key);
    const dtype = data.constructor.name.replace("Array", "").toLowerCase() as Dtype;
    const bytes = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.message({ id, dtype, shape }, [bytes]);
  }

  fail(key: string, error: string): void {
    this.message({ id: this.requestFor(key).id, error });
  }

  private assign(change: Partial<State>): void {
    const changed = Object.entries(change).filter(
      ([name, value]) => JSON.stringify(this.state[name as keyof State]) !== JSON.stringify(value),
    );
    Object.assign(this.state, change);
    for (const [name, value] of changed) this.emit(`change:${name}`, this, value);
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const [name, callback] of [...this.listeners]) if (name === event) callback(...args);
  }
}

/** Lets everything that waits for an answered promise run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
