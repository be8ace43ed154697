/** Keys of the tensors of what is shown. */

import type { AttentionKind } from "../trace/options";
import { PLAIN } from "../trace/sides";
import {
  type AttentionName,
  type AxesOf,
  type Pass,
  type TensorKey,
  writeKey,
} from "../trace/tensor_key";
import type { AppState } from "./app_state";

type Rest<N extends AttentionName> = Omit<AxesOf<N>, "kind" | "layer">;

/** Of another layer than the one that is looked at. */
interface OtherLayer {
  layer?: number;
}

/** Key of a tensor of the attention that is looked at; `rest` is what the name needs besides. */
export function attentionKey<N extends AttentionName>(
  state: AppState,
  name: N,
  ...rest: keyof Rest<N> extends never ? [OtherLayer?] : [Rest<N> & OtherLayer]
): string {
  const { window, grouping } = state.sides.value;
  const place = { kind: state.attention_kind.value, layer: state.layer.value, window, grouping };
  return writeKey({ name, ...place, ...rest[0], ...passOf(state) } as unknown as TensorKey);
}

/** Key of a tensor of any layer, for names that need nothing besides. */
export function layerKey(
  state: AppState,
  name: "summaries" | "thumbnails",
  { kind, layer }: { readonly kind: AttentionKind; readonly layer: number },
): string {
  const { window, grouping } = state.sides.value;
  return writeKey({ name, kind, layer, window, grouping, ...passOf(state) });
}

/** Key of how far the heads of a layer are from those of the other side of a comparison. */
export const divergenceKey = ({ kind, layer }: { kind: AttentionKind; layer: number }): string =>
  writeKey({ name: "divergence", kind, layer, window: null, grouping: PLAIN });

/** What a key says of the pass that is shown. */
export function passOf({ pass, isDifference, measure_shown }: AppState): Pass {
  const measured = measure_shown.value && { measured: measure_shown.value.key };
  if (!pass.value) return { ...measured };
  return { pass: pass.value, ...(isDifference.value && { difference: true }), ...measured };
}
