/** What each head does in numbers, as Python counted it, and the order that follows from one. */

import type { Head, Layer } from "../state/choose_head";
import { type AttentionMeta, type Meta, NUMBERS, type NumberName } from "../trace/contract";
import type { Summary } from "../trace/options";
import { shapeAt, type Tensor } from "../trace/tensor";

export interface Summaries {
  /** NaN where the head has no such number, or it is not here yet. */
  of(head: Head, name: NumberName): number;
  /** Whether those of the layer are here. */
  has(layer: Layer): boolean;
}

export function summariesOf(tensorOf: (layer: Layer) => Tensor | undefined): Summaries {
  return {
    has: (layer) => tensorOf(layer) !== undefined,
    of(head, name) {
      const tensor = tensorOf(head);
      if (!tensor || head.head >= shapeAt(tensor, 1)) return Number.NaN;
      return tensor.data[NUMBERS.indexOf(name) * shapeAt(tensor, 1) + head.head] ?? Number.NaN;
    },
  };
}

/** Largest first; equal ones stay in order, those without a number come last. */
export function ranked(heads: readonly Head[], summaries: Summaries, name: NumberName): Head[] {
  const known = heads.map((head) => {
    const value = summaries.of(head, name);
    return { head, value: Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value };
  });
  return known
    .sort((a, b) => (a.value === b.value ? 0 : b.value - a.value))
    .map(({ head }) => head);
}

/** Summaries that tell nothing of this model and text. */
export function deadSummaries(meta: Meta, hasSpecial: boolean): readonly Summary[] {
  const { attention, tokens, target } = meta;
  const dead: Summary[] = [];
  if (attention.every(({ kind }) => kind === "cross")) {
    dead.push("distance", "previous", "next", "self");
  }
  const all = [...tokens, ...(target?.tokens ?? [])];
  if (!hasSpecial || !all.some((token) => token.special)) dead.push("special");
  const canSink = attention.some(({ layers }) =>
    layers.some((layer) => layer && (layer.sinks || layer.dim === null)),
  );
  return canSink ? dead : [...dead, "sink"];
}

/** Those that are there: a saved page may carry a part of them. */
export const heldHeads = ({ kind, layers }: AttentionMeta): Head[] =>
  layers.flatMap((of, layer) =>
    (of?.held ?? [...Array(of?.n_heads ?? 0).keys()]).map((head) => ({ kind, layer, head })),
  );
