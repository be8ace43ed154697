/** The colours of changed probabilities, where the other views show differences. */

import { css, inkOn } from "../../draw/colour";
import type { Step, WeightColours } from "../../draw/colour_maps";
import type { LegendItem } from "../../draw/legend";
import { signedColours } from "../../draw/signed_colours";
import { weightLegend } from "../../draw/weight_colours";
import type { AppState } from "../../state/app_state";
import { keptOf, type PredictionData, probabilityOf, type Row } from "./data";

/** Null where the difference is not shown. */
export function changeColours(state: AppState, data: PredictionData, row: Row): Step | null {
  const [found, after] = [data.answer.value, data.after.value];
  if (!state.isDifference.value || !found || !after) return null;
  const colour = ofProbabilities(state).of(keptOf(after, row) - probabilityOf(found, row));
  return { colour: css(colour), ink: css(inkOn(colour, state.dark.value)) };
}

export const changeLegend = (state: AppState, data: PredictionData): LegendItem[] =>
  state.isDifference.value && data.after.value ? [weightLegend(state, ofProbabilities(state))] : [];

/** A probability may change by more than any weight does. */
const ofProbabilities = (state: AppState): WeightColours => signedColours(state, 1);
