/** What colours the text: a score for each of its units; of a difference, after minus before. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import { bothPasses } from "../../state/one_pass";
import type { Model } from "../../tensors/answer";
import type { TensorSource } from "../../tensors/source";
import { isInfluence } from "../../trace/influence";
import type { Unit } from "../../trace/units";
import { type InfluenceScores, influenceScores } from "./influence";
import { type PassScores, passScores } from "./pass_scores";

export { isAttention, isOfVectors } from "./pass_scores";

export interface TextScores extends PassScores {
  /** Of a difference what it is the difference of, by unit. */
  both: ReadonlySignal<{ before: Float64Array; after: Float64Array } | null>;
  /** What each unit has to do with a prediction, where it shows that. */
  influence: InfluenceScores;
}

export function textScores(
  state: AppState,
  keyUnits: ReadonlySignal<Unit[]>,
  source: TensorSource,
  model: Model,
  abort: AbortSignal,
): TextScores {
  const { isDifference } = state;
  const passes = bothPasses(state);
  const shown = passScores(passes.after, keyUnits, source, abort); // the one that is shown, else
  const wanted = () => isDifference.value;
  const before = passScores(passes.before, keyUnits, source, abort, wanted);
  const influence = influenceScores(state, model, keyUnits, source, abort);
  const showsInfluence = () => isInfluence(state.measure.value);
  const both = computed(() => {
    const [was, now] = [before.scores.value, shown.scores.value];
    return isDifference.value && was && now ? { before: was, after: now } : null;
  });
  return {
    ...shown,
    both,
    influence,
    scores: computed(() => {
      if (showsInfluence()) return influence.scores.value;
      if (!isDifference.value) return shown.scores.value;
      return both.value && less(both.value.after, both.value.before);
    }),
    cosines: computed(() =>
      isDifference.value
        ? shown.cosines.value.map((to, pin) => less(to, before.cosines.value[pin] ?? to))
        : shown.cosines.value,
    ),
    nearest: computed(() => (isDifference.value ? null : shown.nearest.value)),
    sink: computed(() => {
      const [was, now] = [before.sink.value, shown.sink.value];
      return isDifference.value && now !== null ? now - (was ?? 0) : now;
    }),
    status: computed(() => {
      const { pending, error } = shown.status.value;
      const { value: other } = before.status;
      return { pending: pending || other.pending, error: error ?? other.error };
    }),
  };
}

const less = (after: Float64Array, before: Float64Array): Float64Array =>
  after.map((score, unit) => score - (before[unit] ?? Number.NaN));
