/** Rows of weights by slot, of a query or of a key; where the difference is shown, of that. */

import { type Combine, combineRows } from "../../measures/edges";
import { differenceMaps, type Maps, mapsOf } from "../../measures/layer_maps";
import type { AppState } from "../../state/app_state";
import { bothPasses } from "../../state/one_pass";
import { attentionKey } from "../../state/shown_keys";
import { combinedChange } from "../../tensors/both_rows";
import type { TensorSource } from "../../tensors/source";
import type { LayerHead } from "../../trace/layer_head";
import type { Numbers } from "../../trace/tensor";

/** Of the query that is looked at; of a difference what it is the difference of. */
export interface WeightsOfHead extends LayerHead {
  weights: Numbers;
  both?: { before: Numbers; after: Numbers };
}

/** Of a query; of heads together after edits what they make then, minus what they made. */
export const rowsOfSlots = (
  chosen: readonly WeightsOfHead[],
  combine: Combine,
): readonly Numbers[] => {
  const both = chosen.flatMap(({ both }) => both ?? []);
  return combine !== "each" && both.length
    ? [combinedChange(both, combine)]
    : combineRows(
        chosen.map(({ weights }) => weights),
        combine,
      );
};

/** Of a key. */
export function rowsOfKey(
  maps: ReadonlyMap<number, Maps>,
  heads: readonly LayerHead[],
  key: number,
  combine: Combine,
): readonly Numbers[] | null {
  const [some] = maps.values();
  if (some?.passes && combine !== "each") {
    const [before, after] = [0, 1].map((pass) => {
      const ofPass = [...maps].flatMap(([layer, { passes }]): [number, Maps][] =>
        passes ? [[layer, passes[pass as 0 | 1]]] : [],
      );
      return columnsOf(new Map(ofPass), heads, key);
    });
    const rows = after?.map((row, place) => ({ before: before?.[place] ?? row, after: row }));
    return rows ? [combinedChange(rows, combine)] : null;
  }
  const columns = columnsOf(maps, heads, key);
  return columns && combineRows(columns, combine);
}

/** Where it is here; of a difference that of both passes. */
export function wholeLayer(state: AppState, source: TensorSource, layer: number): Maps | null {
  const { before, after } = bothPasses(state);
  const passes = state.isDifference.value ? [before, after] : [state];
  const [first = null, second = null] = passes.map((pass) => {
    const key = attentionKey(pass, "attention", { layer });
    const tensor = source.peek(state.meta.value.run, key);
    return tensor ? mapsOf(tensor) : null;
  });
  return state.isDifference.value ? first && second && differenceMaps(first, second) : first;
}

/** What each query gives to one key, of each head: (head, query). Null for no key of the model's. */
function columnsOf(
  maps: ReadonlyMap<number, Maps>,
  heads: readonly LayerHead[],
  key: number,
): Numbers[] | null {
  const columns = heads.flatMap(({ layer, head }) => {
    const of = maps.get(layer);
    if (!of || key >= of.keys) return [];
    return [Float32Array.from({ length: of.queries }, (_, query) => of.row(head, query)[key] ?? 0)];
  });
  return columns.length === heads.length ? columns : null;
}
