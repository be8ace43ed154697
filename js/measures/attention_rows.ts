/** Numbers of rows of attention: their mean, what a sink gets, how many are NaN. */

import type { LayerMeta } from "../trace/contract";
import type { Numbers } from "../trace/tensor";
import type { AxesOf } from "../trace/tensor_key";

/** Mean of rows of equal length; a single row is itself. */
export function meanOf(rows: readonly Numbers[]): Numbers {
  const [first] = rows;
  if (!first || rows.length === 1) return first ?? new Float32Array();
  const mean = new Float32Array(first.length);
  for (let key = 0; key < mean.length; key++) {
    let sum = 0;
    for (const row of rows) sum += row[key] ?? 0;
    mean[key] = sum / rows.length;
  }
  return mean;
}

/** Largest of each key, NaN where any is; a single row is itself. */
function maximumOf(rows: readonly Numbers[]): Numbers {
  const [first, ...rest] = rows;
  if (!first || !rest.length) return first ?? new Float32Array();
  const most = Float32Array.from(first);
  for (const row of rest) {
    for (let key = 0; key < most.length; key++) most[key] = Math.max(most[key] ?? 0, row[key] ?? 0);
  }
  return most;
}

export const combined = (rows: readonly Numbers[], how: AxesOf<"edges">["combine"]): Numbers =>
  how === "maximum" ? maximumOf(rows) : meanOf(rows);

/** A row after edits minus that before them. */
export function minus(after: Numbers, before: Numbers): Float32Array {
  const change = new Float32Array(after.length);
  for (let key = 0; key < change.length; key++)
    change[key] = (after[key] ?? 0) - (before[key] ?? 0);
  return change;
}

/** Finished maps may be rounded: half floats of a long row sum to 1 within this. */
const ROUNDING = 0.01;

/**
 * What a row leaves to an attention sink (Xiao et al. 2023), null where there is none. Of finished
 * maps it is known by what is missing.
 */
export function sinkOf(row: Numbers, layer: LayerMeta | null): number | null {
  if (!layer || (layer.dim !== null && !layer.sinks)) return null;
  let sum = 0;
  for (const weight of row) sum += weight;
  const rest = 1 - sum;
  if (layer.sinks) return Number.isNaN(rest) ? null : Math.max(0, rest);
  return sum > 0 && rest > ROUNDING ? rest : null;
}

/** Mean of what rows leave to the sink. */
export function meanSink(rows: readonly Numbers[], layer: LayerMeta | null): number | null {
  const sinks = rows.flatMap((row) => sinkOf(row, layer) ?? []);
  return sinks.length ? sinks.reduce((sum, sink) => sum + sink, 0) / rows.length : null;
}

export function countNaN(row: Numbers): number {
  let count = 0;
  for (const weight of row) count += Number(Number.isNaN(weight));
  return count;
}
