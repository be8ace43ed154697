/** How the scores of the text are coloured: limits, steps, and what they stand for. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { colourSteps, isDiverging, stepsOf } from "../../draw/colour_maps";
import { type Inks, inksOf } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import { LEAST_SHARE, type Range, rangeAboutZero, rangeOf } from "../../draw/range";
import { alikeInWords, beyondInWords } from "../../draw/scale_words";
import { HEAT_CLASSES, heatStep } from "../../draw/scales";
import { inIsolation } from "../../language/direction";
import { type AppState, watch } from "../../state/app_state";
import { errorOfScore } from "../../trace/exactness";
import type { Unit } from "../../trace/units";
import { type Colours, HUES } from "./passage";
import { isAttention, type TextScores } from "./scores";
import { nameOf } from "./words";

export interface TextColours {
  /** Null where nothing has a score. */
  readonly shown: ReadonlySignal<Colours | null>;
  /** One scale, in one colour or in that of each pin. */
  legend(): LegendItem[];
}

/** `units` are those that the scores are of; `element` gets the colours of the steps. */
export function textColours(
  element: HTMLElement,
  state: AppState,
  { scores, nearest, pins }: TextScores,
  units: () => readonly Unit[],
  abort: AbortSignal,
): TextColours {
  const { say } = state;
  /** Each pin has its colour instead. */
  const map = computed(() => (nearest.value ? "purple" : state.colour_map.value));
  const errorOf = (score: number) => errorOfScore(state.measure.value, state.words.value, score);
  const end = (score: number) => state.numbers.end(score, errorOf(score));
  /** Of the text alone: special tokens would stretch it. */
  const range = computed<Range | null>(() => {
    const { value: numbers } = scores;
    const of = units();
    if (!numbers) return null;
    if (!isDiverging(map.value)) {
      const least = isAttention(state.measure.value) ? LEAST_SHARE : 0;
      return rangeOf(numbers, (unit) => !of[unit]?.special, least, end);
    }
    const spoken = numbers.filter((number, unit) => Number.isFinite(number) && !of[unit]?.special);
    return spoken.length ? rangeAboutZero(spoken) : null;
  });
  const shown = computed<Colours | null>(() => {
    if (!scores.value || !range.value) return null;
    return {
      scores: scores.value,
      range: range.value,
      steps: stepsOf(map.value),
      hues: nearest.value,
      adds: isAttention(state.measure.value),
      write: (score) => state.numbers.glance(score, errorOf(score)),
    };
  });

  watch(abort, () => {
    const { dark } = state;
    const steps = map.value === "purple" ? [] : colourSteps(map.value, dark.value, ["", ""]);
    for (let step = 0; step < HEAT_CLASSES; step++) {
      const { colour = "", ink = "" } = steps[step] ?? {}; // those of the style sheet
      element.style.setProperty(`--aw-heat-${step}`, colour);
      element.style.setProperty(`--aw-heat-ink-${step}`, ink);
    }
  });

  function legend(): LegendItem[] {
    if (!shown.value) return [];
    const { range, steps } = shown.value;
    const { value: dark } = state.dark;
    const inks = inksOf(element, dark);
    const rampOf = (high: keyof Inks) => {
      const colours = colourSteps(map.value, dark, [inks["heat-low"], inks[high]]);
      const places = range.flat ? colours.map(() => heatStep(0, [0, 0], steps)) : colours.keys();
      return Array.from(places, (step) => colours[step]?.colour ?? "");
    };
    const stack = pins.value.map((unit, pin) => ({
      ramp: rampOf(`hue-${pin % HUES}` as keyof Inks),
      label: inIsolation(nameOf(state, state.units.value[unit])),
    }));
    const isAboutZero = isDiverging(map.value);
    return [
      {
        ramp: rampOf("heat-high"),
        low: range.flat ? alikeInWords(say, range, end) : end(range.low),
        high: range.flat ? "" : (isAboutZero ? "+" : "") + end(range.high),
        beyond: beyondInWords(say, range, end),
        ...(isAboutZero ? { middle: "0" } : {}),
        ...(nearest.value ? { stack } : {}),
      },
    ];
  }

  return { shown, legend };
}
