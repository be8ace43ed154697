/** One scale of colours for the differences in all views: as long as the largest of the model needs. */

import { type AppState, passOf, watch } from "../state/app_state";
import { resource } from "../tensors/resource";
import type { TensorSource } from "../tensors/source";
import { writeKey } from "../trace/tensor_key";

/** As LARGEST_QUERIES in measures/differences.py. */
const SAMPLED = 128;

export function provideChangeScale(
  root: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const key = () => {
    if (!state.isDifference.value) return null;
    const units = state.rows.value;
    const special = state.special_tokens.value;
    return writeKey({ name: "largest", units, special, ...passOf(state) });
  };
  const largest = resource(state, source, abort, key);
  watch(abort, () => {
    const { tensor, key: of, pending } = largest.value;
    root.toggleAttribute("data-pending", pending);
    if (!tensor || of !== key()) return; // that of before, until it is here
    const { tokens, target } = state.meta.value;
    const longest = Math.max(tokens.length, target?.tokens.length ?? 0);
    state.changeScale.value = { top: roundUp(tensor.data[0] ?? 0), isOpen: longest > SAMPLED };
  });
}

/** To 1, 2 or 5 times a power of ten; 1 for nothing. */
export function roundUp(size: number): number {
  if (!(size > 0)) return 1;
  const exponent = Math.floor(Math.log10(size));
  const times = (step: number) => Number(`${step}e${exponent}`); // a product is 0.30000000000000004
  return times([1, 2, 5].find((step) => times(step) >= size * (1 - 1e-6)) ?? 10);
}
