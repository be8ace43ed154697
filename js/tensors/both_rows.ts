/** The exact attention of query tokens in both passes, where their difference is shown. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { combined, minus, sinkOf } from "../measures/attention_rows";
import type { AppState } from "../state/app_state";
import { bothPasses } from "../state/one_pass";
import type { LayerHead } from "../trace/layer_head";
import type { Numbers } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";
import { attentionRows } from "./attention_row";
import type { TensorSource } from "./source";

/** A weight before edits and after them. */
export interface Change {
  before: number;
  after: number;
}

export interface BothRows {
  /** Those it was asked for. */
  tokens: readonly number[];
  /** Null where it is not here. */
  of(head: LayerHead): { before: Numbers; after: Numbers } | null;
  pending: boolean;
  error: string | null;
}

/** `tokens` and `layers` read signals. */
export function bothRows(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  tokens: () => readonly number[],
  layers: () => readonly number[],
): ReadonlySignal<BothRows> {
  const passes = bothPasses(state);
  const wanted = () => (state.isDifference.value ? tokens() : []);
  const rowsOf = (pass: AppState) => attentionRows(pass, source, abort, wanted, layers, false);
  const [was, now] = [rowsOf(passes.before), rowsOf(passes.after)];
  return computed(() => {
    const [before, after] = [was.value, now.value];
    return {
      tokens: before.tokens,
      of({ layer, head }) {
        const rows = [before.layers.get(layer)?.[head], after.layers.get(layer)?.[head]];
        return rows[0] && rows[1] ? { before: rows[0], after: rows[1] } : null;
      },
      pending: before.pending || after.pending,
      error: before.error ?? after.error,
    };
  });
}

type Rows = readonly { before: Numbers; after: Numbers }[];

/** What several heads make together, after minus before. */
export const combinedChange = (rows: Rows, how: AxesOf<"edges">["combine"]): Numbers =>
  minus(
    combined(
      rows.map(({ after }) => after),
      how,
    ),
    combined(
      rows.map(({ before }) => before),
      how,
    ),
  );

/** The same of one key, as both were. */
export function changeAt(rows: Rows, key: number, how: AxesOf<"edges">["combine"]): Change {
  const at = (pass: "before" | "after") =>
    combined(
      rows.map((row) => Float32Array.of(row[pass][key] ?? Number.NaN)),
      how,
    )[0] ?? Number.NaN;
  return { before: at("before"), after: at("after") };
}

/** How much more a query leaves to a sink; null for a layer without. */
export function sinkChange(
  { before, after }: { before: Numbers; after: Numbers },
  layer: Parameters<typeof sinkOf>[1],
): number | null {
  const [was, now] = [sinkOf(before, layer), sinkOf(after, layer)];
  return was === null && now === null ? null : (now ?? 0) - (was ?? 0);
}
