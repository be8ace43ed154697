/** What pinning a unit sets: the cosine targets, the selected token, and what colours the text. */

import { batch } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import type { Measure } from "../../trace/options";
import { isAttention, type TextScores } from "./scores";
import { selectedUnit } from "./words";

export type Pinning = ReturnType<typeof pinning>;

export function pinning(state: AppState, { pins, lacking }: TextScores) {
  const { measure } = state;
  /** What to show again once nothing is pinned. */
  let before: Measure = "norm";

  /** As they were pinned, in Python too. */
  const tokensOf = (units: readonly number[]) =>
    state.pinned.value.filter((token) => units.includes(state.unitOfToken.value[token] ?? -1));

  function add(unit: number, others: readonly number[]): void {
    const first = state.units.value[unit]?.tokens[0];
    if (first === undefined) return;
    batch(() => {
      state.pinned.value = [...tokensOf(others), first];
      state.token.value = first;
      if (isAttention(measure.value)) return;
      if (lacking.value) measure.value = "attention_from";
      else if (measure.value !== "pinned_cosine") {
        before = measure.value;
        measure.value = "pinned_cosine";
      }
    });
  }

  function remove(units: readonly number[]): void {
    batch(() => {
      const left = pins.value.filter((unit) => !units.includes(unit));
      const selected = selectedUnit(state);
      state.pinned.value = tokensOf(left);
      if (selected !== undefined && units.includes(selected)) state.token.value = null;
      if (!left.length && measure.value === "pinned_cosine") measure.value = before;
    });
  }

  return {
    /** Pins it alone; or lets go of it, if it was alone. */
    only(unit: number): void {
      const isAlone = pins.value.length === 1 && pins.value[0] === unit;
      if (isAlone) remove([unit]);
      else add(unit, []);
    },
    /** One more, or one less. */
    toggle(unit: number): void {
      if (pins.value.includes(unit)) remove([unit]);
      else add(unit, pins.value);
    },
    none(): void {
      if (pins.value.length) remove(pins.value);
    },
  };
}
