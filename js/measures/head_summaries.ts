/** What each head does in numbers, as Python counted it, and the order that follows from one. */

import type { AppState } from "../state/app_state";
import type { Head, Layer } from "../state/choose_head";
import {
  type AttentionMeta,
  type Label,
  type LabelName,
  NUMBERS,
  type NumberName,
} from "../trace/contract";
import { sidesOf } from "../trace/sides";
import { shapeAt, type Tensor } from "../trace/tensor";
import { labelOf } from "./detectors";

export interface Summaries {
  /** NaN where the head has no such number, or it is not here yet. */
  of(head: Head, name: NumberName): number;
  /** Whether those of the layer are here. */
  has(layer: Layer): boolean;
}

/** @param divergenceOf the heads of a layer by how far they are from those of another pass. */
export function summariesOf(
  tensorOf: (layer: Layer) => Tensor | undefined,
  divergenceOf: (layer: Layer) => Tensor | undefined = () => undefined,
): Summaries {
  return {
    has: (layer) => tensorOf(layer) !== undefined,
    of(head, name) {
      if (name === "divergence") return divergenceOf(head)?.data[head.head] ?? Number.NaN;
      const tensor = tensorOf(head);
      if (!tensor || head.head >= shapeAt(tensor, 1)) return Number.NaN;
      return tensor.data[NUMBERS.indexOf(name) * shapeAt(tensor, 1) + head.head] ?? Number.NaN;
    },
  };
}

/** The sizes of changes, by which they stand in order. */
export const sizesOf = (changes: Summaries): Summaries => ({
  ...changes,
  of: (head, name) => Math.abs(changes.of(head, name)),
});

type Labelled = "meta" | "sides" | "isDifference" | "rows" | "head_labels";

/** What heads are called by a probe of the model; null where none was given. */
function probedLabels({ value: rows }: AppState["head_labels"]): Map<string, Label> | null {
  if (!rows) return null;
  return new Map(
    rows.map(([kind, layer, head, name, score]) => [
      `${kind} ${layer} ${head}`,
      { name: name as LabelName, score },
    ]),
  );
}

/** What each head is called, by the probe that was given, else by its summaries; null where no
 * detector is sure, and of a difference, whose numbers are none of a pass, nor of passages. */
export function labelsOf(
  { meta, sides, isDifference, rows, head_labels }: Pick<AppState, Labelled>,
  summaries: Summaries,
): (head: Head) => Label | null {
  const probed = isDifference.value ? null : probedLabels(head_labels);
  if (probed) return ({ kind, layer, head }) => probed.get(`${kind} ${layer} ${head}`) ?? null;
  const { window, grouping } = sides.value;
  const kinds = new Map(
    meta.value.attention.map(({ kind }) => {
      const { queries } = sidesOf(meta.value, kind, window, grouping);
      const own = queries.tokens.filter(({ padding }) => !padding);
      return [kind, kind === "cross" ? 0 : own.length];
    }),
  );
  if (isDifference.value || rows.value === "passages") return () => null;
  return (head) => labelOf((name) => summaries.of(head, name), kinds.get(head.kind) ?? 0);
}

/** Largest first, or smallest; equal ones stay in order, those without a number come last. */
export function ranked(
  heads: readonly Head[],
  summaries: Summaries,
  name: NumberName,
  isAscending = false,
): Head[] {
  const sign = isAscending ? 1 : -1;
  const all = heads.map((head) => ({ head, value: summaries.of(head, name) }));
  const known = all.filter(({ value }) => !Number.isNaN(value));
  const unknown = all.filter(({ value }) => Number.isNaN(value));
  known.sort((a, b) => sign * (a.value - b.value));
  return [...known, ...unknown].map(({ head }) => head);
}

/** Whether no query sees what comes after it, in any layer. */
const isCausal = ({ kind, layers }: AttentionMeta): boolean =>
  kind !== "cross" &&
  layers.every(
    (layer) => !layer || (layer.masks.length > 0 && layer.masks.every(({ causal }) => causal)),
  );

/** Summaries that tell nothing of this model and text. */
export function deadSummaries(
  state: Pick<AppState, "meta" | "special_tokens"> & Partial<Pick<AppState, "comparison">>,
): readonly NumberName[] {
  const { attention, tokens, target } = state.meta.value;
  const dead: NumberName[] = state.comparison?.value ? [] : ["divergence"];
  if (attention.every(({ kind }) => kind === "cross")) {
    dead.push("distance", "distance_variance", "previous", "next", "self");
    dead.push("duplicate", "induction", "same_word");
  }
  if (attention.every(isCausal)) dead.push("next");
  const all = [...tokens, ...(target?.tokens ?? [])];
  const hasSpecial = state.special_tokens.value === "show" && all.some(({ special }) => special);
  if (!hasSpecial) dead.push("special");
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
