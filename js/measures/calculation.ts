/** Steps of a calculation that follow from queries and keys, as trace/calculation.py computes them. */

import type { StepName } from "../trace/calculation";
import { at, shapeAt, type Tensor } from "../trace/tensor";
import { fartherShown } from "./farther";

/** What a saved page has of a head. */
export interface Parts {
  readonly queries: Tensor;
  readonly keys: Tensor;
  readonly scale: number;
  readonly softcap: number | null;
  /** (query, key) */
  readonly bias: Tensor | null;
  /** (query, 1) */
  readonly sink: Tensor | null;
  /** (run, 4): head, query, start, stop. */
  readonly runs: Tensor;
  readonly head: number;
}

const DERIVED = ["scores", "scaled", "masked", "weights"] as const;
export type DerivedStep = (typeof DERIVED)[number];

export const isDerivedStep = (step: StepName): step is DerivedStep =>
  DERIVED.some((name) => name === step);

/** (query, key) */
export function derivedStep(step: DerivedStep, parts: Parts): Tensor {
  const shape = [shapeAt(parts.queries, 0), shapeAt(parts.keys, 0)];
  const numbers = Float64Array.from(products(parts.queries, parts.keys));
  if (step !== "scores") scale(numbers, parts);
  if (step === "masked" || step === "weights") mask(numbers, parts);
  if (step === "weights") soften(numbers, parts);
  return { shape, data: Float32Array.from(numbers) };
}

function products(queries: Tensor, keys: Tensor): Float64Array {
  const [n, m] = [shapeAt(queries, 0), shapeAt(keys, 0)];
  const made = new Float64Array(n * m);
  for (let query = 0; query < n; query++) {
    const q = at(queries, query);
    for (let key = 0; key < m; key++) {
      const k = at(keys, key);
      let sum = 0;
      for (let i = 0; i < q.length; i++) sum += (q[i] ?? 0) * (k[i] ?? 0);
      made[query * m + key] = sum;
    }
  }
  return made;
}

function scale(numbers: Float64Array, { scale: by, softcap }: Parts): void {
  for (let i = 0; i < numbers.length; i++) {
    const scaled = (numbers[i] ?? 0) * by;
    numbers[i] = softcap === null ? scaled : softcap * Math.tanh(scaled / softcap);
  }
}

function mask(numbers: Float64Array, { bias, runs, head, keys }: Parts): void {
  const width = shapeAt(keys, 0);
  const seen = new Uint8Array(numbers.length);
  for (let i = 0; i < shapeAt(runs, 0); i++) {
    const [of = 0, query = 0, start = 0, stop = 0] = at(runs, i);
    if (of === -1 || of === head) seen.fill(1, query * width + start, query * width + stop);
  }
  for (let i = 0; i < numbers.length; i++) {
    if (!seen[i]) numbers[i] = Number.NEGATIVE_INFINITY;
    else if (bias) numbers[i] = (numbers[i] ?? 0) + (bias.data[i] ?? 0);
  }
}

/** Rows that see nothing become 0. */
function soften(numbers: Float64Array, { keys, sink }: Parts): void {
  const width = shapeAt(keys, 0);
  for (let start = 0; start < numbers.length; start += width) {
    const row = numbers.subarray(start, start + width);
    const beside = sink ? (sink.data[start / width] ?? 0) : Number.NEGATIVE_INFINITY;
    const most = row.reduce((one, other) => Math.max(one, other), beside);
    if (most === Number.NEGATIVE_INFINITY) {
      row.fill(0);
      continue;
    }
    let sum = Math.exp(beside - most);
    for (let i = 0; i < width; i++) {
      row[i] = Math.exp((row[i] ?? 0) - most);
      sum += row[i] ?? 0;
    }
    for (let i = 0; i < width; i++) row[i] = (row[i] ?? 0) / sum;
  }
}

/** Of each block of `down` rows × `across` columns the number that is farthest from 0, as
 * measures/pooled_matrix.py has it; null for blocks of nothing. */
export function pooledMatrix({ shape, data }: Tensor, down: number, across: number): Tensor | null {
  if (down < 1 || across < 1) return null;
  const [n = 0, m = 0] = shape;
  const [rows, columns] = [Math.ceil(n / down), Math.ceil(m / across)];
  const made = new Float32Array(rows * columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < data.length; i++) {
    const place = Math.floor(Math.floor(i / m) / down) * columns + Math.floor((i % m) / across);
    made[place] = fartherShown(made[place] ?? 0, data[i] ?? 0);
  }
  return { shape: [rows, columns], data: made };
}

/** One row or column; null where there is none. */
export function lineOf({ shape, data }: Tensor, axis: string, index: number): Tensor | null {
  const [n = 0, m = 0] = shape;
  if (index >= (axis === "row" ? n : m)) return null;
  const line =
    axis === "row"
      ? Float32Array.from(data.slice(index * m, (index + 1) * m))
      : Float32Array.from({ length: n }, (_, row) => data[row * m + index] ?? Number.NaN);
  return { shape: [line.length], data: line };
}
