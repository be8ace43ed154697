/** Colours of effects: blue where what is measured falls without the head, orange where it rises;
 * turns of states, which begin at 0, as scores. */

import { EFFECT } from "../language/texts/effects";
import type { AppState } from "../state/app_state";
import type { Ranked } from "../trace/questions";
import { css, inkOn, mix, rgbIn } from "./colour";
import type { Step } from "./colour_maps";
import { divergingScale } from "./diverging_scale";
import { hatchCss } from "./hatch";
import type { Inks } from "./inks";
import type { LegendItem } from "./legend";
import { type Range, rangeAboutZero, rangeFromZero } from "./range";
import { beyondInWords } from "./scale_words";
import { divergingWithin } from "./scales";
import { scoreRamp, scoreStep } from "./score_colours";

const isOfStates = ({ of }: Pick<Ranked, "of">): boolean => of === "states";

const SCALES = {
  logit: EFFECT.scale,
  difference: EFFECT.scaleOfDifference,
  loss: EFFECT.scaleOfLoss,
};

/** Of all effects that are known. */
export function effectRange(ranked: Ranked): Range {
  const values = Object.values(ranked.effects).flatMap((layers) =>
    layers.flatMap((heads) => heads.flatMap((each) => (each === null ? [] : Number(each)))),
  );
  return isOfStates(ranked) ? rangeFromZero([values]) : rangeAboutZero(values);
}

export function effectStep(state: AppState, ranked: Ranked, range: Range, value: number): Step {
  if (isOfStates(ranked)) return scoreStep(state, range.high ? value / range.high : 0);
  const { value: dark } = state.dark;
  const colour = divergingWithin(value, range.high, dark);
  return { colour: css(colour), ink: css(inkOn(colour, dark)) };
}

/** Of what is hatched. */
export function hatchInks(inks: Inks): { ground: string; line: string } {
  const ground = rgbIn(inks.raised);
  return { ground: css(ground), line: css(mix(ground, rgbIn(inks.soft), 0.6)) };
}

export function effectLegend(state: AppState, ranked: Ranked | null, inks: Inks): LegendItem[] {
  const { say, numbers } = state;
  const { ground, line } = hatchInks(inks);
  const { done = 0, total = 0 } = ranked ?? {};
  const items: LegendItem[] =
    done < total ? [{ colour: ground, hatch: line, label: say(EFFECT.untried) }] : [];
  if (!ranked || !done) return items;
  const range = effectRange(ranked);
  if (!isOfStates(ranked)) {
    const scale = divergingScale(range, 0, state.dark.value, state);
    return [{ ...scale, label: say(SCALES[ranked.metric]) }, ...items];
  }
  const end = (value: number) => numbers.end(value);
  const ramp = scoreRamp(state);
  const beyond = beyondInWords(say, range, end);
  return [
    { ramp, low: "0", high: end(range.high), beyond, label: say(EFFECT.scaleOfStates) },
    ...items,
  ];
}

export const hatchBackground = (inks: Inks): string => {
  const { ground, line } = hatchInks(inks);
  return hatchCss(ground, line);
};
