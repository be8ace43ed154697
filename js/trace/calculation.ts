/**
 * The steps of a head's calculation: the other half is trace/calculation_steps.py and
 * widget/calculated.py; tests/golden/calculation.json holds both to the same names and axes.
 */

import type { NotFinite } from "./description";
import type { Edit } from "./edits";
import type { AttentionKind } from "./options";

/** What a row or a column stands for; `token` counts the queries of an input. */
export type Axis = "token" | "query" | "key" | "hidden" | "dim" | "one";

/** In order: rows and columns of the matrix of each. */
export const STEPS = {
  hidden: ["token", "hidden"],
  input: ["token", "hidden"],
  w_q: ["hidden", "dim"],
  b_q: ["one", "dim"],
  q: ["query", "dim"],
  q_normed: ["query", "dim"],
  q_scaled: ["query", "dim"],
  q_rotated: ["query", "dim"],
  key_input: ["key", "hidden"],
  w_k: ["hidden", "dim"],
  b_k: ["one", "dim"],
  k: ["key", "dim"],
  k_normed: ["key", "dim"],
  k_scaled: ["key", "dim"],
  k_rotated: ["key", "dim"],
  value_input: ["key", "hidden"],
  w_v: ["hidden", "dim"],
  b_v: ["one", "dim"],
  v: ["key", "dim"],
  v_normed: ["key", "dim"],
  v_scaled: ["key", "dim"],
  scores: ["query", "key"],
  scaled: ["query", "key"],
  bias: ["query", "key"],
  masked: ["query", "key"],
  sink: ["query", "one"],
  weights: ["query", "key"],
  sunk: ["query", "one"],
  output: ["query", "dim"],
  edited: ["query", "dim"],
  w_o: ["dim", "hidden"],
  written: ["query", "hidden"],
  b_o: ["one", "hidden"],
  block: ["query", "hidden"],
} as const satisfies Readonly<Record<string, readonly [Axis, Axis]>>;

export type StepName = keyof typeof STEPS;

export const STEP_NAMES = Object.keys(STEPS) as readonly StepName[];

/** The steps of the heads of a layer; with edits, in the pass that has them. */
export interface CalculationQuestion {
  readonly name: "calculation";
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly edits?: readonly Edit[];
}

/**
 * Why steps are missing: there is no model to fetch weights from, the pass has edits, the text was
 * read in windows, the model has no plain projection, values were not given, the attention alone is
 * known, or arrays came without what makes queries.
 */
export const WHY_MISSING = [
  "no_model",
  "edited",
  "windows",
  "not_found",
  "no_values",
  "maps",
  "of_arrays",
] as const;
export type WhyMissing = (typeof WHY_MISSING)[number];

export interface StepMeta {
  readonly name: StepName;
  /** Symbols, as "q = x · W_Q + b_Q". */
  readonly formula: string;
  /** False where it was computed again in float32 from what the model had rounded. */
  readonly is_exact: boolean;
  readonly shape: readonly [rows: number, columns: number];
}

/** By which angles queries and keys are turned: `Rotation` in trace/rotation.py. */
export interface RotationMeta {
  /** The two dimensions that are turned into each other. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Of each pair, in radians from one position to the next. */
  readonly frequencies: readonly number[];
  /** The token at position 0; those before it have position 0 too. */
  readonly first: number;
  /** What those of queries and of keys are multiplied by. */
  readonly scaling: readonly [number, number];
}

export interface CalculationAnswer {
  steps: StepMeta[];
  /** By which scores are multiplied, and what then caps them. */
  scale: number | NotFinite;
  softcap: number | null;
  /** Of queries and keys; 0 where there are none. */
  dim: number;
  /** Before queries, keys and values; and behind what the head gives out. */
  missing: { before: WhyMissing | null; after: WhyMissing | null };
  /** Python's words for it; empty where nothing is missing. */
  reason: string;
  /** Its numbers were computed from arrays that were given, without a model. */
  of_arrays: boolean;
  /** Of the rotated steps; null where there are none, or where their angles are not known. */
  rotation?: RotationMeta | null;
}

/** As `calculated_of` in widget/calculated.py has it. */
export const calculationOf = (
  kind: AttentionKind,
  layer: number,
  edits: readonly Edit[] = [],
): CalculationQuestion => ({
  name: "calculation",
  kind,
  layer,
  ...(edits.length && { edits }),
});
