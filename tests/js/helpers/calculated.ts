/** The calculation of a head, from matrices: every step and what Python says of them. */

import type { CalculationAnswer, StepName } from "../../../js/trace/calculation";
import type { Tensor } from "../../../js/trace/tensor";

/** Rows of numbers. */
export type Rows = readonly (readonly number[])[];

export const product = (a: Rows, b: Rows): number[][] =>
  a.map((row) =>
    (b[0] ?? []).map((_, column) =>
      row.reduce((sum, value, at) => sum + value * (b[at]?.[column] ?? 0), 0),
    ),
  );

export const turned = (a: Rows): number[][] =>
  (a[0] ?? []).map((_, column) => a.map((row) => row[column] ?? 0));

const softmax = (row: readonly number[]): number[] => {
  const exps = row.map(Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((each) => each / sum);
};

export interface Head {
  readonly input?: Rows;
  readonly w_q?: Rows;
  readonly w_k?: Rows;
  readonly w_v?: Rows;
  readonly b_q?: Rows;
  readonly q?: Rows;
  readonly k?: Rows;
  readonly v?: Rows;
  readonly scale?: number;
  readonly causal?: boolean;
}

const FORMULAS: Partial<Record<StepName, string>> = {
  input: "x",
  w_q: "W_Q",
  b_q: "b_Q",
  q: "q = x · W_Q + b_Q",
  w_k: "W_K",
  k: "k = x · W_K",
  w_v: "W_V",
  v: "v = x · W_V",
  scores: "scores = q · kᵀ",
  scaled: "scaled = scores · s",
  masked: "masked = scaled, −∞ where the mask hides",
  weights: "weights = softmax(masked)",
  output: "output = weights · v",
};

/** All steps that follow, in order. */
export function stepsOf(head: Head): Map<StepName, Rows> {
  const { input, w_q, w_k, w_v, b_q, scale = 1, causal = false } = head;
  const plus = (rows: Rows) => rows.map((row) => row.map((x, at) => x + (b_q?.[0]?.[at] ?? 0)));
  const q = head.q ?? plus(product(input ?? [], w_q ?? []));
  const k = head.k ?? product(input ?? [], w_k ?? []);
  const v = head.v ?? product(input ?? [], w_v ?? []);
  const scores = product(q, turned(k));
  const scaled = scores.map((row) => row.map((score) => score * scale));
  const masked = scaled.map((row, query) =>
    row.map((score, key) => (causal && key > query ? Number.NEGATIVE_INFINITY : score)),
  );
  const weights = masked.map(softmax);
  const all = { input, w_q, b_q, q, w_k, k, w_v, v, scores, scaled, masked, weights };
  const steps = new Map<StepName, Rows>();
  for (const [name, rows] of Object.entries({ ...all, output: product(weights, v) })) {
    if (rows?.length) steps.set(name as StepName, rows);
  }
  return steps;
}

export const tensorOfRows = (rows: Rows): Tensor => ({
  shape: [rows.length, rows[0]?.length ?? 0],
  data: Float32Array.from(rows.flat()),
});

export function answerOfSteps(
  steps: ReadonlyMap<StepName, Rows>,
  change: Partial<CalculationAnswer> = {},
): CalculationAnswer {
  return {
    steps: [...steps].map(([name, rows]) => ({
      name,
      formula: FORMULAS[name] ?? name,
      is_exact: true,
      shape: [rows.length, rows[0]?.length ?? 0],
    })),
    scale: 1,
    softcap: null,
    dim: steps.get("q")?.[0]?.length ?? 0,
    missing: { before: null, after: null },
    reason: "",
    of_arrays: false,
    ...change,
  };
}
