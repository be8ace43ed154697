/** What pinning a unit sets: the cosine targets, the selected token, and what colours the text. */

import { batch } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import type { Measure } from "../../trace/options";
import { isAttention, type TextScores } from "./scores";

export interface Pinning {
  /** Pins it alone; or lets go of it, if it was alone. */
  only(unit: number): void;
  /** One more, or one less. */
  toggle(unit: number): void;
  none(): void;
}

export function pinning(state: AppState, { pins, lacking }: TextScores): Pinning {
  /** What to show again once nothing is pinned. */
  let before: Measure = "norm";
  const firstOf = (unit: number) => state.units.value[unit]?.tokens[0];
  const selectedUnit = () => state.unitOfToken.value[state.token.value ?? -1];

  /** As they were pinned, in Python too. */
  const tokensOf = (units: readonly number[]) =>
    state.pinned.value.filter((token) => units.includes(state.unitOfToken.value[token] ?? -1));

  function add(unit: number, others: readonly number[]): void {
    const first = firstOf(unit);
    if (first === undefined) return;
    batch(() => {
      state.pinned.value = [...tokensOf(others), first];
      state.token.value = first;
      if (isAttention(state.measure.value)) return;
      if (lacking.value) {
        state.measure.value = "attention_from";
        return;
      }
      if (state.measure.value === "pinned_cosine") return;
      before = state.measure.value;
      state.measure.value = "pinned_cosine";
    });
  }

  function remove(units: readonly number[]): void {
    batch(() => {
      const left = pins.value.filter((unit) => !units.includes(unit));
      const selected = selectedUnit();
      state.pinned.value = tokensOf(left);
      if (selected !== undefined && units.includes(selected)) state.token.value = null;
      if (!left.length && state.measure.value === "pinned_cosine") state.measure.value = before;
    });
  }

  return {
    only: (unit) => {
      const { value: held } = pins;
      if (held.length === 1 && held[0] === unit) remove([unit]);
      else add(unit, []);
    },
    toggle: (unit) => {
      if (pins.value.includes(unit)) remove([unit]);
      else add(unit, pins.value);
    },
    none: () => {
      if (pins.value.length) remove(pins.value);
    },
  };
}
