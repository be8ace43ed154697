/** The traits of a saved page, kept where no kernel is: what a click leads to is decided here. */

import type { State } from "../trace/contract";
import type { Host } from "../transport/host";
import type { Held } from "./archive";
import { applyChoice, type Missing } from "./choices";

type Callback = (...args: never[]) => void;

export interface PageHost extends Host {
  readonly state: Readonly<State>;
  /** Set several, as Python would. */
  update(changes: Partial<State>): void;
}

/** `changed` hears of every change, and of what was asked for but is not held. */
export function pageHost(
  initial: State,
  held: Held,
  changed: (state: State, missing: Missing | null) => void,
): PageHost {
  let state = { ...initial };
  let settled = state;
  const listeners = new Map<string, Set<Callback>>();

  function fire(event: string): void {
    for (const callback of [...(listeners.get(event) ?? [])]) callback();
  }

  function settle(): void {
    const { state: next, missing } = applyChoice(settled, state, held);
    const names = (Object.keys(next) as (keyof State)[]).filter((n) => next[n] !== state[n]);
    state = next;
    settled = next;
    for (const name of names) fire(`change:${name}`);
    changed(next, missing);
  }

  return {
    get state() {
      return state;
    },
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state = { ...state, [name]: value };
      fire(`change:${name}`);
    },
    save_changes: settle,
    update(changes) {
      const names = Object.keys(changes) as (keyof State)[];
      state = { ...state, ...changes };
      settle();
      for (const name of names) fire(`change:${name}`);
    },
    on(event, callback) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(callback));
    },
    off(event, callback) {
      listeners.get(event)?.delete(callback);
    },
    send() {
      // Nobody listens: tensors come from the page, and there is no model.
    },
  };
}
