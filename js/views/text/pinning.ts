/** What pinning a unit sets: the cosine targets, the selected token, and what colours the text. */

import { batch } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import type { Measure } from "../../trace/options";
import { hasVectors } from "./pass_scores";
import { isAttention, type TextScores } from "./scores";
import { selectedUnit } from "./words";

export type Pinning = ReturnType<typeof pinning>;

export function pinning(state: AppState, { pins }: TextScores) {
  const { measure } = state;
  /** What to show again once nothing is pinned. */
  let before: { measure: Measure; token: number | null } = { measure: "norm", token: null };

  /** As they were pinned, in Python too. */
  const tokensOf = (units: readonly number[]) =>
    state.pinned.value.filter((token) => units.includes(state.unitOfToken.value[token] ?? -1));

  function add(unit: number, others: readonly number[]): void {
    const first = state.units.value[unit]?.tokens[0];
    if (first === undefined) return;
    const { same } = state.sides.value;
    batch(() => {
      const { value: token } = state.token;
      state.pinned.value = [...tokensOf(others), first];
      state.token.value = first;
      // Attention to another text is a picture of that text, which has no cosines to this one.
      if (isAttention(measure.value) && !same) return;
      if (!hasVectors(state)) {
        if (!isAttention(measure.value)) measure.value = "attention_from";
      } else if (measure.value !== "pinned_cosine") {
        before = { measure: measure.value, token };
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
      if (left.length || measure.value !== "pinned_cosine") return;
      measure.value = before.measure;
      // What attention was from is selected again, as it was before the pin.
      if (before.measure === "attention_from") state.token.value ??= before.token;
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
