/** The colours of scores that begin at 0, and the ink that is read on them. */

import type { AppState } from "../state/app_state";
import { css, inkOn } from "./colour";
import { rampOf, type Step } from "./colour_maps";
import { signedRampCss, signedRampOf } from "./signed_colours";
import { rampCss } from "./weight_colours";

/** Of a share of the largest. */
export function scoreStep(state: AppState, share: number): Step {
  const { value: dark } = state.dark;
  const colour = rampOf(state.colour_map.value, dark)(Math.min(1, Math.max(0, share || 0)));
  return { colour: css(colour), ink: css(inkOn(colour, dark)) };
}

/** Of how much a score changed, as a share of the largest change: -1 ... 1. */
export function changeStep(state: AppState, share: number): Step {
  const { value: dark } = state.dark;
  const colour = signedRampOf(dark)(Math.min(1, Math.max(-1, share || 0)));
  return { colour: css(colour), ink: css(inkOn(colour, dark)) };
}

export const changeRamp = (state: AppState): string[] =>
  signedRampCss(signedRampOf(state.dark.value));

export const scoreRamp = (state: AppState): string[] =>
  rampCss(rampOf(state.colour_map.value, state.dark.value));
