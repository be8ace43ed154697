/** The rows of the table of heads: every head of the model with its summaries, in an order. */

import { computed, signal } from "@preact/signals-core";
import { effectRange } from "../../draw/effect_colours";
import { byEffect, effectsOf } from "../../measures/effects";
import {
  deadSummaries,
  heldHeads,
  ranked,
  sizesOf,
  summariesOf,
} from "../../measures/head_summaries";
import { type AppState, layerKey } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import type { Ranking } from "../../tensors/ranking";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { NUMBERS, type NumberName } from "../../trace/contract";

export interface Order {
  /** Null for that of the model; "head" for the first of each layer, then the second, and so on. */
  by: NumberName | "effect" | "head" | null;
  isAscending: boolean;
}

export type HeadsData = ReturnType<typeof headsData>;

export function headsData(
  state: AppState,
  source: TensorSource,
  ranking: Ranking,
  abort: AbortSignal,
) {
  const order = signal<Order>({ by: null, isAscending: true });
  const heads = computed(() => state.meta.value.attention.flatMap(heldHeads));
  const keyOf = (head: Head) => layerKey(state, "summaries", head);
  const status = resources(state, source, abort, () => heads.value.map(keyOf), "idle");
  const summaries = computed(() => {
    const { tensors } = status.value;
    return summariesOf((layer) => tensors.get(layerKey(state, "summaries", layer)));
  });
  const sized = () => (state.isDifference.value ? sizesOf(summaries.value) : summaries.value);
  /** Summaries that say something of this model and text. */
  const columns = computed(() => {
    const dead = deadSummaries(state);
    return NUMBERS.filter((name) => !dead.includes(name));
  });
  const largest = computed(() => {
    const { of } = summaries.value;
    const most = (name: NumberName) =>
      heads.value.reduce((most, head) => Math.max(most, Math.abs(of(head, name)) || 0), 0);
    return new Map(columns.value.map((name) => [name, most(name)]));
  });
  const effects = computed(() => effectsOf(ranking.known.value));
  return {
    order,
    effects,
    /** What is known of effects, with the range of their colours. */
    effectsKnown: computed(() => {
      const { value: found } = ranking.known;
      return found && { found, range: effectRange(found) };
    }),
    rows: computed((): readonly Head[] => {
      const { by, isAscending } = order.value;
      const sign = isAscending ? 1 : -1;
      if (by === "head") return [...heads.value].sort((a, b) => sign * (a.head - b.head));
      if (by === "effect") {
        return byEffect(heads.value, effects.value, ranking.isRunning.value, isAscending);
      }
      if (by !== null) return ranked(heads.value, sized(), by, isAscending);
      return isAscending ? heads.value : [...heads.value].reverse();
    }),
    columns,
    summaries,
    status,
    /** Where the difference is shown, and there is none. */
    isNothing: computed(
      () => state.isDifference.value && [...largest.value.values()].every((most) => !most),
    ),
    /** Of the largest in its column, with its sign; 0 for none. */
    shareOf: (head: Head, name: NumberName) =>
      (summaries.value.of(head, name) || 0) / (largest.value.get(name) || 1),
  };
}
