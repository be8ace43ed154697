/** The colours of differences: one scale for all views, as far to both sides of 0. */

import { DIFFERENCE } from "../language/texts/difference";
import { SCALE } from "../language/texts/scale";
import type { AppState } from "../state/app_state";
import { css } from "./colour";
import { type Ramp, type Step, stepsAlong, type WeightColours, weightRampOf } from "./colour_maps";
import type { Scale } from "./legend";
import { scaleName } from "./measure_words";
import { HEAT_CLASSES, heatStep } from "./scales";
import { signedShareOf } from "./weight_scale";

/** Of a share of the scale, -1 ... 1. */
export const signedRampOf = (dark: boolean): Ramp => weightRampOf("diverging", dark);

const SHADES = 33;

export const signedRampCss = (ramp: Ramp): string[] =>
  Array.from({ length: SHADES }, (_, step) => css(ramp((2 * step) / (SHADES - 1) - 1)));

/** Blue below 0 and orange above it, whatever palette weights have. */
export function signedColours(state: AppState, top = state.changeScale.value.top): WeightColours {
  const [dark, isLog] = [state.dark.value, state.log_colour.value];
  const ramp = signedRampOf(dark);
  const share = (change: number) => signedShareOf(change, isLog, top);
  const of = (change: number) => ramp(share(change) || 0);
  return {
    name: ["signed", dark, isLog, top].join(),
    top,
    isSigned: true,
    share,
    ramp,
    of,
    css: (change) => css(of(change)),
  };
}

/** Steps of a text: as many below 0 as above it. */
const STEPS = HEAT_CLASSES - 1;

export const signedStepOf = (share: number): number => heatStep(share, [-1, 1], STEPS);

export const signedSteps = (dark: boolean): Step[] =>
  stepsAlong((share) => signedRampOf(dark)(2 * share - 1), dark, STEPS);

/** Of a difference that it is one, and of what; else the measure. */
function signedName(state: AppState): string {
  const [name, change] = [scaleName(state), state.say(DIFFERENCE.label)];
  if (!state.isDifference.value) return name;
  return name ? `${name}, ${change}` : change;
}

/** Of the end of the scale. */
const TICKS = { root: [0.25], log: [0.01] } as const;

export function signedLegend(
  state: AppState,
  { ramp, top, share }: WeightColours,
  label?: string,
): Scale {
  const { say, numbers } = state;
  const { value: isLog } = state.log_colour;
  const name = label ?? signedName(state);
  const { value: common } = state.changeScale;
  const isOpen = common.isOpen && top === common.top;
  const sizes = TICKS[isLog ? "log" : "root"].map((share) => share * top);
  const ticks = [...sizes.map((size) => -size), 0, ...sizes];
  return {
    ramp: signedRampCss(ramp),
    low: `${isOpen ? "≤ " : ""}−${numbers.exact(top)}`,
    high: `${isOpen ? "≥ " : ""}+${numbers.exact(top)}`,
    label: isLog ? say(SCALE.log, { name }) : name,
    isWide: true,
    ticks: ticks.map((change) => ({ at: (1 + share(change)) / 2, label: numbers.exact(change) })),
  };
}
