/**
 * Where colour scales end that have no end of their own: one for the differences in all views, as
 * long as the largest of the model needs; of a measure that of the layers that are shown.
 */

import { type AppState, watch } from "../state/app_state";
import { layersOfHeads, shownHeads } from "../state/shown_heads";
import { attentionKey, passOf } from "../state/shown_keys";
import { resources } from "../tensors/resource";
import type { TensorSource } from "../tensors/source";
import { writeKey } from "../trace/tensor_key";

/** As LARGEST_QUERIES in measures/differences.py. */
const SAMPLED = 128;

export function provideChangeScale(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const keys = (): readonly string[] => {
    const { value: measure } = state.measure_shown;
    if (measure) {
      if (measure.scale === "share" && !state.isDifference.value) return [];
      const layers = new Set([state.layer.value, ...layersOfHeads(shownHeads(state))]);
      const there = [...layers].filter((layer) => state.layers.value[layer]);
      return there.map((layer) => attentionKey(state, "layer_largest", { layer }));
    }
    if (!state.isDifference.value) return [];
    const units = state.rows.value;
    const special = state.special_tokens.value;
    return [writeKey({ name: "largest", units, special, ...passOf(state) })];
  };
  const largest = resources(state, source, abort, keys);
  watch(abort, () => {
    const { tensors, missing } = largest.value;
    const wanted = keys();
    element.toggleAttribute("data-pending", wanted.length > 0 && missing > 0);
    const found = wanted.flatMap((key) => tensors.get(key)?.data[0] ?? []);
    if (!wanted.length || found.length < wanted.length) return; // that of before, until it is here
    const { tokens, target } = state.meta.value;
    const longest = Math.max(tokens.length, target?.tokens.length ?? 0);
    state.changeScale.value = {
      top: roundUp(Math.max(...found)),
      isOpen: longest > SAMPLED && !state.measure_shown.value,
    };
  });
}

/** To 1, 2 or 5 times a power of ten; 1 for nothing. */
export function roundUp(size: number): number {
  if (!(size > 0)) return 1;
  const exponent = Math.floor(Math.log10(size));
  const times = (step: number) => Number(`${step}e${exponent}`); // a product is 0.30000000000000004
  return times([1, 2, 5].find((step) => times(step) >= size * (1 - 1e-6)) ?? 10);
}
