/** Which matrices make the next one: the steps of a head's calculation, in its order. */

import { STEPS, type StepMeta, type StepName } from "../../trace/calculation";

/** How a step comes of those before it. */
export interface Operation {
  readonly name: StepName;
  /** What it is made of; null where that is not known, or where it is what comes in. */
  readonly left: StepName | null;
  /** What that is multiplied with or added to; null where each number changes by itself or with its
   * row. */
  readonly right: StepName | null;
  readonly sign: "·" | "+";
  /** Whether rows of the right one are multiplied with rows of the left one. */
  readonly isTransposed: boolean;
  /** What is added to each row. */
  readonly plus: StepName | null;
  /** The column that takes part beside the left one, and what becomes of it beside the result. */
  readonly sink: StepName | null;
  readonly sunk: StepName | null;
}

interface Rule {
  /** The first of each that is there takes part; of stages of one side the last before the step. */
  readonly left?: readonly StepName[];
  readonly right?: readonly StepName[];
  readonly plus?: StepName;
  readonly sign?: "+";
  readonly isTransposed?: true;
}

const QUERIES = ["q", "q_normed", "q_scaled", "q_rotated"] as const;
const KEYS = ["k", "k_normed", "k_scaled", "k_rotated"] as const;
const VALUES = ["v", "v_normed", "v_scaled"] as const;
const SIDES: readonly (readonly StepName[])[] = [QUERIES, KEYS, VALUES];
const LOGITS = ["masked", "scaled", "scores"] as const;

const RULES: { readonly [N in StepName]?: Rule } = {
  hidden: {},
  input: { left: ["hidden"] },
  q: { left: ["input"], right: ["w_q"], plus: "b_q" },
  q_normed: { left: QUERIES },
  q_scaled: { left: QUERIES },
  q_rotated: { left: QUERIES },
  key_input: {},
  k: { left: ["key_input", "input"], right: ["w_k"], plus: "b_k" },
  k_normed: { left: KEYS },
  k_scaled: { left: KEYS },
  k_rotated: { left: KEYS },
  value_input: {},
  v: { left: ["value_input", "key_input", "input"], right: ["w_v"], plus: "b_v" },
  v_normed: { left: VALUES },
  v_scaled: { left: VALUES },
  scores: { left: QUERIES, right: KEYS, isTransposed: true },
  scaled: { left: ["scores"] },
  masked: { left: LOGITS.slice(1), right: ["bias"], sign: "+" },
  weights: { left: LOGITS },
  output: { left: ["weights"], right: VALUES },
  edited: { left: ["output"] },
  written: { left: ["edited", "output"], right: ["w_o"] },
  block: { left: ["written"], plus: "b_o" },
};

/** What is multiplied or added comes in beside the results, and is none itself. */
export const isPart = (name: StepName): boolean => !(name in RULES);

type Steps = readonly Pick<StepMeta, "name">[];

/** The results, in order: what a reader steps through. */
export const resultsOf = <S extends Pick<StepMeta, "name">>(steps: readonly S[]): S[] =>
  steps.filter(({ name }) => !isPart(name));

export function operationOf(name: StepName, steps: Steps): Operation {
  const { left = [], right = [], plus, sign, isTransposed }: Rule = RULES[name] ?? {};
  const order = steps.map((step) => step.name);
  const own = order.includes(name) ? order.indexOf(name) : order.length;
  const first = (names: readonly StepName[]) =>
    SIDES.some((side) => side === names) // a model may turn before its norm, or after it
      ? (order
          .slice(0, own)
          .filter((each) => names.includes(each))
          .at(-1) ?? null)
      : (names.find((each) => order.includes(each)) ?? null);
  const [made, other] = [first(left), first(right)];
  // Of a product whose one side is not known the other explains nothing.
  const isKnown = made !== null && (!right.length || other !== null || sign === "+");
  return {
    name,
    left: isKnown ? made : null,
    right: isKnown ? other : null,
    sign: sign ?? "·",
    isTransposed: isKnown && isTransposed === true,
    plus: isKnown && plus ? first([plus]) : null,
    sink: isKnown && name === "weights" ? first(["sink"]) : null,
    sunk: isKnown && name === "weights" ? first(["sunk"]) : null,
  };
}

/** All matrices of an operation. */
export const matricesOf = ({ left, sink, right, plus, name, sunk }: Operation): StepName[] =>
  [left, sink, right, plus, name, sunk].filter((each) => each !== null);

/** The result that is shown: the one that was chosen or has the chosen one as a part; else the
 * nearest after it; else the last. */
export function shownStep(chosen: StepName, steps: readonly StepMeta[]): StepMeta | null {
  const results = resultsOf(steps);
  const order = Object.keys(STEPS);
  const from = order.indexOf(chosen);
  return (
    results.find(({ name }) => name === chosen) ??
    results.find(({ name }) => matricesOf(operationOf(name, steps)).includes(chosen)) ??
    results.find(({ name }) => order.indexOf(name) >= from) ??
    results.at(-1) ??
    null
  );
}
