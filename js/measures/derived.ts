/** Tensors that follow from the attention of a layer, as protocol/catalogue.py answers them. */

import type { Sides } from "../trace/sides";
import type { Tensor } from "../trace/tensor";
import type { AttentionKey, TensorKey } from "../trace/tensor_key";
import { mapMargins, mapTile, TILE } from "./heatmaps";
import { countNaNs, layerLargest, type Maps, meanRows, receivedMeans } from "./layer_maps";
import { strongestEdges } from "./strongest_edges";
import { differenceThumbnails, thumbnails } from "./summaries";

const DERIVED = [
  "attention_row",
  "attention_received",
  "count_nan",
  "edges",
  "thumbnails",
  "map_tile",
  "map_margins",
  "layer_largest",
] as const;

export type DerivedKey = Extract<AttentionKey, { name: (typeof DERIVED)[number] }>;

export const isDerived = (key: TensorKey | null): key is DerivedKey =>
  DERIVED.some((name) => name === key?.name);

/** Null where the layer lacks what the key names. */
export function derived(key: DerivedKey, maps: Maps, sides: Sides): Tensor | null {
  const lacks = (indices: readonly number[], count: number) =>
    indices.some((index) => index >= count);
  if ("heads" in key && lacks(key.heads, maps.heads)) return null;
  switch (key.name) {
    case "attention_row":
      return lacks(key.tokens, maps.queries) ? null : meanRows(maps, key.tokens);
    case "attention_received":
      return receivedMeans(maps);
    case "count_nan":
      return countNaNs(maps);
    case "edges":
      return strongestEdges(maps, sides, key);
    case "thumbnails":
      return maps.isUnbounded ? differenceThumbnails(maps) : thumbnails(maps);
    case "map_tile": {
      const size = TILE * key.pooling;
      const isThere =
        size > 0 &&
        key.row * size < Math.max(1, maps.queries) &&
        key.column * size < Math.max(1, maps.keys);
      return isThere ? mapTile(maps, key) : null;
    }
    case "layer_largest":
      return layerLargest(maps);
    case "map_margins":
      return mapMargins(maps, key);
  }
}
