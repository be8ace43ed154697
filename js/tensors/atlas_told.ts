/** What a screen reader is told of the atlas: the head that keys lead to, what came of opening one. */

import { type Signal, signal } from "@preact/signals-core";
import type { AppState } from "../state/app_state";

const tellings = new WeakMap<object, Signal<string>>();

/** One for each widget: states of views have its text signal. */
export function atlasTold({ text }: Pick<AppState, "text">): Signal<string> {
  const known = tellings.get(text) ?? signal("");
  tellings.set(text, known);
  return known;
}
