/** The colours of attention weights, and the legend that says what they mean: one for all views. */

import { SCALE } from "../language/texts/scale";
import type { AppState } from "../state/app_state";
import { exactness } from "../trace/exactness";
import { css } from "./colour";
import { type Ramp, type WeightColours, weightRampOf } from "./colour_maps";
import type { Scale } from "./legend";
import { isUnboundedHere, scaleName } from "./measure_words";
import { headColours } from "./palette";
import { signedColours, signedLegend } from "./signed_colours";
import { LOG_FLOOR, shareOf, TICKS } from "./weight_scale";

export type { WeightColours } from "./colour_maps";

/** Where the scale of what is shown ends: 1, but of a measure whose numbers are no shares. */
const topOf = (state: AppState): number =>
  isUnboundedHere(state) ? state.changeScale.value.top : 1;

/** @param head whose weights they are; null for those of several together, and for none. Where what
 * is shown may lie below 0, the colours are those of differences. */
export function weightColours(
  state: AppState,
  head: number | null,
  top = topOf(state),
): WeightColours {
  if (state.isSigned.value) return signedColours(state, isUnboundedHere(state) ? top : undefined);
  const [map, dark, isLog] = [
    state.colour_map.value,
    state.dark.value,
    state.log_colour.value,
  ] as const;
  const isOfHead = head !== null && state.measure_shown.value?.per !== "layer";
  const own = map === "auto" && isOfHead ? (headColours(head + 1)[head] ?? null) : null;
  const ramp = weightRampOf(map, dark, own);
  const share = (weight: number) => shareOf(weight, isLog, top);
  const of = (weight: number) => ramp(share(weight) || 0);
  return {
    name: [map, dark, isLog, own, top].join(),
    top,
    share,
    ramp,
    of,
    css: (weight) => css(of(weight)),
  };
}

/** Heads that have colours of their own are shown together, so the scale has that of none. */
export function neutralWeightColours(state: AppState, top?: number): WeightColours {
  const colours = weightColours(state, null, top);
  if (state.colour_map.value !== "auto" || colours.isSigned) return colours;
  const ramp = weightRampOf("grey", state.dark.value);
  return { ...colours, ramp, of: (weight) => ramp(colours.share(weight) || 0) };
}

const SHADES = 24;

export const rampCss = (ramp: Ramp): string[] =>
  Array.from({ length: SHADES }, (_, step) => css(ramp(step / (SHADES - 1))));

/** As a weight is written, but in digits where that says only that it is small. */
function endInWords(state: AppState, top: number): string {
  const { numbers } = state;
  if (isUnboundedHere(state)) return numbers.exact(top);
  const said = numbers.weight(top);
  return said.startsWith("<") ? numbers.end(top, exactness().weight) : said;
}

/** `label` where it is not of weights. */
export function weightLegend(state: AppState, colours: WeightColours, label?: string): Scale {
  if (colours.isSigned) return signedLegend(state, colours, label);
  const { ramp, top, share } = colours;
  const { say, numbers } = state;
  const { value: isLog } = state.log_colour;
  const name = label ?? (scaleName(state) || say(SCALE.weight));
  const of = isUnboundedHere(state) ? top : 1;
  return {
    ramp: rampCss(ramp),
    low: isLog ? `≤ ${numbers.exact(of * LOG_FLOOR)}` : "0",
    high: endInWords(state, top),
    label: isLog ? say(SCALE.log, { name }) : name,
    ticks: TICKS[isLog ? "log" : "root"]
      .map((weight) => of * weight)
      .filter((weight) => weight < top)
      .map((weight) => ({ at: share(weight), label: numbers.exact(weight) })),
  };
}
