/** The numbers of the maps that are shown: cut from the whole layer, or asked for in tiles. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import {
  type Margins,
  marginsOf,
  pooled,
  readMargins,
  type Scale,
  sharesOf,
  type Together,
  togetherOf,
} from "../../measures/maps";
import { type AppState, attentionKey } from "../../state/app_state";
import { attentionRow, comesWhole } from "../../tensors/attention_row";
import { resource } from "../../tensors/resource";
import { resources } from "../../tensors/resources";
import type { TensorSource } from "../../tensors/source";
import type { TensorKey } from "../../trace/contract";
import { shapeAt, type Tensor } from "../../trace/tensor";

/** Rows and columns of a tile, as in measures/heatmaps.py. */
export const TILE = 512;

/** One map: of a head, or of several together. */
export interface Picture {
  heads: readonly number[];
  together: Together;
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
  const isWhole = computed(() => {
    const heads = state.layerMeta.value?.n_heads ?? 0;
    return comesWhole(heads, counts.value.queries, counts.value.keys);
  });
  const pictures = computed(() => picturesOf(state));

  const layerKey = computed(() =>
    isWhole.value && pictures.value.length ? attentionKey(state, "attention") : null,
  );
  const layer = resource(state, source, abort, () => layerKey.value);
  const maps = computed(() => {
    const { tensor, key } = layer.value;
    if (!tensor || key === null || key !== layerKey.value) return null;
    return pictures.value.map(({ heads, together }) => togetherOf(tensor, heads, together));
  });

  const place = ({ heads, together }: Picture) => `${together}/${heads.join(",")}`;
  const marginsKey = (picture: Picture) => attentionKey(state, "map_margins", place(picture));
  const tilesOf = (picture: Picture, { pooling, scale, queries, keys }: Wanted) => {
    // What is drawn exactly is made relative here, so that one tile serves both scales.
    const sent = pooling === 1 ? "weight" : scale;
    const size = TILE * pooling;
    const found: { key: TensorKey; row: number; column: number }[] = [];
    for (let row = Math.floor(queries[0] / size); row * size < queries[1]; row++) {
      for (let column = Math.floor(keys[0] / size); column * size < keys[1]; column++) {
        const rest = [sent, pooling, row, column];
        found.push({
          key: attentionKey(state, "map_tile", place(picture), ...rest),
          row,
          column,
        });
      }
    }
    return found;
  };
  const sent = resources(state, source, abort, () => {
    if (isWhole.value) return [];
    const margins = pictures.value.map(marginsKey);
    return [
      ...margins,
      ...pictures.value.flatMap((picture) => tilesOf(picture, wanted.value).map(({ key }) => key)),
    ];
  });

  const margins = computed(() => {
    const { queries, keys } = counts.value;
    if (isWhole.value) {
      const { value: whole } = maps;
      return pictures.value.map((_, index) => {
        const map = whole?.[index];
        return map?.length === queries * keys ? marginsOf(map, queries, keys) : null;
      });
    }
    return pictures.value.map((picture) => {
      const tensor = sent.value.tensors.get(marginsKey(picture));
      return tensor ? readMargins(tensor.data, queries) : null;
    });
  });

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
  const scaling = computed(() => `${wanted.value.scale}/${wanted.value.pooling}`);
  const wholeTiles = computed(() => {
    const [scale, pooling] = scaling.value.split("/") as [Scale, string];
    const { queries, keys } = counts.value;
    return (maps.value ?? []).map((data, index) =>
      once(data, scaling.value, () => {
        if (data.length !== queries * keys) return [];
        const tile = { tensor: { shape: [queries, keys], data }, query: 0, key: 0, pooling: 1 };
        return asScale(tile, margins.value[index] ?? null, scale).map((exact) => ({
          ...exact,
          tensor: pooled(exact.tensor, Number(pooling)),
          pooling: Number(pooling),
        }));
      }),
    );
  });
  const sentTiles = computed(() => {
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
    return isWhole.value || query === null || wanted.value.pooling === 1 ? [] : [query];
  });

  function weightOf(picture: number, query: number, key: number): number | null {
    const { keys } = counts.value;
    if (isWhole.value) return maps.value?.[picture]?.[query * keys + key] ?? null;
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
    const weights = shown.heads.map((head) => heads[head]?.[key] ?? Number.NaN);
    if (shown.together === "maximum") return Math.max(...weights);
    return weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  }

  const tiles = computed(() => (isWhole.value ? wholeTiles.value : sentTiles.value));

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
    status: computed(() => {
      const parts = [layer.value, sent.value];
      return {
        pending: parts.some(({ pending }) => pending),
        error: parts.find(({ error }) => error)?.error ?? row.value.error,
      };
    }),
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
