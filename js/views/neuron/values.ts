/** What one head gives out for one query token: values, weights × values and their sum. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { farthest, type Range, rangeAboutZero } from "../../draw/range";
import type { AppState } from "../../state/app_state";
import { attentionKey } from "../../state/shown_keys";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { exactness } from "../../trace/exactness";
import { at, type Numbers, shapeAt } from "../../trace/tensor";

export interface HeadOutput {
  values: { data: Numbers; dim: number }; // (key, dim)
  weights: Numbers; // (key,)
  /** Their sum over the keys: what the head gives out (dim,). */
  of: Numbers;
}

export interface HeadValues {
  /** Whether they are looked at. */
  isShown(): boolean;
  /** They are known of this layer. */
  areKnown(): boolean;
  /** Of this layer, head and query; null until all of it is here, and while it is not shown. */
  output: ReadonlySignal<HeadOutput | null>;
  valueRange: ReadonlySignal<Range>;
  /** One scale for weights × values and their sum. */
  weightedRange: ReadonlySignal<Range>;
  /** How far an element of a value, or of the sum, may be from the model's. */
  valueError(): number;
  outputError(): number;
  pending(): boolean;
  error(): string | null;
}

export function headValues(
  state: AppState,
  source: TensorSource,
  query: ReadonlySignal<number>,
  row: ReadonlySignal<{ readonly attention: Numbers } | null>,
  abort: AbortSignal,
): HeadValues {
  const isShown = () => state.neuron_step.value === "values";
  const areKnown = () => state.layerMeta.value?.has_values ?? false;
  const keyOf = (name: "value" | "head_output") => {
    const head = state.focusHead.value;
    if (head === null || !isShown() || !areKnown()) return null;
    return attentionKey(state, name, { head });
  };
  const vectors = resource(state, source, abort, () => keyOf("value"));
  const outputs = resource(state, source, abort, () => keyOf("head_output"));
  const output = computed<HeadOutput | null>(() => {
    const [v, z] = [vectors.value, outputs.value];
    const weights = row.value?.attention;
    if (!weights || !v.tensor || !z.tensor) return null;
    if (v.key !== keyOf("value") || z.key !== keyOf("head_output")) return null;
    if (query.value >= shapeAt(z.tensor, 0)) return null;
    const dim = shapeAt(v.tensor, 1);
    return { values: { data: v.tensor.data, dim }, weights, of: at(z.tensor, query.value) };
  });
  const valueRange = computed(() => rangeAboutZero(output.value?.values.data ?? []));
  const weightedRange = computed(() => {
    const { value: known } = output;
    if (!known) return rangeAboutZero();
    const { data, dim } = known.values;
    const products = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) {
      products[i] = (data[i] ?? 0) * (known.weights[Math.floor(i / dim)] ?? 0);
    }
    return rangeAboutZero(products, known.of);
  });
  return {
    isShown,
    areKnown,
    output,
    valueRange,
    weightedRange,
    valueError: () => farthest(valueRange.value) * exactness().element,
    outputError: () => farthest(rangeAboutZero(output.value?.of ?? [])) * exactness().element,
    pending: () => [vectors.value, outputs.value].some(({ pending }) => pending),
    error: () => [vectors.value, outputs.value].find(({ error }) => error !== null)?.error ?? null,
  };
}
