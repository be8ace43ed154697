/** How the scores of the text are coloured: limits, steps, and the custom properties of a map. */

import { computed } from "@preact/signals-core";
import { colourSteps, isDiverging, stepsOf } from "../../draw/colour_maps";
import { LEAST_SHARE, type Range, rangeAboutZero, rangeOf } from "../../draw/range";
import { HEAT_CLASSES } from "../../draw/scales";
import type { AppState } from "../../state/app_state";
import { errorOfScore } from "../../trace/exactness";
import type { Unit } from "../../trace/units";
import type { Scale } from "./legend";
import type { Colours } from "./passage";
import { isAttention, type TextScores } from "./scores";
import { nameOf } from "./words";

export interface TextColours {
  /** Null where nothing has a score. */
  readonly value: Colours | null;
  scale(): Scale | null;
  /** Sets the colours of the steps on an element; those of the style sheet need none. */
  apply(element: HTMLElement): void;
}

/** `units` are those that the scores are of. */
export function textColours(
  state: AppState,
  { scores, nearest, pins }: TextScores,
  units: () => readonly Unit[],
): TextColours {
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
  const colours = computed<Colours | null>(() => {
    if (!scores.value || !range.value) return null;
    const { low, high, flat } = range.value;
    return {
      scores: scores.value,
      limits: flat ? [low, low] : [low, high],
      range: range.value,
      steps: stepsOf(map.value),
      hues: nearest.value,
      write: (score) => state.numbers.glance(score, errorOf(score)),
    };
  });
  let applied = "";

  return {
    get value() {
      return colours.value;
    },
    scale() {
      const { value: shown } = colours;
      if (!shown) return null;
      const names = nearest.value
        ? pins.value.map((unit) => nameOf(state, state.units.value[unit]))
        : [];
      const { say } = state;
      return { ...shown, say, map: map.value, end, diverging: isDiverging(map.value), names };
    },
    apply({ style }) {
      const wanted = `${map.value} ${state.dark.value}`;
      if (wanted === applied) return;
      applied = wanted;
      const steps =
        map.value === "purple" ? [] : colourSteps(map.value, state.dark.value, ["", ""]);
      for (let step = 0; step < HEAT_CLASSES; step++) {
        const { colour = "", ink = "" } = steps[step] ?? {};
        style.setProperty(`--aw-heat-${step}`, colour); // empty removes it
        style.setProperty(`--aw-heat-ink-${step}`, ink);
      }
    },
  };
}
