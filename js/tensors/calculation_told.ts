/** What a screen reader is told of a step of the calculation, once it is gone to. */

import { type Signal, signal } from "@preact/signals-core";
import type { AppState } from "../state/app_state";

const tellings = new WeakMap<object, Signal<string>>();

/** One for each widget: states of views have its text signal. */
export function calculationTold({ text }: Pick<AppState, "text">): Signal<string> {
  const known = tellings.get(text) ?? signal("");
  tellings.set(text, known);
  return known;
}
