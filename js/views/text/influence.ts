/** What each unit has to do with a prediction, and whether attention says the same. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { type Agreement, agreementOf } from "../../measures/agreement";
import { perUnit } from "../../measures/cosines";
import type { AppState } from "../../state/app_state";
import type { Model } from "../../tensors/answer";
import { attentionRow } from "../../tensors/attention_row";
import { influenceOf, removalKnown } from "../../tensors/influence";
import type { TensorSource } from "../../tensors/source";
import { type Influence, isInfluence } from "../../trace/influence";
import { type Unit, unitOfToken } from "../../trace/units";
import { rowsOf } from "./pass_scores";

export interface InfluenceScores {
  /** What is known; null where the text shows something else. */
  readonly answer: ReadonlySignal<Influence | null>;
  /** By unit, NaN for what is not known yet; null while nothing is. */
  readonly scores: ReadonlySignal<Float64Array | null>;
  /** Units that say little by themselves. */
  readonly apart: ReadonlySignal<ReadonlySet<number>>;
  /** Whether the pass after edits is shown, which the model is not asked about. */
  readonly isOfBefore: ReadonlySignal<boolean>;
  /** What is shown, against removal, once all of that is known. */
  readonly agreement: ReadonlySignal<Compared | null>;
}

export interface Compared extends Agreement {
  of: "attention" | "integrated_gradients";
  /** The query whose attention it is. */
  position: number;
  /** The units that both order. */
  units: readonly Unit[];
  /** What is removed. */
  exact: Influence;
  /** The largest change of all that are ordered. */
  most: number;
}

/** By unit what is known of its tokens. */
function byUnit({ groups, values }: Influence, units: readonly Unit[]): Float64Array {
  const unitOf = unitOfToken(units);
  const found = new Float64Array(units.length).fill(Number.NaN);
  groups.forEach(([first = -1], index) => {
    const unit = unitOf[first];
    const value = values[index];
    if (unit !== undefined && value !== null && value !== undefined) found[unit] = Number(value);
  });
  return found;
}

const apartIn = ({ apart, groups }: Influence, units: readonly Unit[]): Set<number> => {
  const unitOf = unitOfToken(units);
  return new Set(apart.flatMap((group) => unitOf[groups[group]?.[0] ?? -1] ?? []));
};

export function influenceScores(
  state: AppState,
  model: Model,
  keyUnits: ReadonlySignal<Unit[]>,
  source: TensorSource,
  abort: AbortSignal,
): InfluenceScores {
  const influencing = influenceOf(state, model);
  const isShown = computed(() => isInfluence(state.measure.value));
  const isOfBefore = computed(() => isShown.value && state.pass.value !== null);
  influencing.follow(abort, () => isShown.value && !isOfBefore.value);
  const answer = computed(() => {
    const { value: found } = influencing.known;
    const isRefused = influencing.error.value !== null && found?.measure !== "removal";
    return isShown.value && !isOfBefore.value && !isRefused ? found : null;
  });
  const scores = computed(() => answer.value && byUnit(answer.value, keyUnits.value));
  const apart = computed(
    (): ReadonlySet<number> => (answer.value ? apartIn(answer.value, keyUnits.value) : new Set()),
  );

  /** All of the removal of what is selected, however it came to be known. */
  const removal = computed((): Influence | null => {
    const { value: found } = answer;
    void influencing.known.value;
    void state.meta.value;
    if (found?.measure === "removal") return found.done === found.total ? found : null;
    const isComparable = found !== null || state.measure.value === "attention_from";
    return isComparable && state.pass.value === null ? (removalKnown(state, model) ?? null) : null;
  });
  const rows = (): number[] => {
    const position = removal.value?.position ?? null;
    if (position === null || answer.value?.measure === "integrated_gradients") return [];
    const row = state.sides.value.queries.toRow.get(position);
    return row === undefined ? [] : [row];
  };
  const given = attentionRow(state, source, abort, rows, false);
  const agreement = computed((): Compared | null => {
    const { value: exact } = removal;
    const { value: units } = keyUnits;
    if (!exact || exact.position === null) return null;
    const changes = byUnit(exact, units);
    const left = apartIn(exact, units);
    const counts = (unit: number) => !left.has(unit) && !units[unit]?.special;
    const isShares = answer.value?.measure === "integrated_gradients";
    const isWhole = isShares && answer.value?.gap !== null && !influencing.isRunning.value;
    if (isShares && !isWhole) return null;
    const other = isShares ? scores.value : attention();
    const found = other && agreementOf(other, changes, counts);
    const of = isShares ? ("integrated_gradients" as const) : ("attention" as const);
    const most = Math.max(
      ...Array.from(changes, Math.abs).filter((size, unit) => size >= 0 && counts(unit)),
    );
    return found && { ...found, of, position: exact.position, units, exact, most };
  });
  function attention(): Float64Array | null {
    const { heads, tokens } = given.value;
    const { value: active } = state.activeHeads;
    if (!heads || !tokens.length || !active.length) return null;
    const weights = active.map((head) => heads[head] ?? []);
    return perUnit(
      weights,
      keyUnits.value.map((unit) => rowsOf(unit, state.sides.value.keys)),
    );
  }

  return { answer, scores, apart, isOfBefore, agreement };
}
