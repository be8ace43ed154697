/** The numbers of the maps that are shown, in tiles. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { combined } from "../../measures/attention_rows";
import { TILE } from "../../measures/heatmaps";
import { type Margins, readMargins, sharesOf } from "../../measures/margins";
import { type AppState, attentionKey } from "../../state/app_state";
import { attentionRow } from "../../tensors/attention_row";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { shapeAt, type Tensor } from "../../trace/tensor";
import type { AxesOf } from "../../trace/tensor_key";

type Scale = AxesOf<"map_tile">["scale"];

/** One map: of a head, or of several together. */
export interface Picture {
  heads: readonly number[];
  together: AxesOf<"map_tile">["together"];
}

/** Queries and keys in sight, each tile of which holds `pooling` as one; first, and one past last. */
export interface Wanted {
  pooling: number;
  scale: Scale;
  queries: readonly [number, number];
  keys: readonly [number, number];
}

/** Numbers from this query and key on. */
export interface Tile {
  tensor: Tensor;
  query: number;
  key: number;
  pooling: number;
}

export interface Weights {
  pictures: ReadonlySignal<readonly Picture[]>;
  /** Of each picture; null while on its way. */
  margins: ReadonlySignal<readonly (Margins | null)[]>;
  /** Of each picture the tiles that are here, finest last. */
  tiles: ReadonlySignal<readonly (readonly Tile[])[]>;
  /** The exact weight; null while on its way. */
  weightOf(picture: number, query: number, key: number): number | null;
  /** What the cell has its colour by: its pixel's number; null while on its way. */
  pixelOf(picture: number, query: number, key: number): number | null;
  status: ReadonlySignal<{ pending: boolean; error: string | null }>;
}

export function mapWeights(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  wanted: ReadonlySignal<Wanted>,
): Weights {
  const counts = computed(() => {
    const { queries, keys } = state.sides.value;
    return { queries: queries.tokens.length, keys: keys.tokens.length };
  });
  const pictures = computed(() => picturesOf(state));

  const marginsKey = (picture: Picture) => attentionKey(state, "map_margins", picture);
  const tilesOf = (picture: Picture, { pooling, scale, queries, keys }: Wanted) => {
    // What is drawn exactly is made relative here, so that one tile serves both scales.
    const sent = pooling === 1 ? "weight" : scale;
    const size = TILE * pooling;
    const found: { key: string; row: number; column: number }[] = [];
    for (let row = Math.floor(queries[0] / size); row * size < queries[1]; row++) {
      for (let column = Math.floor(keys[0] / size); column * size < keys[1]; column++) {
        const tile = { ...picture, scale: sent, pooling, row, column } as const;
        found.push({ key: attentionKey(state, "map_tile", tile), row, column });
      }
    }
    return found;
  };
  const sent = resources(state, source, abort, () => [
    ...pictures.value.map(marginsKey),
    ...pictures.value.flatMap((picture) => tilesOf(picture, wanted.value).map(({ key }) => key)),
  ]);

  const margins = computed(() =>
    pictures.value.map((picture) => {
      const tensor = sent.value.tensors.get(marginsKey(picture));
      return tensor ? readMargins(tensor.data, counts.value.queries) : null;
    }),
  );

  const asScale = (tile: Tile, margins: Margins | null, scale: Scale): Tile[] => {
    if (scale === "weight") return [tile];
    return margins ? [{ ...tile, tensor: sharesOf(tile.tensor, margins, tile.query) }] : [];
  };
  // A tile is the same object for as long as its numbers are the same: what is drawn of it is kept.
  const made = new WeakMap<object, Map<string, Tile[]>>();
  const once = (of: object, name: string, make: () => Tile[]): Tile[] => {
    const known = made.get(of) ?? new Map<string, Tile[]>();
    made.set(of, known);
    const tile = known.get(name) ?? make();
    if (tile.length) known.set(name, tile);
    return tile;
  };
  const tiles = computed(() => {
    const { value: now } = wanted;
    const { tensors } = sent.value;
    const run = state.meta.value.run;
    return pictures.value.map((picture, index) => {
      const tiles = tilesOf(picture, now);
      const isComplete = tiles.every(({ key }) => tensors.has(key));
      // What is here of coarser ones stands in until the finer come.
      const levels = [now.pooling];
      const most = Math.max(counts.value.queries, counts.value.keys);
      for (let level = now.pooling * 2; !isComplete && level < most; level *= 2) levels.push(level);
      return levels.reverse().flatMap((pooling) =>
        tilesOf(picture, { ...now, pooling }).flatMap(({ key, row, column }) => {
          const tensor = tensors.get(key) ?? source.peek(run, key);
          if (!tensor) return [];
          return once(tensor, now.scale, () => {
            const size = TILE * pooling;
            const tile = { tensor, query: row * size, key: column * size, pooling };
            return asScale(tile, margins.value[index] ?? null, pooling > 1 ? "weight" : now.scale);
          });
        }),
      );
    });
  });

  // Where the picture is pooled, the row that is pointed at is asked for as it is.
  const row = attentionRow(state, source, abort, () => {
    const { value: query } = state.query;
    return query === null || wanted.value.pooling === 1 ? [] : [query];
  });

  function weightOf(picture: number, query: number, key: number): number | null {
    const shown = pictures.value[picture];
    void sent.value; // so that who asks hears of the tile when it comes
    if (!shown) return null;
    const exact = tilesOf(shown, {
      pooling: 1,
      scale: "weight",
      queries: [query, query + 1],
      keys: [key, key + 1],
    })[0];
    const tile = exact && source.peek(state.meta.value.run, exact.key);
    if (tile) return tile.data[(query % TILE) * shapeAt(tile, 1) + (key % TILE)] ?? null;
    const { heads, tokens } = row.value;
    if (!heads || tokens[0] !== query) return null;
    const weights = shown.heads.map((head) => Float32Array.of(heads[head]?.[key] ?? Number.NaN));
    return combined(weights, shown.together)[0] ?? null;
  }

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

  return {
    pictures,
    margins,
    tiles,
    weightOf,
    pixelOf,
    status: computed(() => ({
      pending: sent.value.missing > 0,
      error: sent.value.error ?? row.value.error,
    })),
  };
}

function picturesOf(state: AppState): Picture[] {
  const heads = state.activeHeads.value;
  const { value: combine } = state.combine;
  if (!heads.length) return [];
  if (combine === "columns") return heads.map((head) => ({ heads: [head], together: "mean" }));
  const focus = state.focusHead.value;
  if (combine === "overlay" || heads.length === 1) {
    return focus === null ? [] : [{ heads: [focus], together: "mean" }];
  }
  return [{ heads, together: combine }];
}
