/** The rows of the table of heads: every head of the model with its summaries, in an order. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import {
  deadSummaries,
  heldHeads,
  type Summaries,
  summariesOf,
} from "../../measures/head_summaries";
import type { AppState } from "../../state/app_state";
import type { Head, Layer } from "../../state/choose_head";
import { type Resources, resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { NUMBERS, type NumberName } from "../../trace/contract";
import { writeKey } from "../../trace/tensor_key";

export interface Order {
  /** Null for that of the model. */
  by: NumberName | null;
  isAscending: boolean;
}

export interface HeadsData {
  readonly order: Signal<Order>;
  readonly rows: ReadonlySignal<readonly Head[]>;
  /** Summaries that say something of this model and text. */
  readonly columns: ReadonlySignal<readonly NumberName[]>;
  readonly summaries: ReadonlySignal<Summaries>;
  readonly status: ReadonlySignal<Resources>;
  /** Of the largest in its column; 0 for none. */
  shareOf(head: Head, name: NumberName): number;
}

export function headsData(state: AppState, source: TensorSource, abort: AbortSignal): HeadsData {
  const order = signal<Order>({ by: null, isAscending: false });
  const heads = computed(() => state.meta.value.attention.flatMap(heldHeads));
  const keyOf = ({ kind, layer }: Layer) => {
    const { window, grouping } = state.sides.value;
    return writeKey({ name: "summaries", kind, layer, window, grouping });
  };
  const status = resources(state, source, abort, () => heads.value.map(keyOf), "idle");
  const summaries = computed(() => {
    const { tensors } = status.value;
    return summariesOf((layer) => tensors.get(keyOf(layer)));
  });
  const columns = computed(() => {
    const dead = deadSummaries(state.meta.value, state.special_tokens.value === "show");
    return NUMBERS.filter((name) => !dead.includes(name));
  });
  const largest = computed(() => {
    const { of } = summaries.value;
    const most = (name: NumberName) =>
      heads.value.reduce((most, head) => Math.max(most, of(head, name) || 0), 0);
    return new Map(columns.value.map((name) => [name, most(name)]));
  });
  return {
    order,
    rows: computed(() => {
      const { by, isAscending } = order.value;
      if (by === null) return isAscending ? [...heads.value].reverse() : heads.value;
      const value = (head: Head) => summaries.value.of(head, by);
      const sign = isAscending ? 1 : -1;
      const known = heads.value.filter((head) => !Number.isNaN(value(head)));
      const unknown = heads.value.filter((head) => Number.isNaN(value(head)));
      return [...known.sort((a, b) => sign * (value(a) - value(b))), ...unknown];
    }),
    columns,
    summaries,
    status,
    shareOf: (head, name) => (summaries.value.of(head, name) || 0) / (largest.value.get(name) || 1),
  };
}
