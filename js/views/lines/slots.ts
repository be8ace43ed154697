/** Which heads the lines are of, and how: each has lines of its own in a slot, or all are one. */

import { css } from "../../draw/colour";
import { layerName, shownHeadsInWords, shownPairsInWords } from "../../draw/measure_words";
import { headColours } from "../../draw/palette";
import { type WeightColours, weightColours } from "../../draw/weight_colours";
import { type HeadsAs, headName } from "../../language/picture_subject";
import { HEADS } from "../../language/texts/heads";
import type { Combine } from "../../measures/edges";
import type { AppState } from "../../state/app_state";
import { layersOfHeads, shownHeads } from "../../state/shown_heads";
import type { LayerHead } from "../../trace/layer_head";
import { LINES } from "./texts";

export const combineOf = (state: AppState): Combine => {
  const { value } = state.combine;
  if (state.pairs.value.length || state.activeHeads.value.length < 2) return "each";
  return value === "mean" || value === "maximum" ? value : "each";
};

/** Heads of one layer, and the slots in which they are drawn. */
export interface LayerSlots {
  layer: number;
  heads: number[];
  slots: number[];
}

export function slotsByLayer(heads: readonly LayerHead[]): LayerSlots[] {
  return layersOfHeads(heads).map((layer) => {
    const slots = heads.flatMap((each, slot) => (each.layer === layer ? [slot] : []));
    return { layer, heads: slots.map((slot) => heads[slot]?.head ?? 0), slots };
  });
}

/** The strongest colour of each bundle of lines, which marks its name. */
export function slotColours(state: AppState): string[] {
  if (combineOf(state) !== "each" || state.measure_shown.value?.per === "layer")
    return [css(weightColours(state, null).ramp(1))];
  return shownHeads(state).map(({ head }) => headColours(head + 1)[head] ?? "");
}

/** Of the weights of each bundle. */
export const slotWeightColours = (state: AppState): WeightColours[] =>
  combineOf(state) === "each"
    ? shownHeads(state).map(({ head }) => weightColours(state, head))
    : [weightColours(state, null)];

/** "head 5", or with its layer where the heads are of several. */
export const nameOf = (state: AppState, head: LayerHead): string =>
  state.measure_shown.value?.per === "layer"
    ? layerName(state, head)
    : state.pairs.value.length
      ? headName(state.say, head)
      : state.say(LINES.head, { head: String(head.head) });

/** More are counted, not named. */
const MOST_NAMED = 3;

/** All of them in one line, as the mean or maximum of all. */
export function allInWords(state: AppState, how: HeadsAs): string {
  const { say } = state;
  const { value: pairs } = state.pairs;
  if (!pairs.length) return shownHeadsInWords(state, state.activeHeads.value, how);
  return pairs.length > MOST_NAMED
    ? say(HEADS.meanOf, { heads: say(HEADS.count, { n: pairs.length }) })
    : shownPairsInWords(state, pairs, how);
}
