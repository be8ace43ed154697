/** What the lines show: of all queries, of the one that is looked at, or of one key. */

import { computed } from "@preact/signals-core";
import { css } from "../../draw/colour";
import { headColours } from "../../draw/palette";
import { type WeightColours, weightColours } from "../../draw/weight_colours";
import { sinkOf } from "../../measures/attention_rows";
import {
  betweenSegments,
  type Combine,
  combineRows,
  type Edges,
  eachWorthy,
  edgesAt,
  edgesOf,
  edgesOfTensor,
  NO_EDGES,
  type Worth,
} from "../../measures/edges";
import { type Maps, mapsOf } from "../../measures/layer_maps";
import { type AppState, attentionKey } from "../../state/app_state";
import { attentionRow } from "../../tensors/attention_row";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { Numbers, Tensor } from "../../trace/tensor";
import { readKey } from "../../trace/tensor_key";

export interface ShownLines {
  /** Whose attention: of every query, of one, or what one key receives; of no head at all. */
  of: "all" | "query" | "key" | "nothing";
  /** The row of that query or key. */
  row: number;
  edges: Edges;
  /** Sum of the weights of the lines. */
  mass: number;
  /** Weights at the rows of the other column, by slot, exact; null where they are not here. */
  slotRows: readonly Numbers[] | null;
  /** Their mean. Of a key whose weights are not here, those of its lines. */
  weights: readonly (number | undefined)[];
  /** What the query leaves to no token, by slot; null for a model without sinks. */
  slotSinks: readonly (number | null)[];
  sink: number | null;
}

export const combineOf = (state: AppState): Combine => {
  const { value } = state.combine;
  if (state.activeHeads.value.length < 2) return "each";
  return value === "mean" || value === "maximum" ? value : "each";
};

/** Heads side by side. */
export const inColumns = (state: AppState): boolean =>
  state.combine.value === "columns" && state.activeHeads.value.length > 1;

/** The segments of a pair can be told apart. */
export function hasPair(state: AppState): boolean {
  const { same, queries } = state.sides.value;
  if (!same || state.meta.value.roles.length) return false;
  const found = new Set(queries.tokens.map(({ segment }) => segment));
  return found.has(0) && found.has(1);
}

/** The row of the key that is pointed at, else of the one that is selected. */
export function keyLookedAt({ hovered: { value: hovered }, selectedKey }: AppState): number | null {
  return hovered?.as === "key" ? hovered.token : selectedKey.value;
}

export const segmentsOf = (state: AppState) => (hasPair(state) ? state.segments.value : "all");

/** The strongest colour of each bundle of lines, which marks its name. */
export function slotColours(state: AppState): string[] {
  const together = css(weightColours(state, null).ramp(1));
  if (combineOf(state) !== "each") return [together];
  const palette = headColours(state.layerMeta.value?.n_heads ?? 0);
  return state.activeHeads.value.map((head) => palette[head] ?? "");
}

/** Of the weights of each bundle. */
export const slotWeightColours = (state: AppState): WeightColours[] =>
  combineOf(state) === "each"
    ? state.activeHeads.value.map((head) => weightColours(state, head))
    : [weightColours(state, null)];

export function linesData(state: AppState, source: TensorSource, abort: AbortSignal) {
  const key = computed(() => {
    const heads = state.activeHeads.value;
    if (!heads.length) return null;
    const [top_p, threshold] = [state.top_p.value, state.threshold.value];
    const choice = { combine: combineOf(state), top_p, threshold, segments: segmentsOf(state) };
    return attentionKey(state, "edges", { ...choice, heads });
  });
  const held = resource(state, source, abort, () => key.value);
  const row = attentionRow(state, source, abort, () =>
    state.query.value === null ? [] : [state.query.value],
  );

  /** Another layer may stay until the present one is here, but no attention between other rows. */
  const tensor = computed<Tensor | null>(() => {
    const { tensor, key } = held.value;
    const of = key === null ? null : readKey(key);
    const { window, grouping } = state.sides.value;
    const isAlike =
      of?.name === "edges" &&
      of.kind === state.attention_kind.value &&
      of.window === window &&
      of.grouping.words === grouping.words &&
      of.grouping.special === grouping.special;
    return isAlike ? tensor : null;
  });
  const worth = computed<Worth>(() => {
    const { queries, keys } = state.sides.value;
    return {
      top_p: state.top_p.value,
      threshold: state.threshold.value,
      may: betweenSegments(segmentsOf(state), queries.tokens, keys.tokens),
    };
  });
  const all = computed<Edges>(() => {
    if (!tensor.value) return NO_EDGES;
    const edges = edgesOfTensor(tensor.value, state.activeHeads.value, combineOf(state));
    return held.value.key === key.value ? edges : { ...edges, attention: 0 };
  });
  /** The whole layer, where it is here. */
  const maps = computed<Maps | null>(() => {
    void held.value; // the lines come with it
    const layer = source.peek(state.meta.value.run, attentionKey(state, "attention"));
    const maps = layer && mapsOf(layer);
    return maps?.queries === state.sides.value.queries.tokens.length ? maps : null;
  });

  function ofQuery(query: number): ShownLines {
    const { heads } = row.value;
    if (!heads)
      return { ...NOTHING, of: "query", row: query, ...lines(edgesAt(all.value, "query", query)) };
    const chosen = state.activeHeads.value.flatMap((head) => heads[head] ?? []);
    const combine = combineOf(state);
    const slotRows = combineRows(chosen, combine);
    const layer = state.layerMeta.value;
    const sinks = chosen.map((weights) => sinkOf(weights, layer));
    const slotSinks = combine === "each" ? sinks : [combined(sinks, combine)];
    const keys = state.sides.value.keys.tokens.length;
    const list = slotRows.flatMap((weights, slot) => {
      const found = [] as { slot: number; query: number; key: number; weight: number }[];
      eachWorthy(weights, query, worth.value, (key, weight) => {
        found.push({ slot, query, key, weight });
      });
      const sink = slotSinks[slot] ?? 0;
      const shows = sink > 0 && sink >= worth.value.threshold && segmentsOf(state) === "all";
      if (shows) found.push({ slot, query, key: keys, weight: sink });
      return found;
    });
    return {
      of: "query",
      row: query,
      ...lines(edgesOf(list, 0)),
      slotRows,
      weights: meanOverSlots(slotRows),
      slotSinks,
      sink: combined(slotSinks, "mean"),
    };
  }

  function ofKey(key: number): ShownLines {
    const edges = edgesAt(all.value, "key", key);
    const shown: ShownLines = { ...NOTHING, of: "key", row: key, ...lines(edges) };
    if (maps.value && key < maps.value.keys) {
      const slotRows = columnsOf(maps.value, state.activeHeads.value, combineOf(state), key);
      return { ...shown, slotRows, weights: meanOverSlots(slotRows) };
    }
    const weights: (number | undefined)[] = [];
    if (slotColours(state).length === 1) {
      for (let i = 0; i < edges.count; i++) weights[edges.query[i] ?? 0] = edges.weight[i];
    }
    return { ...shown, weights };
  }

  const shown = computed<ShownLines>(() => {
    if (!state.activeHeads.value.length) return NOTHING;
    const query = state.query.value;
    if (query !== null) return ofQuery(query);
    const key = keyLookedAt(state);
    if (key !== null) return ofKey(key);
    return { ...NOTHING, of: "all", ...lines(all.value) };
  });
  return {
    shown,
    /** Of all queries, whatever is looked at. */
    all,
    /** Weights of the query looked at, by head of the layer. */
    byHead: computed(() => row.value.heads),
    pending: computed(() => held.value.pending || row.value.pending),
    error: computed(() => held.value.error ?? row.value.error),
    /** Nothing of it is here yet, so that nothing can be said of it. */
    isWaiting: computed(() => {
      const { of, slotRows } = shown.value;
      return of !== "nothing" && !slotRows && !tensor.value;
    }),
  };
}

const NOTHING: ShownLines = {
  of: "nothing",
  row: -1,
  edges: NO_EDGES,
  mass: 0,
  slotRows: null,
  weights: [],
  slotSinks: [],
  sink: null,
};

function lines(edges: Edges): Pick<ShownLines, "edges" | "mass"> {
  let mass = 0;
  for (let i = 0; i < edges.count; i++) mass += edges.weight[i] ?? 0;
  return { edges, mass };
}

function meanOverSlots(rows: readonly Numbers[]): number[] {
  return Array.from(rows[0] ?? [], (_, token) => {
    let sum = 0;
    for (const row of rows) sum += row[token] ?? 0;
    return sum / rows.length;
  });
}

/** Of heads of which some leave nothing to a sink; null where none has one. */
function combined(sinks: readonly (number | null)[], combine: Combine): number | null {
  const known = sinks.filter((sink) => sink !== null);
  if (!known.length) return null;
  if (combine === "maximum") return Math.max(...known);
  return known.reduce((sum, sink) => sum + sink, 0) / sinks.length;
}

/** What each query gives to one key, as it is drawn. (slot, query) */
function columnsOf(
  maps: Maps,
  heads: readonly number[],
  combine: Combine,
  key: number,
): readonly Numbers[] {
  const columns = heads.map((head) =>
    Float32Array.from({ length: maps.queries }, (_, query) => maps.row(head, query)[key] ?? 0),
  );
  return combineRows(columns, combine);
}
