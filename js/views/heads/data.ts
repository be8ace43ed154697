/** The rows of the table of heads: every head of the model with its summaries, in an order. */

import { computed, signal } from "@preact/signals-core";
import { effectRange } from "../../draw/effect_colours";
import { LABELS } from "../../measures/detectors";
import { byEffect, effectsOf } from "../../measures/effects";
import {
  deadSummaries,
  heldHeads,
  labelsOf,
  ranked,
  sizesOf,
  summariesOf,
} from "../../measures/head_summaries";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import { divergenceKey, layerKey } from "../../state/shown_keys";
import type { Ranking } from "../../tensors/ranking";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { type LabelName, NUMBERS, type NumberName } from "../../trace/contract";

export interface Order {
  /** Null for that of the model; "head" for the first of each layer, then the second, and so on. */
  by: NumberName | "effect" | "head" | "label" | null;
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
  const isCompared = () => state.comparison.value !== null;
  const keys = () => [
    ...heads.value.map(keyOf),
    ...(isCompared() ? heads.value.map(divergenceKey) : []),
  ];
  const status = resources(state, source, abort, keys, "idle");
  const summaries = computed(() => {
    const { tensors } = status.value;
    return summariesOf(
      (layer) => tensors.get(layerKey(state, "summaries", layer)),
      (layer) => tensors.get(divergenceKey(layer)),
    );
  });
  const sized = () => (state.isDifference.value ? sizesOf(summaries.value) : summaries.value);
  /** Summaries that say something of this model and text. */
  const columns = computed(() => {
    const { of, has } = summaries.value;
    const dead = deadSummaries(state);
    const areKnown = heads.value.every(has);
    const isKnown = (name: NumberName) =>
      !areKnown || heads.value.some((head) => !Number.isNaN(of(head, name)));
    const found = NUMBERS.filter((name) => !dead.includes(name) && isKnown(name));
    return isCompared() ? (["divergence", ...found] as const) : found;
  });
  const labels = computed(() => labelsOf(state, summaries.value));
  /** Those of one label together, in the order of the labels, the surest first. */
  function byLabel(isAscending: boolean): Head[] {
    const rank = (head: Head) => {
      const label = labels.value(head);
      return label ? LABELS.indexOf(label.name) + 1 - label.score / 2 : LABELS.length + 1;
    };
    const sign = isAscending ? 1 : -1;
    return [...heads.value].sort((a, b) => sign * (rank(a) - rank(b)));
  }
  const largest = computed(() => {
    const { of } = summaries.value;
    const most = (name: NumberName) =>
      heads.value.reduce((most, head) => Math.max(most, Math.abs(of(head, name)) || 0), 0);
    return new Map(columns.value.map((name) => [name, most(name)]));
  });
  const effects = computed(() => effectsOf(ranking.known.value));
  const isProbed = computed(() => state.head_labels.value !== null);
  const areLabelled = computed(
    () => isProbed.value || heads.value.every((head) => summaries.value.has(head)),
  );
  /** The label that the shown heads have; null for any, and until labels are known. */
  const filter = computed<LabelName | null>(() => {
    const { value: name } = state.head_label;
    const isAny = name === "all" || name === "none" || state.isDifference.value;
    return isAny || !areLabelled.value ? null : name;
  });
  function inOrder(): readonly Head[] {
    const { by, isAscending } = order.value;
    const sign = isAscending ? 1 : -1;
    if (by === "head") return [...heads.value].sort((a, b) => sign * (a.head - b.head));
    if (by === "effect") {
      return byEffect(heads.value, effects.value, ranking.isRunning.value, isAscending);
    }
    if (by === "label") return byLabel(isAscending);
    if (by !== null) return ranked(heads.value, sized(), by, isAscending);
    return isAscending ? heads.value : [...heads.value].reverse();
  }
  return {
    order,
    effects,
    /** What is known of effects, with the range of their colours. */
    effectsKnown: computed(() => {
      const { value: found } = ranking.known;
      return found && { found, range: effectRange(found) };
    }),
    rows: computed((): readonly Head[] => {
      const { value: name } = filter;
      const all = inOrder();
      return name ? all.filter((head) => labels.value(head)?.name === name) : all;
    }),
    /** How many there are, whatever their label. */
    count: computed(() => heads.value.length),
    filter,
    isProbed,
    areLabelled,
    /** Whether some head is called so. */
    isUsed: (name: LabelName) => heads.value.some((head) => labels.value(head)?.name === name),
    columns,
    labels,
    /** Whether some head is called something. */
    hasLabels: computed(
      () =>
        state.head_label.value !== "none" &&
        heads.value.some((head) => labels.value(head) !== null),
    ),
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
