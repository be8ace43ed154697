/** The colours of changed probabilities: those of all differences, where the others are shown too. */

import { css, inkOn } from "../../draw/colour";
import type { Step } from "../../draw/colour_maps";
import type { LegendItem } from "../../draw/legend";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import type { AppState } from "../../state/app_state";
import { keptOf, type PredictionData, probabilityOf, type Row } from "./data";

/** Null where the difference is not shown. */
export function changeColours(state: AppState, data: PredictionData, row: Row): Step | null {
  const [found, after] = [data.answer.value, data.after.value];
  if (!state.isDifference.value || !found || !after) return null;
  const colour = weightColours(state, null).of(keptOf(after, row) - probabilityOf(found, row));
  return { colour: css(colour), ink: css(inkOn(colour, state.dark.value)) };
}

export const changeLegend = (state: AppState, data: PredictionData): LegendItem[] =>
  state.isDifference.value && data.after.value
    ? [weightLegend(state, weightColours(state, null))]
    : [];
