/** The measure that stands in the place of attention, in words: the same in every view. */

import { type HeadsAs, headsInWords, pairsInWords } from "../language/picture_subject";
import { quoted } from "../language/quoted";
import type { Text } from "../language/say";
import { COMPARISON } from "../language/texts/comparison";
import { HEADS } from "../language/texts/heads";
import { MEASURE, MEASURE_TEXTS } from "../language/texts/measures";
import type { AppState } from "../state/app_state";
import { hasNobody } from "../state/nobody";
import { exactness } from "../trace/exactness";
import type { LayerHead } from "../trace/layer_head";
import { MEASURE_FACTS } from "../trace/measures";
import type { Weights } from "../trace/options";

/** "weighted by value α‖v‖" */
export const nameOfMeasure = ({ say }: Pick<AppState, "say">, name: Weights): string =>
  say(MEASURE.named, { name: say(MEASURE_TEXTS[name].name), formula: MEASURE_FACTS[name].formula });

/** That of the view; empty for attention. */
export function shownName(state: AppState): string {
  const { value: measure } = state.measure_shown;
  return measure ? state.say(MEASURE_TEXTS[measure.name].name) : "";
}

/** A text that names the measure of the view; empty for attention. */
export function namingMeasure(state: AppState, text: Text): string {
  const name = shownName(state);
  return name && state.say(text, { measure: quoted(state.say, name) });
}

/** The same in signs. */
export function shownFormula(state: AppState): string {
  const { value: measure } = state.measure_shown;
  return measure ? measure.formula : "";
}

/** What a scale of the view is of: the measure, and where it ends; empty for attention. */
export function scaleName(state: AppState): string {
  const { value: measure } = state.measure_shown;
  if (!measure) return "";
  const name = shownFormula(state);
  return isUnboundedHere(state) ? state.say(MEASURE.largest, { name }) : name;
}

/** Whether its numbers are no shares of 1. */
export const isUnboundedHere = ({ measure_shown }: AppState): boolean =>
  measure_shown.value !== null && measure_shown.value.scale !== "share";

/** A number that stands for a weight, with its sign where it may lie below 0; in words what a
 * difference has not: that of a token without a partner. */
export function valueInWords(state: AppState, value: number, error?: number): string {
  if (Number.isNaN(value) && hasNobody(state)) return state.say(COMPARISON.nobody);
  const { numbers, isDifference, isSigned, measure_shown } = state;
  const off = measure_shown.value ? 0 : error; // a page rounds attention alone
  if (isUnboundedHere(state)) {
    const said = numbers.glance(value, 0);
    return isSigned.value && value > 0 ? `+${said}` : said;
  }
  if (isDifference.value) return numbers.change(value, off ?? 2 * exactness().weight);
  return off === undefined ? numbers.weight(value) : numbers.share(value, off);
}

/** "head 3", "mean of heads 0–11", or the whole layer where the measure is of that. */
export const shownHeadsInWords = (
  state: AppState,
  heads: readonly number[],
  how: HeadsAs,
): string =>
  state.measure_shown.value?.per === "layer"
    ? state.say(MEASURE.wholeLayer)
    : headsInWords(state.say, heads, how);

/** "layer 2, the whole layer" */
export const layerName = ({ say }: AppState, { layer }: LayerHead): string =>
  say(HEADS.ofLayer, { layer: String(layer), heads: say(MEASURE.wholeLayer) });

/** Heads of several layers; of a measure of whole layers these. */
export function shownPairsInWords(
  state: AppState,
  pairs: readonly LayerHead[],
  how: HeadsAs,
): string {
  if (state.measure_shown.value?.per !== "layer") return pairsInWords(state.say, pairs, how);
  return pairs.map((pair) => layerName(state, pair)).join("; ");
}

/** What stands in the header of a view: which measure it shows, and whether that is exact. */
export function measureTitle(state: AppState): string {
  const { value: measure } = state.measure_shown;
  if (!measure) return "";
  const sure = state.say(measure.isExact ? MEASURE.exact : MEASURE.estimate);
  return `${nameOfMeasure(state, measure.name)}, ${sure}`;
}
