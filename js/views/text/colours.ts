/** How the scores of the text are coloured: limits, steps, and what they stand for. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { rgbIn } from "../../draw/colour";
import {
  colourSteps,
  isDiverging,
  isFading,
  type Step,
  stepsAlong,
  stepsOf,
} from "../../draw/colour_maps";
import { type Inks, inksOf } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import { mixInOklab } from "../../draw/oklab";
import { endsRange, type Range, rangeAboutZero, rangeOf, UNIT_RANGE } from "../../draw/range";
import { alikeInWords, beyondInWords } from "../../draw/scale_words";
import { HEAT_CLASSES, heatStep } from "../../draw/scales";
import { signedStepOf, signedSteps } from "../../draw/signed_colours";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import { stepOf } from "../../draw/weight_scale";
import { inIsolation } from "../../language/direction";
import { DIFFERENCE } from "../../language/texts/difference";
import { limitsOf } from "../../measures/min_max";
import { type AppState, watch } from "../../state/app_state";
import { errorOfScore } from "../../trace/exactness";
import { isInfluence } from "../../trace/influence";
import type { ColourMap } from "../../trace/options";
import { influenceScale } from "./influence_words";
import { MEASURE, TEXT_OPTIONS } from "./option_texts";
import { type Colours, HUES } from "./passage";
import type { Passages } from "./passages";
import { isAttention, type TextScores } from "./scores";
import { nameOf, scalesToEnds, scoreInWords } from "./words";

export interface TextColours {
  /** Null where nothing has a score. */
  readonly shown: ReadonlySignal<Colours | null>;
  /** How colours lie over an image: ever more of one, from none in the middle, or each as it is. */
  readonly blend: ReadonlySignal<"fades" | "diverges" | "covers">;
  /** One scale, in one colour or in that of each pin. */
  legend(): LegendItem[];
}

/** `element` gets the colours of the steps. */
export function textColours(
  element: HTMLElement,
  state: AppState,
  { scores, nearest, pins, influence }: TextScores,
  { colouredUnits: units, coloursPicture }: Passages,
  abort: AbortSignal,
): TextColours {
  const { say } = state;
  const showsInfluence = () => isInfluence(state.measure.value);
  const isWeight = () => isAttention(state.measure.value);
  /** Blue below 0 and orange above it. A measure in the place of attention has no part in norms and
   * cosines. */
  const isSigned = () =>
    isWeight() ? state.isSigned.value : state.isDifference.value || showsInfluence();
  /** Each pin has its colour instead. */
  const map = computed<ColourMap>(() =>
    isSigned() ? "diverging" : nearest.value ? "auto" : state.colour_map.value,
  );
  /** An image has so many patches that each gets next to nothing: the scale ends at the most. */
  const top = computed<number | undefined>(() => {
    const { value: numbers } = scores;
    if (!isWeight() || !numbers || !coloursPicture() || isSigned()) return undefined;
    const of = units();
    const weights = numbers.filter((score, unit) => score > 0 && !of[unit]?.special);
    return weights.length ? Math.max(...weights) : undefined;
  });
  /** The weights are those of one head, or the mean of several. */
  const weights = computed(() => {
    const [head = null, second] = state.activeHeads.value;
    return weightColours(state, second === undefined ? head : null, top.value);
  });
  const errorOf = (score: number) =>
    errorOfScore(state.measure.value, state.rows.value !== "tokens", score);
  const end = (score: number) => state.numbers.end(score, errorOf(score));
  /** Of the text alone: special tokens would stretch it. */
  const range = computed<Range | null>(() => {
    const { value: numbers } = scores;
    const of = units();
    if (!numbers) return null;
    if (isWeight()) return UNIT_RANGE;
    if (scalesToEnds(state)) {
      const limits = limitsOf(numbers, (unit) => !of[unit]?.special);
      return limits && endsRange(limits.low, limits.high, end);
    }
    if (!isDiverging(map.value)) {
      return rangeOf(numbers, (unit) => !of[unit]?.special, 0, end);
    }
    const left = influence.apart.value;
    const isSpoken = (number: number, unit: number) =>
      Number.isFinite(number) && !of[unit]?.special && !left.has(unit);
    const spoken = numbers.filter(isSpoken);
    return spoken.length ? rangeAboutZero(spoken) : null;
  });
  const shown = computed<Colours | null>(() => {
    const hasHeads = !isWeight() || state.activeHeads.value.length > 0;
    if (!scores.value || !range.value || !hasHeads) return null;
    const { low, high, flat } = range.value;
    void state.number_format.value; // scores are written later
    const steps = stepsOf(map.value);
    const { share, isSigned: isAboutZero } = weights.value;
    const stepOfWeight = (score: number) =>
      isAboutZero ? signedStepOf(share(score)) : stepOf(share(score));
    return {
      scores: scores.value,
      range: range.value,
      stepOf: isWeight()
        ? stepOfWeight
        : (score) => heatStep(score, [low, flat ? low : high], steps),
      hues: nearest.value,
      adds: isAttention(state.measure.value),
      write: (score) => scoreInWords(state, score),
    };
  });

  const blend = computed(() => {
    if (isDiverging(map.value)) {
      return isWeight() && !isSigned() ? "fades" : "diverges";
    }
    return isFading(map.value) ? "fades" : "covers";
  });

  watch(abort, () => {
    const steps = stepColours();
    for (let step = 0; step < HEAT_CLASSES; step++) {
      const { colour = "", ink = "" } = steps[step] ?? {}; // those of the style sheet
      element.style.setProperty(`--aw-heat-${step}`, colour);
      element.style.setProperty(`--aw-heat-ink-${step}`, ink);
    }
  });

  /** None where each pin has its own. */
  function stepColours(): Step[] {
    const { value: dark } = state.dark;
    if (nearest.value) return [];
    if (isSigned()) return signedSteps(dark);
    return isWeight() ? stepsAlong(weights.value.ramp, dark) : colourSteps(map.value, dark);
  }

  function scaleLabel(): string {
    const { value: found } = influence.answer;
    if (found) return influenceScale(state, found);
    return say(state.isDifference.value ? DIFFERENCE.label : MEASURE[state.measure.value]);
  }

  function legend(): LegendItem[] {
    if (!shown.value) return [];
    if (isWeight()) return [weightLegend(state, weights.value)];
    const { range } = shown.value;
    const { value: dark } = state.dark;
    const inks = inksOf(element, dark);
    const steps = stepsOf(map.value);
    const rampOf = (colours: readonly { colour: string }[]) => {
      const places = range.flat ? colours.map(() => heatStep(0, [0, 0], steps)) : colours.keys();
      return Array.from(places, (step) => colours[step]?.colour ?? "");
    };
    const rampOfHue = (high: keyof Inks) => {
      const [from, to] = [rgbIn(inks.raised), rgbIn(inks[high])];
      return (share: number) => mixInOklab(from, to, share);
    };
    const stack = pins.value.map((unit, pin) => ({
      ramp: rampOf(stepsAlong(rampOfHue(`hue-${pin % HUES}` as keyof Inks), dark)),
      label: inIsolation(nameOf(state, state.units.value[unit])),
    }));
    const isAboutZero = isDiverging(map.value);
    return [
      {
        ramp: rampOf(isSigned() ? signedSteps(dark) : colourSteps(map.value, dark)),
        label: scalesToEnds(state) ? say(TEXT_OPTIONS.min_max.label) : scaleLabel(),
        low: range.flat ? alikeInWords(say, range, end) : end(range.low),
        high: range.flat ? "" : (isAboutZero ? "+" : "") + end(range.high),
        beyond: beyondInWords(say, range, end),
        ...(isAboutZero ? { ticks: [{ at: 0.5, label: "0" }] } : {}),
        ...(nearest.value ? { stack } : {}),
      },
    ];
  }

  return { shown, blend, legend };
}
