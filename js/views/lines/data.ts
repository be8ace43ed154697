/** What the lines show: of all queries, of the one that is looked at, or of one key. */

import { computed } from "@preact/signals-core";
import { isUnboundedHere } from "../../draw/measure_words";
import { minus, sinkOf } from "../../measures/attention_rows";
import {
  betweenSegments,
  type Combine,
  type Edges,
  eachWorthy,
  edgesAt,
  edgesOf,
  edgesOfTensor,
  NO_EDGES,
  type Worth,
} from "../../measures/edges";
import { joinedEdges } from "../../measures/joined_edges";
import type { Maps } from "../../measures/layer_maps";
import type { AppState } from "../../state/app_state";
import { layersOfHeads, shownHeads } from "../../state/shown_heads";
import { attentionKey, passOf } from "../../state/shown_keys";
import { attentionRows } from "../../tensors/attention_row";
import { bothRows, sinkChange } from "../../tensors/both_rows";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { Numbers, Tensor } from "../../trace/tensor";
import { readKey } from "../../trace/tensor_key";
import { rowsOfKey, rowsOfSlots, type WeightsOfHead, wholeLayer } from "./slot_rows";
import { combineOf, slotColours, slotsByLayer } from "./slots";

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

/** The least weight of a line; of a measure whose numbers are no shares there is none. */
const leastOf = (state: AppState): number => (isUnboundedHere(state) ? 0 : state.threshold.value);

export const segmentsOf = (state: AppState) => (hasPair(state) ? state.segments.value : "all");

export function linesData(state: AppState, source: TensorSource, abort: AbortSignal) {
  const heads = computed(() => shownHeads(state));
  /** The heads that are drawn, and the keys of their lines, by layer. */
  const parts = computed(() => {
    const [top_p, threshold] = [state.top_p.value, leastOf(state)];
    const choice = { combine: combineOf(state), top_p, threshold, segments: segmentsOf(state) };
    return slotsByLayer(heads.value).map((part) => {
      const { layer, heads } = part;
      return { ...part, key: attentionKey(state, "edges", { ...choice, heads, layer }) };
    });
  });
  const held = resources(state, source, abort, () => parts.value.map(({ key }) => key));
  const query = () => (state.query.value === null ? [] : [state.query.value]);
  const layers = () => layersOfHeads(heads.value);
  const asked = () => (state.isDifference.value ? [] : query());
  const row = attentionRows(state, source, abort, asked, layers);
  const both = bothRows(state, source, abort, query, layers);

  /** Another layer may stay until the present one is here, but no attention between other rows. */
  const stale = computed<Tensor | null>(() => {
    if (parts.value.length !== 1 || state.pairs.value.length) return null;
    const { tensor, key } = held.value.last;
    const of = key === null ? null : readKey(key);
    const { window, grouping } = state.sides.value;
    const isAlike =
      of?.name === "edges" &&
      of.difference === passOf(state).difference &&
      of.measured === passOf(state).measured &&
      of.kind === state.attention_kind.value &&
      of.window === window &&
      of.grouping.units === grouping.units &&
      of.grouping.special === grouping.special;
    return isAlike ? tensor : null;
  });
  const worth = computed<Worth>(() => {
    const { queries, keys } = state.sides.value;
    return {
      top_p: state.top_p.value,
      threshold: leastOf(state),
      may: betweenSegments(segmentsOf(state), queries.tokens, keys.tokens),
    };
  });
  const here = computed(() => {
    const { tensors } = held.value;
    return parts.value.flatMap((part) => {
      const tensor = tensors.get(part.key);
      return tensor ? [{ ...part, tensor }] : [];
    });
  });
  const all = computed<Edges>(() => {
    const isWhole = here.value.length === parts.value.length;
    const combine = combineOf(state);
    const edges =
      !isWhole && stale.value
        ? edgesOfTensor(stale.value, state.activeHeads.value, combine)
        : joinedEdges(
            here.value.map(({ tensor, heads, slots }) => ({
              edges: edgesOfTensor(tensor, heads, combine),
              slots,
            })),
          );
    return isWhole ? edges : { ...edges, attention: 0 };
  });
  /** The whole layers, where all are here. */
  const maps = computed<ReadonlyMap<number, Maps> | null>(() => {
    void held.value; // the lines come with them
    const found = new Map<number, Maps>();
    for (const { layer } of parts.value) {
      const maps = wholeLayer(state, source, layer);
      if (maps?.queries !== state.sides.value.queries.tokens.length) return null;
      found.set(layer, maps);
    }
    return found;
  });
  /** Weights of the query looked at, of each head; null while some are on their way. */
  const byHead = computed<WeightsOfHead[] | null>(() => {
    const found = heads.value.flatMap((head): WeightsOfHead[] => {
      if (state.isDifference.value) {
        const passes = both.value.of(head);
        return passes
          ? [{ ...head, weights: minus(passes.after, passes.before), both: passes }]
          : [];
      }
      const weights = row.value.layers.get(head.layer)?.[head.head];
      return weights ? [{ ...head, weights }] : [];
    });
    return found.length && found.length === heads.value.length ? found : null;
  });

  function ofQuery(query: number): ShownLines {
    const chosen = byHead.value;
    if (!chosen)
      return { ...NOTHING, of: "query", row: query, ...lines(edgesAt(all.value, "query", query)) };
    const combine = combineOf(state);
    const slotRows = rowsOfSlots(chosen, combine);
    const { value: layers } = state.layers;
    const sinks = chosen.map(({ weights, layer, both }) =>
      both ? sinkChange(both, layers[layer] ?? null) : sinkOf(weights, layers[layer] ?? null),
    );
    const slotSinks = combine === "each" ? sinks : [combined(sinks, combine)];
    const keys = state.sides.value.keys.tokens.length;
    const list = slotRows.flatMap((weights, slot) => {
      const found = [] as { slot: number; query: number; key: number; weight: number }[];
      eachWorthy(weights.map(Math.abs), query, worth.value, (key) => {
        found.push({ slot, query, key, weight: weights[key] ?? 0 });
      });
      const sink = slotSinks[slot] ?? 0;
      const size = Math.abs(sink);
      const shows = size > 0 && size >= worth.value.threshold && segmentsOf(state) === "all";
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
    const slotRows = maps.value && rowsOfKey(maps.value, heads.value, key, combineOf(state));
    if (slotRows) {
      return { ...shown, slotRows, weights: meanOverSlots(slotRows) };
    }
    const weights: (number | undefined)[] = [];
    if (slotColours(state).length === 1) {
      for (let i = 0; i < edges.count; i++) weights[edges.query[i] ?? 0] = edges.weight[i];
    }
    return { ...shown, weights };
  }

  const shown = computed<ShownLines>(() => {
    if (!heads.value.length) return NOTHING;
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
    byHead,
    pending: computed(() => held.value.missing > 0 || row.value.pending || both.value.pending),
    error: computed(() => held.value.error ?? row.value.error ?? both.value.error),
    /** Nothing of it is here yet, so that nothing can be said of it. */
    isWaiting: computed(() => {
      const { of, slotRows } = shown.value;
      return of !== "nothing" && !slotRows && !here.value.length && !stale.value;
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
  for (let i = 0; i < edges.count; i++) mass += Math.abs(edges.weight[i] ?? 0);
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
