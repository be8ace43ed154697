/** The numbers of the maps that are shown, in tiles. */

import { computed } from "@preact/signals-core";
import { combined } from "../../measures/attention_rows";
import { TILE } from "../../measures/heatmaps";
import { type Margins, readMargins, sharesOf } from "../../measures/margins";
import type { AppState } from "../../state/app_state";
import { areSideBySide, layersOfHeads, shownHeads } from "../../state/shown_heads";
import { attentionKey } from "../../state/shown_keys";
import { attentionRows } from "../../tensors/attention_row";
import { bothRows, type Change, changeAt } from "../../tensors/both_rows";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { LayerHead } from "../../trace/layer_head";
import { shapeAt, type Tensor } from "../../trace/tensor";
import type { AxesOf } from "../../trace/tensor_key";
import type { MatrixView, Wanted } from "./plan";

/** One map: of a head, or of several together. */
export interface Picture {
  layer: number;
  heads: readonly number[];
  together: AxesOf<"map_tile">["together"];
}

/** Numbers from this query and key on. */
export interface Tile {
  tensor: Tensor;
  query: number;
  key: number;
  pooling: number;
}

export type Weights = ReturnType<typeof mapWeights>;

export function mapWeights(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  { plan, wanted }: Pick<MatrixView, "plan" | "wanted">,
) {
  const pictures = computed(() => picturesOf(state));

  const marginsKey = (picture: Picture) => attentionKey(state, "map_margins", picture);
  const tilesOf = (picture: Picture, { pooling, scale, queries, keys }: Wanted) => {
    // What is drawn exactly is made relative here, so that one tile serves both scales.
    const sent = pooling === 1 ? "weight" : scale;
    const size = TILE * pooling;
    const found: { name: string; query: number; key: number }[] = [];
    for (let row = Math.floor(queries[0] / size); row * size < queries[1]; row++) {
      for (let column = Math.floor(keys[0] / size); column * size < keys[1]; column++) {
        const tile = { ...picture, scale: sent, pooling, row, column } as const;
        const name = attentionKey(state, "map_tile", tile);
        found.push({ name, query: row * size, key: column * size });
      }
    }
    return found;
  };
  const sent = resources(state, source, abort, () => [
    ...pictures.value.map(marginsKey),
    ...pictures.value.flatMap((picture) => tilesOf(picture, wanted.value).map(({ name }) => name)),
  ]);

  /** Of each picture; null while on its way. */
  const margins = computed(() =>
    pictures.value.map((picture) => {
      const tensor = sent.value.tensors.get(marginsKey(picture));
      const { tokens } = state.sides.value.queries;
      const isPadding = (query: number) => tokens[query]?.padding ?? false;
      return tensor ? readMargins(tensor.data, plan.value.queries, isPadding) : null;
    }),
  );

  // Kept for as long as its numbers are the same: what is drawn of a tensor is kept too.
  const shares = new WeakMap<Tensor, Tensor>();
  const inScale = (tile: Tile, margins: Margins | null, scale: Wanted["scale"]): Tile[] => {
    if (scale === "weight" || tile.pooling > 1) return [tile];
    const known = shares.get(tile.tensor);
    const tensor = known ?? (margins && sharesOf(tile.tensor, margins, tile.query));
    if (tensor) shares.set(tile.tensor, tensor);
    return tensor ? [{ ...tile, tensor }] : [];
  };
  /** Of each picture the tiles that are here, finest last. */
  const tiles = computed(() => {
    const { value: now } = wanted;
    const { tensors } = sent.value;
    const run = state.meta.value.run;
    return pictures.value.map((picture, index) => {
      const isComplete = tilesOf(picture, now).every(({ name }) => tensors.has(name));
      // What is here of coarser ones stands in until the finer come.
      const levels = [now.pooling];
      const most = Math.max(plan.value.queries, plan.value.keys);
      for (let level = now.pooling * 2; !isComplete && level < most; level *= 2) levels.push(level);
      return levels.reverse().flatMap((pooling) =>
        tilesOf(picture, { ...now, pooling }).flatMap(({ name, query, key }) => {
          const tensor = tensors.get(name) ?? source.peek(run, name);
          const margin = margins.value[index] ?? null;
          return tensor ? inScale({ tensor, query, key, pooling }, margin, now.scale) : [];
        }),
      );
    });
  });

  // Where the picture is pooled, the row that is pointed at is asked for as it is.
  const pooledQuery = () => {
    const { value: query } = state.query;
    return query === null || wanted.value.pooling === 1 ? [] : [query];
  };
  const layers = () => layersOfHeads(pictures.value.map(({ layer }) => ({ layer, head: 0 })));
  const row = attentionRows(state, source, abort, pooledQuery, layers);
  const lookedAt = () => (state.query.value === null ? [] : [state.query.value]);
  const both = bothRows(state, source, abort, lookedAt, layers);

  /** The exact weight; null while on its way. */
  function weightOf(picture: number, query: number, key: number): number | null {
    const shown = pictures.value[picture];
    void sent.value; // so that who asks hears of the tile when it comes
    if (!shown) return null;
    const [exact] = tilesOf(shown, {
      pooling: 1,
      scale: "weight",
      queries: [query, query + 1],
      keys: [key, key + 1],
    });
    const tile = exact && source.peek(state.meta.value.run, exact.name);
    if (tile) return tile.data[(query % TILE) * shapeAt(tile, 1) + (key % TILE)] ?? null;
    const passes = bothOf(picture, query, key);
    if (passes) return Math.fround(passes.after - passes.before);
    if (state.isDifference.value) return null; // of heads together it is no row of differences
    const { layers, tokens } = row.value;
    const heads = layers.get(shown.layer);
    if (!heads || tokens[0] !== query) return null;
    const weights = shown.heads.map((head) => Float32Array.of(heads[head]?.[key] ?? Number.NaN));
    return combined(weights, shown.together)[0] ?? null;
  }

  /** Of a difference what it is the difference of, in the row that is looked at. */
  function bothOf(picture: number, query: number, key: number): Change | null {
    const shown = pictures.value[picture];
    const { tokens, of } = both.value;
    if (!shown || tokens[0] !== query) return null;
    const { layer, heads, together } = shown;
    const rows = heads.flatMap((head) => of({ layer, head }) ?? []);
    return rows.length === heads.length ? changeAt(rows, key, together) : null;
  }

  /** What the cell has its colour by: its pixel's number; null while on its way. */
  function pixelOf(picture: number, query: number, key: number): number | null {
    for (const { tensor, pooling, ...start } of tiles.value[picture] ?? []) {
      const row = Math.floor((query - start.query) / pooling);
      const column = Math.floor((key - start.key) / pooling);
      const [height, width] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
      const isHere = row >= 0 && row < height && column >= 0 && column < width;
      if (pooling === wanted.value.pooling && isHere) {
        return tensor.data[row * width + column] ?? null;
      }
    }
    return null;
  }

  const status = computed(() => ({
    pending: sent.value.missing > 0,
    error: sent.value.error ?? row.value.error,
  }));
  return { pictures, margins, tiles, weightOf, bothOf, pixelOf, status };
}

function picturesOf(state: AppState): Picture[] {
  const heads = state.activeHeads.value;
  const { value: combine } = state.combine;
  const [first] = shownHeads(state);
  if (!first) return [];
  const alone = ({ layer, head }: LayerHead): Picture => ({
    layer,
    heads: [head],
    together: "mean",
  });
  if (areSideBySide(state)) return shownHeads(state).map(alone);
  if (state.pairs.value.length || combine === "overlay" || heads.length === 1) {
    return [alone(first)];
  }
  return [{ layer: first.layer, heads, together: combine === "maximum" ? "maximum" : "mean" }];
}
