/** The logit lens at many positions, of the pass without edits or with them, while a view wants it. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../state/app_state";
import { type LensPlane, type LensPlaneQuestion, lensPlaneOf } from "../trace/lens_plane";
import { nameOf } from "../trace/questions";
import { type Answer, answerOf, type Model } from "./answer";

export interface Plane {
  /** Of the pass without edits, as far as it is known. */
  readonly before: ReadonlySignal<LensPlane | null>;
  /** Of the pass with them; null where there are none or the other is shown. */
  readonly after: ReadonlySignal<LensPlane | null>;
  /** The one that is being read, or was last. */
  readonly current: ReadonlySignal<LensPlane | null>;
  readonly isRunning: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<string | null>;
}

/** `last` as in the question, and whether it is asked: both read signals. */
export function lensPlane(
  state: AppState,
  model: Model,
  abort: AbortSignal,
  last: () => number | null,
  goes: () => boolean,
): Plane {
  const hasAfter = () => state.edits.value.length > 0 && state.shown_pass.value !== "before";
  const isOfBefore = () => !hasAfter() || state.isDifference.value;
  const first = kept(
    state,
    model,
    abort,
    () => lensPlaneOf(last()),
    () => goes() && isOfBefore(),
  );
  const second = kept(
    state,
    model,
    abort,
    () => lensPlaneOf(last(), state.edits.value),
    () => goes() && hasAfter() && (!isOfBefore() || !first.asked.value.pending),
  );
  const shown = () => (hasAfter() && !first.asked.value.pending ? second : first);
  return {
    before: first.known,
    after: computed(() => (hasAfter() ? second.known.value : null)),
    current: computed(() => shown().known.value),
    isRunning: computed(() => first.asked.value.pending || second.asked.value.pending),
    error: computed(() => first.asked.value.error ?? second.asked.value.error),
  };
}

/** What was read of the question stays, though it is no longer asked. */
function kept(
  state: AppState,
  model: Model,
  abort: AbortSignal,
  question: () => LensPlaneQuestion,
  goes: () => boolean,
): { asked: ReadonlySignal<Answer<LensPlaneQuestion>>; known: ReadonlySignal<LensPlane | null> } {
  const name = computed(() => `${state.meta.value.run} ${nameOf(question())}`);
  const last = signal<{ name: string; plane: LensPlane } | null>(null);
  const asked = answerOf(state, model, abort, () => (goes() ? question() : null));
  watch(abort, () => {
    const { answer, pending, progress } = asked.value;
    const plane = pending ? (progress?.partial as LensPlane | undefined) : answer;
    if (plane) last.value = { name: name.peek(), plane };
  });
  return {
    asked,
    known: computed(() => (last.value?.name === name.value ? last.value.plane : null)),
  };
}

const tellings = new WeakMap<AppState, Signal<string>>();

/** What a screen reader is told of it, by the view that shows it; nothing while it is being read. */
export function planeTold(state: AppState): Signal<string> {
  const known = tellings.get(state) ?? signal("");
  tellings.set(state, known);
  return known;
}
